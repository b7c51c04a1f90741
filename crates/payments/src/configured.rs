//! Building the processors that a publication's settings name.

use std::{error::Error, sync::Arc};

use masthead_settings::{PaymentsSettings, SecretText};

use crate::{BUILDERS, Processor};

/// Why a processor cannot be built from the settings.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPaymentsSettings {
    /// What is wrong with its keys, and what to do.
    #[error("[payments] in masthead.toml {0}")]
    Keys(String),
    /// One of its secrets cannot be read.
    #[error(transparent)]
    Secret(Box<dyn Error + Send + Sync>),
}

/// Returns a secret by the name of the environment variable that may have it, and what the settings say.
pub(crate) type ReadSecret<'a> =
    &'a dyn Fn(&str, &SecretText) -> Result<String, InvalidPaymentsSettings>;

/// Builds a processor from its keys. Returns `None` if there are none for it.
pub(crate) type BuildProcessor = fn(
    &PaymentsSettings,
    ReadSecret<'_>,
) -> Result<Option<Arc<dyn Processor>>, InvalidPaymentsSettings>;

/// The processors that have keys. `secret` returns a secret by the name of the environment variable that may have it, and what
/// the settings say.
///
/// # Errors
///
/// Fails if the keys of a processor are incomplete or cannot be used, or if `secret` fails.
pub fn configured<E: Into<Box<dyn Error + Send + Sync>>>(
    settings: &PaymentsSettings,
    secret: impl Fn(&str, &SecretText) -> Result<String, E>,
) -> Result<Vec<Arc<dyn Processor>>, InvalidPaymentsSettings> {
    let read = |variable: &str, written: &SecretText| {
        secret(variable, written).map_err(|error| InvalidPaymentsSettings::Secret(error.into()))
    };
    BUILDERS.iter().filter_map(|build| build(settings, &read).transpose()).collect()
}
