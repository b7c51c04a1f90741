//! Beginning an experiment.

use masthead_access::Treatment;
use serde::Serialize;

use crate::{
    interfaces::{ActionError, Steered},
    settings::{messages::file::MessageEntry, save::SettingsText},
    staff::CurrentStaff,
    state::DeskState,
};

/// Begins an experiment.
///
/// # Errors
///
/// [`ActionError::Rejected`] if one is running, or if the treatment is what readers get anyway.
pub(crate) async fn begin(
    desk: &DeskState,
    staff: &CurrentStaff,
    treatment: &Treatment,
) -> Result<(), ActionError> {
    if desk.settings().experiment.clone().is_some() {
        let fault = "An experiment runs already, and two at once would spoil each other. Stop that one first.";
        return Err(ActionError::Rejected(fault.to_owned()));
    }
    if let Treatment::Message(message) = treatment {
        let in_force = desk.messages();
        if in_force.iter().any(|in_force| in_force == &**message) {
            let fault =
                "These are the words that are said already. Change them, and try them then.";
            return Err(ActionError::Rejected(fault.to_owned()));
        }
    }
    let version = desk.settings_version(Steered::Experiment).await.map_err(ActionError::failed)?;
    // Versions only go up, so no two experiments have the same number.
    let text = to_toml(version + 1, treatment);
    desk.set(staff, Steered::Experiment, &version.to_string(), text).await
}

/// An experiment in the format of the configuration file.
fn to_toml(number: i32, treatment: &Treatment) -> SettingsText {
    #[derive(Serialize)]
    struct File {
        experiment: Entry,
    }
    #[derive(Serialize)]
    struct Entry {
        number: i32,
        #[serde(skip_serializing_if = "Option::is_none")]
        anonymous: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<MessageEntry>,
    }
    let (anonymous, message) = match treatment {
        Treatment::Anonymous(allowance) => (Some(allowance.to_string()), None),
        Treatment::Message(message) => (None, Some(MessageEntry::of(message))),
    };
    toml::to_string(&File { experiment: Entry { number, anonymous, message } })
}
