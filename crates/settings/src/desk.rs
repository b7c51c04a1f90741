//! What was set at the desk in place of parts of the file.

use std::collections::BTreeMap;

use crate::{
    error::TextError,
    part::{PartSettings, SettingsPart},
    publisher::PublisherSettings,
};

/// The parts that were set at the desk, as they are stored. The file has the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskSettings {
    /// Which versions these are.
    pub versions: DeskVersions,
    texts: BTreeMap<SettingsPart, String>,
}

/// Identifies what was set at the desk: how often anything was, and how often each part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskVersions {
    /// How many versions of all parts were saved.
    pub saves: i64,
    /// The version of each part that was ever saved.
    pub parts: BTreeMap<SettingsPart, i32>,
}

/// The stored text of a part cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", error.reason)]
pub struct PartError {
    /// Which part.
    pub part: SettingsPart,
    /// Where in its text, and why.
    pub error: TextError,
}

impl DeskVersions {
    /// Returns the version of a part; 0 if it was never saved.
    pub fn of(&self, part: SettingsPart) -> i32 {
        self.parts.get(&part).copied().unwrap_or_default()
    }
}

impl DeskSettings {
    /// Returns the parts that are set, none before those that it names entries of.
    pub fn parts(&self) -> impl Iterator<Item = SettingsPart> {
        self.texts.keys().copied()
    }

    /// Returns the stored text of a part; empty if the file has it.
    pub fn text(&self, part: SettingsPart) -> &str {
        self.texts.get(&part).map_or("", String::as_str)
    }

    /// Returns the same settings with another text for a part. An empty text leaves the part to the file.
    #[must_use]
    pub fn with(mut self, part: SettingsPart, text: &str) -> Self {
        if text.is_empty() {
            self.texts.remove(&part);
        } else {
            self.texts.insert(part, text.to_owned());
        }
        self
    }

    /// Returns the settings of the file with the parts that were set at the desk in place of its own.
    ///
    /// # Errors
    ///
    /// Returns an error if the stored text of a part cannot be read.
    pub fn replace_in(&self, file: PublisherSettings) -> Result<PublisherSettings, PartError> {
        let mut settings = file;
        for (part, text) in &self.texts {
            let content = PartSettings::from_toml(*part, text)
                .map_err(|error| PartError { part: *part, error })?;
            settings.replace(content);
        }
        Ok(settings)
    }
}
