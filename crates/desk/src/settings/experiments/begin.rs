//! Beginning an experiment.

use masthead_access::{Experiment, Treatment};
use masthead_settings::{ExperimentPart, PartSettings, SettingsPart};

use crate::{error::ActionError, staff::CurrentStaff, state::DeskState};

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
    // First: an experiment that somebody else begins from here on is not overwritten.
    let version = desk.settings_version(SettingsPart::Experiment);
    if desk.settings().experiment.is_some() {
        let fault = staff.words.text("experiments_fault_running");
        return Err(ActionError::Rejected(fault.to_owned()));
    }
    if let Treatment::Message(message) = treatment {
        let in_force = desk.messages();
        if in_force.iter().any(|in_force| in_force == &**message) {
            let fault = staff.words.text("experiments_fault_same_message");
            return Err(ActionError::Rejected(fault.to_owned()));
        }
    }
    // Versions only go up, so no two experiments have the same number.
    let number = u32::try_from(version + 1).map_err(ActionError::failed)?;
    let experiment = Experiment { number, treatment: treatment.clone() };
    let change = PartSettings::Experiment(ExperimentPart::from(&experiment)).into();
    desk.set(staff, &change, version).await
}
