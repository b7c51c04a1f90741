//! What was set at the desk in place of parts of the file.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    error::TextError,
    part::{PartSettings, SettingsPart},
    publisher::PublisherSettings,
};

/// The parts that were set at the desk, as they are stored. The file has the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskSettings(BTreeMap<SettingsPart, String>);

/// The stored text of a part cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", error.reason)]
pub struct PartError {
    /// Which part.
    pub part: SettingsPart,
    /// Where in its text, and why.
    pub error: TextError,
}

impl DeskSettings {
    /// Returns the stored text of a part; empty if the file has it.
    pub fn text(&self, part: SettingsPart) -> &str {
        self.0.get(&part).map_or("", String::as_str)
    }

    /// Returns the same settings with another text for a part. An empty text leaves the part to the file.
    #[must_use]
    pub fn with(mut self, part: SettingsPart, text: &str) -> Self {
        if text.is_empty() {
            self.0.remove(&part);
        } else {
            self.0.insert(part, text.to_owned());
        }
        self
    }

    /// Returns a number that differs, all but certainly, if what was set differs.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }

    /// Returns the settings of the file with the parts that were set at the desk in place of its own.
    ///
    /// # Errors
    ///
    /// Returns an error if the stored text of a part cannot be read.
    pub fn replace_in(&self, file: PublisherSettings) -> Result<PublisherSettings, PartError> {
        let mut settings = file;
        for (part, text) in &self.0 {
            let content = PartSettings::from_toml(*part, text)
                .map_err(|error| PartError { part: *part, error })?;
            settings.replace(content);
        }
        Ok(settings)
    }
}
