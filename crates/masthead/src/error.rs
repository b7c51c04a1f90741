//! Errors of commands, each in one sentence with the remedy.

use std::fmt;

use crate::remedy;

/// The error of a command: a sentence for the person who ran it.
#[derive(Debug)]
pub struct CliError(String);

impl CliError {
    /// An error with this text.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// An error that says that `what`, such as a file, cannot be written, and what to do if the disk or the system is the cause.
    pub fn unwritable(what: impl fmt::Display, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(format!("{what} cannot be written: {error}")).with_remedy_for(error)
    }

    /// The same with what to do about `error`, if the disk or the system is its cause.
    #[must_use]
    pub fn with_remedy_for(self, error: &(dyn std::error::Error + 'static)) -> Self {
        match remedy::of_system(error) {
            Some(remedy) => Self(format!("{}; {remedy}", self.0)),
            None => self,
        }
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

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_full_disk_has_a_remedy_whatever_is_written() {
        let full = io::Error::from_raw_os_error(28);
        let error = CliError::unwritable("readers.csv", &full).to_string();
        assert!(error.starts_with("readers.csv cannot be written: No space left"), "{error}");
        assert!(error.contains("free some room"), "{error}");
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = CliError::unwritable("readers.csv", &denied).to_string();
        assert_eq!(error, "readers.csv cannot be written: permission denied");
    }
}
