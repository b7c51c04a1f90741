//! Who changed a part of the settings, and when.

use masthead_settings::SettingsPart;
use masthead_store::{Setting, StoreError};
use serde::Serialize;

use crate::{
    format::{colleague_or_former, date_time},
    state::DeskState,
};

/// Versions that are listed.
const VERSIONS: u64 = 20;

/// The versions of a part.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct SettingsHistory {
    /// Counts how often the part was set; 0 if it never was.
    pub version: i32,
    /// Whether the desk's version is in force, rather than the file's.
    pub set_here: bool,
    /// A sentence for each version, the latest first.
    pub history: Vec<String>,
}

impl DeskState {
    /// The version of a part that is in force, so that a form never names a newer version than it shows: 0 if it was
    /// never set.
    pub(crate) fn settings_version(&self, part: SettingsPart) -> i32 {
        self.settings().desk_versions.of(part)
    }

    /// The versions of a part.
    pub(crate) async fn settings_history(
        &self,
        part: SettingsPart,
    ) -> Result<SettingsHistory, StoreError> {
        let version = self.settings_version(part);
        let settings = self.store.settings(part.name(), VERSIONS).await?;
        let everybody = self.store.all_staff().await?;
        let zone = self.publication().zone;
        let line = |setting: &Setting| {
            let who = colleague_or_former(&everybody, setting.by);
            let at = date_time(setting.at, &zone);
            if setting.text.is_empty() && part == SettingsPart::Breaking {
                format!("{at}: {who} removed it.")
            } else if setting.text.is_empty() {
                format!("{at}: {who} went back to the values from masthead.toml.")
            } else {
                format!("{at}: {who} set it.")
            }
        };
        Ok(SettingsHistory {
            version,
            set_here: settings.first().is_some_and(|setting| !setting.text.is_empty()),
            history: settings.iter().map(line).collect(),
        })
    }
}
