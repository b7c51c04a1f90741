//! Errors of commands, each in one sentence with the remedy.

use std::fmt;

/// The error of a command: a sentence for the person who ran it.
#[derive(Debug)]
pub struct CliError(String);

impl CliError {
    /// An error with this text.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CliError {}

macro_rules! says_itself {
    ($($error:ty),+) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        }
    )+};
}

// These errors name the thing, the reason and the remedy already.
says_itself!(
    masthead_publication::config::ConfigError,
    masthead_publication::settings::LoadError,
    masthead_publication::ThemeError,
    masthead_store::StoreError,
    masthead_payments::InvalidPaymentsSettings,
    masthead_settings::SecretError,
    masthead_store::transfer::TransferError,
    masthead_billing::BillingError,
    masthead_site::OpenSiteError,
    masthead_billing::staff_actions::EntryError
);
