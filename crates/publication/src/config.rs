//! The configuration: `masthead.toml`, with what was set at the desk in place of its own parts.
//!
//! [`masthead_settings`] has the schema. This module reads the file and builds the [`Publication`]. Reading blocks.

mod mistakes;
mod restart;
mod warnings;

use std::{io, path::Path, sync::Arc};

use masthead_access::message::Messages;
use masthead_editorial::{Logo, Section};
use masthead_settings::{
    AppearanceSettings, CheckedSettings, DeskSettings, DeskVersions, MailSettings, OpenidSettings,
    PaymentsSettings, PicturesSettings, PublisherSettings, ServerSettings, SettingsError,
    TextError, TlsSettings, desk::PartError,
};

use crate::{
    accent::Accent,
    publication::{AddressRules, Publication, Sales},
};

/// A checked configuration.
pub struct Config {
    /// The publication and its policy.
    pub publication: Publication,
    /// Where and how it is served.
    pub server: ServerSettings,
    /// The certificates that it is served with.
    pub tls: TlsSettings,
    /// Where pictures are stored.
    pub pictures: PicturesSettings,
    /// How mail is sent.
    pub mail: MailSettings,
    /// The payment processor.
    pub payments: PaymentsSettings,
    /// The OpenID providers with which readers can sign in.
    pub openid: Vec<OpenidSettings>,
    /// The text of the file.
    pub text: String,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// There is no file.
    #[error(
        "{path} is not there; run `masthead init DIR` to start a publication, or name its directory with --dir"
    )]
    Missing {
        /// The file.
        path: String,
    },
    /// The file is not UTF-8.
    #[error("{path}, line {line}: this is not UTF-8; save the file in the encoding UTF-8")]
    NotUtf8 {
        /// The file.
        path: String,
        /// The first line that is not, from 1.
        line: usize,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read ({reason}); check who owns it and its mode")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Something in the file is wrong.
    #[error("{path}, {error}")]
    File {
        /// The file.
        path: String,
        /// Where in it, and why.
        #[source]
        error: TextError,
    },
    /// What was set at the desk cannot be read.
    #[error("what was set at the desk does not fit: {0}")]
    Part(#[from] PartError),
    /// What was set at the desk and the file do not fit together.
    #[error("what was set at the desk does not fit: {0}")]
    Desk(#[from] SettingsError),
}

impl Config {
    /// Reads a configuration file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::read_with(path, &DeskSettings::default())
    }

    /// Reads a configuration file, with what was set at the desk in place of its own parts.
    pub fn read_with(path: &Path, desk: &DeskSettings) -> Result<Self, ConfigError> {
        let text = read_text(path)?;
        Self::parse(&text, &path.display().to_string(), desk)
    }

    /// Reads the text of the configuration file at `path`, with what was set at the desk in place of its own parts.
    pub fn parse(text: &str, path: &str, desk: &DeskSettings) -> Result<Self, ConfigError> {
        let file = PublisherSettings::from_toml(text)
            .map_err(|error| ConfigError::File { path: path.to_owned(), error })?;
        let settings = desk.replace_in(file)?;
        let checked = settings.check()?;
        Ok(Self::new(settings, checked, desk.versions.clone(), text))
    }

    fn new(
        settings: PublisherSettings,
        checked: CheckedSettings,
        desk_versions: DeskVersions,
        text: &str,
    ) -> Self {
        let publication = publication(&settings, checked, desk_versions);
        let PublisherSettings { server, tls, pictures, mail, payments, openid, .. } = settings;
        Self { publication, server, tls, pictures, mail, payments, openid, text: text.to_owned() }
    }

    /// The sections that manuscripts may name.
    pub fn sections(&self) -> Vec<Section> {
        let styles = self.publication.sections.iter();
        styles.map(|s| Section { slug: s.slug.clone(), name: s.name.clone() }).collect()
    }
}

/// The publication that settings describe. The demonstration, and how readers pay, are decided by those who open it.
fn publication(
    settings: &PublisherSettings,
    checked: CheckedSettings,
    desk_versions: DeskVersions,
) -> Publication {
    let CheckedSettings {
        locale,
        policy,
        teaser,
        crawlers,
        sections,
        menus,
        topics,
        fronts,
        strips,
        catalogue,
        grace,
        folds_addresses,
        cancels_at_once,
        withdrawal,
        messages: own_messages,
        experiment,
        breaking,
    } = checked;
    let mut messages = Messages::built_in(!catalogue.is_empty(), policy.window, locale.language());
    messages.replace(own_messages.clone());
    Publication {
        desk_versions,
        name: settings.publication.name.clone(),
        tagline: settings.publication.tagline.clone(),
        address: settings.publication.address.clone(),
        locale: Arc::new(locale),
        slugs: settings.publication.slugs,
        policy,
        messages,
        own_messages,
        experiment,
        sections,
        menus,
        topics,
        fronts,
        strips,
        breaking,
        teaser,
        crawlers,
        http: (&settings.server).into(),
        is_demo: false,
        sales: Sales::Open,
        catalogue,
        grace,
        addresses: AddressRules { smtputf8: settings.mail.smtputf8, are_folded: folds_addresses },
        withdrawal,
        cancels_at_once,
        transfer: settings.payments.transfer.clone(),
        seller: settings.payments.seller.clone(),
        includes_tax: settings.payments.tax,
        accent: Accent::new(&settings.appearance),
        logo: logo(&settings.appearance),
        retention: settings.retention,
        backups: settings.backups,
    }
}

fn logo(AppearanceSettings { logo, logo_dark, .. }: &AppearanceSettings) -> Option<Logo> {
    let dark = logo_dark.clone();
    logo.clone().map(|light| Logo { light, dark })
}

fn read_text(file: &Path) -> Result<String, ConfigError> {
    let path = file.display().to_string();
    let content = match std::fs::read(file) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ConfigError::Missing { path });
        }
        Err(error) => return Err(ConfigError::Unreadable { path, reason: error.to_string() }),
    };
    String::from_utf8(content).map_err(|error| {
        let (valid, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let line = valid.split(|byte| *byte == b'\n').count();
        ConfigError::NotUtf8 { path, line }
    })
}

#[cfg(test)]
mod tests;
