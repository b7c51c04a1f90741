//! Where settings come from, and how they are read and checked with the theme. Everything here blocks.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use masthead_settings::{DeskSettings, DeskVersions, SettingsPart};
use masthead_store::{Store, StoreError, StoredSettings};

use super::fit::{LeftOut, fit};
use crate::{
    Publication, Sales, Theme, ThemeError,
    config::{Config, ConfigError},
};

/// Where the settings of a publication come from, besides its database.
#[derive(Clone, Debug)]
pub struct SettingsSource {
    /// The configuration file.
    pub file: PathBuf,
    /// The folder of the publisher's own theme, which replaces files of the built-in one.
    pub theme: Option<PathBuf>,
    /// The address of the demonstration, in place of the file's; `None` for every other publication.
    pub demo_address: Option<String>,
    /// Whether and where readers pay. A change takes a restart.
    pub sales: Sales,
}

/// Why settings cannot be put in force.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or what was set at the desk does not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The theme does not render with these settings.
    #[error("the theme cannot be used with these settings: {0}")]
    Theme(#[from] ThemeError),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that read them ended early.
    #[error("reading the settings was interrupted: {0}")]
    Interrupted(String),
}

/// Settings and theme that were checked together.
pub(super) struct Loaded {
    /// The settings.
    pub publication: Arc<Publication>,
    /// The theme.
    pub theme: Arc<Theme>,
    /// The text of the file.
    pub text: String,
    /// What is probably a mistake, a sentence each.
    pub warnings: Vec<String>,
    /// What does not fit, and why.
    pub left_out: LeftOut,
    /// The error because of which something was left out.
    pub error: Option<LoadError>,
}

impl SettingsSource {
    /// Reads the configuration with as much of what was set at the desk as fits, and without the theme, for commands
    /// that render nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or if the file cannot be used even on its own.
    pub async fn config(&self, store: &Store) -> Result<Config, LoadError> {
        let desk = desk_settings(&store.stored_settings().await?);
        let source = self.clone();
        let read = tokio::task::spawn_blocking(move || fit(&desk, |desk| source.read(desk)));
        let fit = read.await.map_err(|error| LoadError::Interrupted(error.to_string()))??;
        if let Some(error) = fit.error {
            let left_out = LeftOut { parts: fit.left_out, theme: false };
            tracing::error!(%error, %left_out, "settings: some do not fit and are left out");
        }
        Ok(fit.loaded)
    }

    /// Reads the configuration with these parts in place of the file's.
    fn read(&self, desk: &DeskSettings) -> Result<Config, ConfigError> {
        let mut config = Config::read_with(&self.file, desk)?;
        if let Some(address) = &self.demo_address {
            address.clone_into(&mut config.publication.address);
            config.publication.is_demo = true;
        }
        config.publication = config.publication.with_sales(self.sales);
        Ok(config)
    }
}

/// Loads settings and theme.
pub(super) struct Loader {
    /// Where the settings are.
    pub source: SettingsSource,
    /// The time of loading.
    pub now: Timestamp,
    /// The theme in force, which is used again as far as it has not changed.
    pub theme: Option<Arc<Theme>>,
}

impl Loader {
    /// Loads as much of these settings as fits.
    ///
    /// # Errors
    ///
    /// Returns an error if something does not fit that `may_leave_out` does not name.
    pub fn load(&self, desk: &DeskSettings, may_leave_out: &LeftOut) -> Result<Loaded, LoadError> {
        let error = match self.load_all(desk, true) {
            Ok(loaded) => return Ok(loaded),
            Err(error) if may_leave_out.is_empty() => return Err(error),
            Err(error) => error,
        };
        let loaded = self.load_fitting(desk)?;
        if loaded.left_out.is_within(may_leave_out) { Ok(loaded) } else { Err(error) }
    }

    fn load_fitting(&self, desk: &DeskSettings) -> Result<Loaded, LoadError> {
        let (fitting, theme, broken) = match fit(desk, |desk| self.load_all(desk, true)) {
            Ok(fitting) => (fitting, false, None),
            // Not even the file alone goes with the publisher's theme.
            Err(error @ LoadError::Theme(_)) if self.source.theme.is_some() => {
                (fit(desk, |desk| self.load_all(desk, false))?, true, Some(error))
            }
            Err(error) => return Err(error),
        };
        let left_out = LeftOut { parts: fitting.left_out, theme };
        Ok(Loaded { left_out, error: broken.or(fitting.error), ..fitting.loaded })
    }

    fn load_all(&self, desk: &DeskSettings, with_own_theme: bool) -> Result<Loaded, LoadError> {
        let config = self.source.read(desk)?;
        let mut warnings = config.warnings(self.now);
        let Config { publication, text, .. } = config;
        let publication = Arc::new(publication);
        let folder = self.source.theme.as_deref().filter(|_| with_own_theme);
        let theme = Theme::load_checked(folder, &publication, self.theme.as_ref(), self.now)?;
        warnings.extend(theme.warnings.iter().cloned());
        Ok(Loaded { publication, theme, text, warnings, left_out: LeftOut::default(), error: None })
    }
}

/// Returns what was set at the desk. Parts that only another version of Masthead knows are left out.
pub(super) fn desk_settings(stored: &StoredSettings) -> DeskSettings {
    let known = stored
        .parts
        .iter()
        .filter_map(|part| Some((part.name.parse::<SettingsPart>().ok()?, part)));
    let texts = known.clone().map(|(part, stored)| (part, stored.text.as_str()));
    let mut desk = texts.fold(DeskSettings::default(), |desk, (part, text)| desk.with(part, text));
    desk.versions = DeskVersions {
        saves: stored.saves,
        parts: known.map(|(part, stored)| (part, stored.version)).collect(),
    };
    desk
}
