//! The form of how long what grows is kept.

use masthead_settings::{RetentionSettings, SettingsPart};
use serde::{Deserialize, Serialize};

use crate::{settings::save::FormFault, state::DeskState, words::DeskWords};

/// The shortest time that numbers of messages are kept: processors repeat a message for days.
const MIN_WEBHOOK_DAYS: u16 = 30;

/// See the module's documentation. Each is a number of days; 0 keeps for good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RetentionForm {
    /// The version that was on the page.
    pub version: String,
    pub webhook_days: String,
    pub hourly_count_days: String,
    pub daily_count_days: String,
    pub revision_days: String,
    pub audit_days: String,
    pub address_days: String,
    /// The periods whose deletions the person has seen and agreed to.
    pub agreed: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
}

impl RetentionForm {
    /// What is in force.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Retention).to_string();
        Self::of(desk.settings().retention, version)
    }

    /// A form with these periods, from a page with this version.
    pub fn of(settings: RetentionSettings, version: String) -> Self {
        Self {
            version,
            webhook_days: settings.webhook_days.to_string(),
            hourly_count_days: settings.hourly_count_days.to_string(),
            daily_count_days: settings.daily_count_days.to_string(),
            revision_days: settings.revision_days.to_string(),
            audit_days: settings.audit_days.to_string(),
            address_days: settings.address_days.to_string(),
            agreed: String::new(),
            button: String::new(),
        }
    }

    /// The settings of this form.
    ///
    /// # Errors
    ///
    /// What to correct, in all fields.
    pub fn settings(&self, words: DeskWords) -> Result<RetentionSettings, FormFault> {
        let mut faults = Vec::new();
        let mut days = |field: &str, entered: &str| {
            entered.trim().parse::<u16>().unwrap_or_else(|_| {
                let text = words.fill("retention_fault_days", &[("text", &entered)]);
                faults.push(FormFault::at(field, text));
                0
            })
        };
        let settings = RetentionSettings {
            webhook_days: days("webhook_days", &self.webhook_days),
            hourly_count_days: days("hourly_count_days", &self.hourly_count_days),
            daily_count_days: days("daily_count_days", &self.daily_count_days),
            revision_days: days("revision_days", &self.revision_days),
            audit_days: days("audit_days", &self.audit_days),
            address_days: days("address_days", &self.address_days),
        };
        if faults.is_empty() && (1..MIN_WEBHOOK_DAYS).contains(&settings.webhook_days) {
            let text = words.text("retention_fault_webhooks");
            return Err(FormFault::at("webhook_days", text));
        }
        if faults.is_empty() { Ok(settings) } else { Err(FormFault::all(faults)) }
    }

    /// Whether the person has agreed to what these periods delete.
    pub fn agrees_to(&self, wanted: RetentionSettings) -> bool {
        self.agreed == agreement(wanted)
    }
}

/// What the checkbox sends: it agrees to these periods, and to no others.
pub(super) fn agreement(wanted: RetentionSettings) -> String {
    let RetentionSettings {
        webhook_days,
        hourly_count_days,
        daily_count_days,
        revision_days,
        audit_days,
        address_days,
    } = wanted;
    let all = [
        webhook_days,
        hourly_count_days,
        daily_count_days,
        revision_days,
        audit_days,
        address_days,
    ];
    all.map(|days| days.to_string()).join("-")
}

/// The wanted periods that are shorter than those in force; 0 for the others.
pub(super) fn shorter(now: RetentionSettings, wanted: RetentionSettings) -> RetentionSettings {
    let shorter = |now: u16, wanted: u16| {
        let is_shorter = wanted > 0 && (now == 0 || wanted < now);
        if is_shorter { wanted } else { 0 }
    };
    RetentionSettings {
        webhook_days: shorter(now.webhook_days, wanted.webhook_days),
        hourly_count_days: shorter(now.hourly_count_days, wanted.hourly_count_days),
        daily_count_days: shorter(now.daily_count_days, wanted.daily_count_days),
        revision_days: shorter(now.revision_days, wanted.revision_days),
        audit_days: shorter(now.audit_days, wanted.audit_days),
        address_days: shorter(now.address_days, wanted.address_days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shorter_periods_delete() {
        let kept = |webhook_days, audit_days| RetentionSettings {
            webhook_days,
            hourly_count_days: 0,
            daily_count_days: 0,
            revision_days: 0,
            audit_days,
            address_days: 0,
        };
        for (now, wanted, shorter_days) in [
            ((90, 0), (30, 0), (30, 0)),
            ((90, 0), (90, 0), (0, 0)),
            ((90, 0), (100, 400), (0, 400)),
            ((90, 400), (0, 401), (0, 0)),
        ] {
            let [now, wanted, expected] = [now, wanted, shorter_days].map(|(a, b)| kept(a, b));
            assert_eq!(shorter(now, wanted), expected);
        }
        assert_ne!(agreement(kept(1, 2)), agreement(kept(12, 0)));
    }

    #[test]
    fn what_is_no_number_of_days_is_refused_at_its_field() {
        let form = RetentionForm { audit_days: "a year".to_owned(), ..RetentionForm::default() };
        let fault = form.settings(DeskWords::default()).expect_err("refused");
        assert_eq!((&*fault.field, fault.others.len()), ("webhook_days", 5));
        assert!(fault.others.iter().any(|other| other.text.contains("“a year”")));
    }
}
