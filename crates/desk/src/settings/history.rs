//! Who changed a part of the settings, and when.

use jiff::tz::TimeZone;
use masthead_circulation::DeskAuditEntry;
use masthead_settings::SettingsPart;
use masthead_store::{Setting, StoreError};
use serde::Serialize;

use super::restore::restored_at;
use crate::{
    audit::changes::change_line, format::colleague_or_former, state::DeskState, words::DeskWords,
};

/// Versions that are listed.
const VERSIONS: u64 = 20;
/// The key of the number of a version in the audit log.
const VERSION: &str = "version";

/// The versions of a part.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct SettingsHistory {
    /// Counts how often the part was set; 0 if it never was.
    pub version: i32,
    /// Whether the desk's version is in force, rather than the file's.
    pub set_here: bool,
    /// Each version, the latest first.
    pub history: Vec<HistoryLine>,
}

/// One version of a part.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct HistoryLine {
    /// Who made it, and when.
    pub said: String,
    /// Each value before and after.
    pub changes: Vec<String>,
    /// Its number.
    pub version: i32,
    /// The version that is in force.
    pub base: i32,
    /// Where to put it in force again; empty if it is in force, or cannot be.
    pub restored_at: String,
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
        words: DeskWords,
        part: SettingsPart,
    ) -> Result<SettingsHistory, StoreError> {
        let version = self.settings_version(part);
        let settings = self.store.settings(part.name(), VERSIONS).await?;
        let everybody = self.store.all_staff().await?;
        let log = self.store.audit_log_of_settings(part.name(), VERSIONS).await?;
        let zone = self.publication().zone;
        let line = |setting: &Setting| {
            let name = colleague_or_former(&everybody, setting.by, words);
            let time = words.date_time(setting.at, &zone);
            let what = match setting.text.is_empty() {
                true if part == SettingsPart::Breaking => "history_removed",
                true => "history_file",
                false => "history_saved",
            };
            let said = words.fill(what, &[("time", &time), ("name", &name)]);
            let is_other = setting.version != version && !setting.text.is_empty();
            HistoryLine {
                said,
                changes: changes_of(&log, setting.version, &zone, words),
                version: setting.version,
                base: version,
                restored_at: if is_other { restored_at(part) } else { String::new() },
            }
        };
        Ok(SettingsHistory {
            version,
            set_here: settings.first().is_some_and(|setting| !setting.text.is_empty()),
            history: settings.iter().map(line).collect(),
        })
    }
}

/// What a version has changed, from its entry of the audit log, which names it.
fn changes_of(
    log: &[DeskAuditEntry],
    version: i32,
    zone: &TimeZone,
    words: DeskWords,
) -> Vec<String> {
    let version = version.to_string();
    let is_version = |entry: &&DeskAuditEntry| {
        let mut changes = entry.changes.iter();
        changes.any(|change| change.key == VERSION && change.after.as_ref() == Some(&version))
    };
    let changes = log.iter().find(is_version).map(|entry| entry.changes.as_slice());
    let values = changes.unwrap_or_default().iter().filter(|change| change.key != VERSION);
    values.map(|change| change_line(change, zone, words)).collect()
}
