//! Text that must not appear in logs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::environment::{self, SecretError};

/// A password, key, or address that contains one. `Debug` does not show it.
///
/// ```
/// use masthead_settings::SecretText;
///
/// let key = SecretText::from("sk_live_1");
/// assert_eq!(key.as_str(), "sk_live_1");
/// assert_eq!(format!("{key:?}"), "SecretText(..)");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the secret that the [environment] has under this name, or the text if it has none.
    ///
    /// # Errors
    ///
    /// Returns an error if a file that should have the secret cannot be read.
    pub fn or_environment(&self, variable: &str) -> Result<String, SecretError> {
        Ok(environment::secret(variable)?.unwrap_or_else(|| self.0.clone()))
    }

    /// Returns whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretText").finish_non_exhaustive()
    }
}
