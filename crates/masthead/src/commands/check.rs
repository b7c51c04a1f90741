//! `masthead check`: looks for faults in the configuration, the theme and its words, without a server or database.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_editorial::standard_pages::{STANDARD_PAGES, has_gaps};
use masthead_publication::{Theme, config::Config};

use super::serve::{Place, check_security_log};
use crate::{
    admin,
    error::CliError,
    folder::Folder,
    listeners::{self, Tls},
    services::{self, SiteServices},
};

/// The arguments of `masthead check`.
#[derive(clap::Args)]
pub struct Check {
    /// The publication's folder, in place of --dir.
    folder: Option<PathBuf>,
}

impl Check {
    /// Prints what is probably a mistake.
    ///
    /// # Errors
    ///
    /// Fails with everything that a server would refuse.
    pub fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let dir = self.folder.as_deref().unwrap_or(dir);
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        let now = Timestamp::now();
        let mut warnings = config.warnings(now);
        warnings.extend(unfinished_pages(dir));
        warnings.extend(other_names(dir, &folder, &config));
        warnings.extend(unknown_options(&folder, &config, place));
        let mut faults = faults(dir, &folder, &config, place);
        match theme(&folder, &config, now) {
            Ok(theme) => {
                warnings.extend(theme.warnings.iter().cloned());
                warnings.extend(unprintable(&theme, &config, now));
            }
            Err(fault) => faults.push(fault),
        }
        for warning in warnings {
            outln!("Warning: {warning}");
        }
        if faults.is_empty() {
            outln!("masthead.toml and the theme can be used.");
            return Ok(());
        }
        let faults: Vec<String> = faults.iter().map(CliError::to_string).collect();
        Err(CliError::new(faults.join("\nmasthead: ")))
    }
}

/// What is wrong with the places and services that the configuration names: a server does not start with it.
pub(super) fn faults(dir: &Path, folder: &Folder, config: &Config, place: &Place) -> Vec<CliError> {
    let database = folder.database(config, place.database.as_deref());
    let checks = [
        admin::check(&config.server),
        listeners::check_clashes(config),
        Tls::check(dir, config),
        check_security_log(dir, &config.server.security_log),
        folder.check_theme(config),
        folder.check_data(),
        database.and_then(|location| Ok(location.check()?)),
        services::relay(&config.mail).map(drop),
        services::bucket(&config.pictures).map(drop),
        masthead_payments::configured(&config.payments).map(drop).map_err(CliError::from),
        SiteServices::providers(config).map(drop),
    ];
    checks.into_iter().filter_map(Result::err).collect()
}

/// Warns of a certificate that is not for the publication's names.
fn other_names(dir: &Path, folder: &Folder, config: &Config) -> Option<String> {
    // One that is ordered is ordered again for other names, and its folder stays as it is.
    if config.tls.acme {
        return None;
    }
    let tls = Tls::open(dir, folder, config).ok()??;
    let names = tls.names_without_certificate(config);
    (!names.is_empty()).then(|| {
        format!(
            "the certificate under [tls] is not for {}; browsers refuse it there",
            names.join(", ")
        )
    })
}

/// Warns of options in the URL of the database that have no effect.
fn unknown_options(folder: &Folder, config: &Config, place: &Place) -> Option<String> {
    let location = folder.database(config, place.database.as_deref()).ok()?;
    let unknown = location.unknown_options();
    (!unknown.is_empty()).then(|| {
        format!(
            "The URL of the database has options without effect: {}. To encrypt the connection, write sslmode=require or \
             sslmode=verify-full.",
            unknown.join(", ")
        )
    })
}

/// The files of standard pages, such as the terms, that still say what is to be filled in.
fn unfinished_pages(dir: &Path) -> Option<String> {
    let is_unfinished = |slug: &&str| {
        let text = fs::read_to_string(dir.join("pages").join(format!("{slug}.md")));
        text.is_ok_and(|text| has_gaps(&text))
    };
    let unfinished: Vec<String> = STANDARD_PAGES
        .into_iter()
        .filter(is_unfinished)
        .map(|slug| format!("pages/{slug}.md"))
        .collect();
    (!unfinished.is_empty()).then(|| {
        format!(
            "these pages have places to fill in, marked with square brackets: {}",
            unfinished.join(", ")
        )
    })
}

/// Loads the theme and renders every template.
pub(super) fn theme(
    folder: &Folder,
    config: &Config,
    now: Timestamp,
) -> Result<Arc<Theme>, CliError> {
    let own = folder.theme(config);
    let publication = Arc::new(config.publication.clone());
    Ok(Theme::load_checked(Some(&own), &publication, None, now)?)
}

/// Warns if the publication sells, and its invoices cannot be PDF.
pub(super) fn unprintable(theme: &Theme, config: &Config, now: Timestamp) -> Option<String> {
    let publication = &config.publication;
    let today = now.to_zoned_datetime(publication.policy.zone.clone()).date();
    let missing = theme.missing_in_invoices(publication, today).filter(|_| publication.sells())?;
    Some(format!(
        "Invoices are pages only and not PDF, because the typefaces lack the character “{missing}”. Put a font that has it (.ttf \
         or .otf) into the folder print of your theme, such as print/text.ttf."
    ))
}
