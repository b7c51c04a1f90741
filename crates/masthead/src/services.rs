//! External services.

use std::{path::absolute, sync::Arc};

use masthead_backup::MIN_PASSPHRASE;
use masthead_desk::{BackupPlace, MailFacts};
use masthead_identity::openid::Provider;
use masthead_mail::{RelayError, SmtpRelay};
use masthead_media::{Bucket, MediaLibrary};
use masthead_payments::Processor;
use masthead_publication::{Sales, config::Config};
use masthead_settings::{
    MailSettings, OpenidSettings, PaymentsSettings, PicturesSettings, environment,
};
use masthead_site::Settings;
use masthead_telemetry::security::SecurityLog;
use rustix::system::uname;
use url::Url;

use crate::{error::CliError, folder::Folder};

/// The services that a site uses, made from the configuration.
pub struct SiteServices {
    /// Where pictures are kept.
    pub media_library: Arc<MediaLibrary>,
    pub processors: Vec<Arc<dyn Processor>>,
    openid: Vec<Provider>,
}

impl SiteServices {
    /// The services that the configuration names.
    ///
    /// # Errors
    ///
    /// Fails if one of them is not configured as it should be.
    pub fn new(folder: &Folder, config: &Config) -> Result<Self, CliError> {
        Ok(Self {
            media_library: Arc::new(folder.media_library(config)?),
            processors: masthead_payments::configured(&config.payments)?,
            openid: Self::providers(config)?,
        })
    }

    /// The same without a payment processor: a restored copy neither charges nor hears from it.
    #[must_use]
    pub fn of_copy(self) -> Self {
        Self { processors: Vec::new(), ..self }
    }

    /// Where readers may sign in with an account that they have elsewhere.
    pub fn providers(config: &Config) -> Result<Vec<Provider>, CliError> {
        config.openid.iter().map(provider).collect()
    }

    /// The settings of a publication's site.
    pub fn settings(self, folder: &Folder, config: &Config) -> Settings {
        let Self { media_library, processors, openid } = self;
        Settings {
            media_library,
            search: Some(folder.search()),
            page_cache: config.server.page_cache * 1024 * 1024,
            recent_readers: config.server.recent_readers,
            processors,
            openid,
            security_log: SecurityLog::default(),
            demo: None,
        }
    }
}

/// Returns whether and how readers pay. The sandbox is for the demonstration and for those who ask for it: otherwise
/// subscriptions would be given away. An invoice needs no processor.
pub fn sales(payments: &PaymentsSettings, is_demo: bool) -> Sales {
    let processors = masthead_payments::configured(payments);
    // Incomplete keys are meant for a processor, and are an error when the server starts.
    if !processors.is_ok_and(|named| named.is_empty()) {
        Sales::Open
    } else if is_demo || payments.sandbox {
        Sales::Sandbox
    } else {
        Sales::Invoices
    }
}

/// Returns a provider of accounts, with its secret.
pub fn provider(openid: &OpenidSettings) -> Result<Provider, CliError> {
    let variable =
        format!("MASTHEAD_OPENID_{}_SECRET", openid.slug.to_uppercase().replace('-', "_"));
    let client_secret = openid.client_secret.or_environment(&variable)?;
    if client_secret.is_empty() {
        return Err(CliError::new(format!(
            "[[openid]] \"{}\" in masthead.toml has no client_secret; write one, or give it as {variable}",
            openid.slug
        )));
    }
    let OpenidSettings { slug, name, issuer, client_id, .. } = openid.clone();
    Ok(Provider { slug, name, issuer, client_id, client_secret })
}

/// Returns the relay for mail, or `None` if mail waits in the outbox.
pub fn relay(mail: &MailSettings) -> Result<Option<SmtpRelay>, CliError> {
    let mut address = mail.relay.or_environment("MASTHEAD_MAIL_RELAY")?;
    let invalid = |error: RelayError| CliError::new(format!("[mail] in masthead.toml: {error}"));
    if address.is_empty() {
        let MailSettings { from, reply_to, bounces, .. } = mail;
        SmtpRelay::check_addresses(from, reply_to, bounces).map_err(invalid)?;
        return Ok(None);
    }
    if let Some(password) = environment::secret("MASTHEAD_MAIL_PASSWORD")? {
        address = with_password(&address, &password)?;
    }
    let relay = SmtpRelay::new(&address, &mail.from)
        .and_then(|relay| relay.with_addresses(&mail.reply_to, &mail.bounces));
    relay.map(Some).map_err(invalid)
}

/// Returns how mail is sent, without secrets, for the newsroom.
///
/// # Errors
///
/// Fails if a secret cannot be read.
pub fn mail_facts(mail: &MailSettings) -> Result<MailFacts, CliError> {
    let address = mail.relay.or_environment("MASTHEAD_MAIL_RELAY")?;
    let relay = Url::parse(&address).ok().and_then(|address| {
        let host = address.host_str()?.to_owned();
        Some(address.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
    });
    Ok(MailFacts {
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        bounces: mail.bounces.clone(),
        relay: relay.unwrap_or_default(),
    })
}

/// Returns where the server makes backups, and of what.
///
/// # Errors
///
/// Fails if the passphrase of backups cannot be read, or is too short.
pub fn backup_place(folder: &Folder, config: &Config) -> Result<BackupPlace, CliError> {
    let passphrase = environment::secret("MASTHEAD_BACKUP_PASSPHRASE")?;
    if passphrase.as_ref().is_some_and(|text| text.chars().count() < MIN_PASSPHRASE) {
        return Err(CliError::new(format!(
            "MASTHEAD_BACKUP_PASSPHRASE is too short; it must have at least {MIN_PASSPHRASE} characters"
        )));
    }
    Ok(BackupPlace {
        files: folder.backup_files(config),
        folder: absolute(folder.backups(config)).unwrap_or_else(|_| folder.backups(config)),
        server: uname().nodename().to_string_lossy().into_owned(),
        passphrase,
    })
}

/// Returns the address of a relay with this password.
fn with_password(address: &str, password: &str) -> Result<String, CliError> {
    let with_user = Url::parse(address).ok().filter(|address| !address.username().is_empty());
    let with_password = with_user
        .and_then(|mut address| address.set_password(Some(password)).ok().map(|()| address));
    with_password.map(String::from).ok_or_else(|| {
        CliError::new(
            "MASTHEAD_MAIL_PASSWORD is set, and the relay's address has no user; write one such as \
             smtps://user@mail.example",
        )
    })
}

/// Returns the bucket for pictures, or `None` if they are in the data directory.
pub fn bucket(pictures: &PicturesSettings) -> Result<Option<Bucket>, CliError> {
    let PicturesSettings { bucket, endpoint, region, access_key, secret_key } = pictures.clone();
    if bucket.is_empty() {
        return Ok(None);
    }
    let access_key = access_key.or_environment("MASTHEAD_PICTURES_ACCESS_KEY")?;
    let secret_key = secret_key.or_environment("MASTHEAD_PICTURES_SECRET_KEY")?;
    if access_key.is_empty() || secret_key.is_empty() {
        return Err(CliError::new(
            "[pictures] in masthead.toml names a bucket and no key to it; write access_key and secret_key, or \
             give them as MASTHEAD_PICTURES_ACCESS_KEY and MASTHEAD_PICTURES_SECRET_KEY",
        ));
    }
    Ok(Some(Bucket { name: bucket, endpoint, region, access_key, secret_key }))
}
