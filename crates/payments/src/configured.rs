//! Building the processors that a publication's settings name.

use std::sync::Arc;

use masthead_settings::{PaymentsSettings, SecretError};

use crate::{KINDS, Processor};

/// Why a processor cannot be built from the settings: what is wrong with its keys, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("[payments] in masthead.toml {0}")]
pub struct InvalidPaymentsSettings(String);

impl InvalidPaymentsSettings {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<SecretError> for InvalidPaymentsSettings {
    fn from(error: SecretError) -> Self {
        Self(format!("is incomplete: {error}"))
    }
}

/// Builds a processor from its keys. Returns `None` if the settings have none for it.
type BuildProcessor =
    fn(&PaymentsSettings) -> Result<Option<Arc<dyn Processor>>, InvalidPaymentsSettings>;

/// A processor that settings can name.
pub(crate) struct ProcessorKind {
    /// The keys under `[payments]` that it needs.
    pub(crate) keys: &'static [&'static str],
    /// Builds it from its keys.
    pub(crate) build: BuildProcessor,
}

/// The processors that the settings name; none if readers pay at the sandbox. Secrets in the environment take precedence
/// over those in the file.
///
/// # Errors
///
/// Fails if the keys of a processor are incomplete or cannot be used.
pub fn configured(
    settings: &PaymentsSettings,
) -> Result<Vec<Arc<dyn Processor>>, InvalidPaymentsSettings> {
    KINDS.iter().filter_map(|kind| (kind.build)(settings).transpose()).collect()
}

/// Names the settings under `[payments]` that a processor needs, for texts that say what to set: `stripe_key and
/// webhook_secret`, and if there are several processors those of each.
pub fn processor_keys() -> String {
    let keys: Vec<String> = KINDS.iter().map(|kind| kind.keys.join(" and ")).collect();
    keys.join(", or ")
}
