//! The form of the schedule.

use masthead_settings::{BackupInterval, BackupSettings, SettingsPart};
use serde::{Deserialize, Serialize};

use crate::{settings::save::FormFault, state::DeskState, words::DeskWords};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ScheduleForm {
    /// The version that was on the page.
    pub version: String,
    /// "never", "day" or "week".
    pub every: String,
    /// 0 to 23.
    pub hour: String,
    pub keep: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
}

impl ScheduleForm {
    /// What is in force.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Backups).to_string();
        let BackupSettings { every, hour, keep } = desk.settings().backups;
        let every = match every {
            BackupInterval::Never => "never",
            BackupInterval::Day => "day",
            BackupInterval::Week => "week",
        };
        let (every, button) = (every.to_owned(), String::new());
        Self { version, every, hour: hour.to_string(), keep: keep.to_string(), button }
    }

    /// The settings of this form.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn settings(&self, words: DeskWords) -> Result<BackupSettings, FormFault> {
        let every = match self.every.as_str() {
            "day" => BackupInterval::Day,
            "week" => BackupInterval::Week,
            _ => BackupInterval::Never,
        };
        let most = BackupSettings::MAX_KEPT;
        let keep = self.keep.trim().parse().ok().filter(|keep| (1..=most).contains(keep));
        let keep = keep.ok_or_else(|| {
            FormFault::at("keep", words.fill("backups_fault_keep", &[("most", &most)]))
        })?;
        let hour = self.hour.parse().ok().filter(|hour| (0..24).contains(hour));
        let hour = hour.ok_or_else(|| FormFault::at("hour", words.text("backups_fault_hour")))?;
        Ok(BackupSettings { every, hour, keep })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_of_backups_is_refused_at_its_field() {
        let form = |keep: &str| ScheduleForm {
            every: "week".to_owned(),
            hour: "4".to_owned(),
            keep: keep.to_owned(),
            ..ScheduleForm::default()
        };
        let kept = BackupSettings { every: BackupInterval::Week, hour: 4, keep: 12 };
        assert_eq!(form(" 12 ").settings(DeskWords::default()), Ok(kept));
        for wrong in ["", "0", "366", "many"] {
            let fault = form(wrong).settings(DeskWords::default()).expect_err("refused");
            assert_eq!(fault.field, "keep", "{wrong}");
        }
    }
}
