//! `/desk/experiments`: comparing two messages or two allowances, and whether the difference is significant yet.

pub(crate) mod begin;
mod results;

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use masthead_access::{Allowance, Experiment, Treatment};
use masthead_settings::{MeterPart, PartChange, PartSettings, SettingsPart};
use serde::Serialize;

use self::{
    begin::begin,
    results::{EarlierExperiment, RunningExperiment, earlier, running},
};
use super::{
    entry,
    messages::file::{replace, settings},
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// Earlier experiments that are listed.
const EARLIER: u64 = 40;

#[derive(Default, Serialize)]
struct ExperimentsPage {
    running: Option<RunningExperiment>,
    earlier: Vec<EarlierExperiment>,
    /// The allowance for readers without an account. `None` if it is unlimited.
    allowance: Option<u32>,
    fault: String,
}

impl Page for ExperimentsPage {
    const TEMPLATE: &'static str = "experiments.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/experiments`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    show(&desk, &staff, String::new()).await
}

/// `POST /desk/experiments`: begins an experiment with an allowance, or ends the running one.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let done = match fields.button().action.as_str() {
        "begin" => begin_allowance(&desk, &staff, &fields.text("allowance")).await,
        "stop" => stop(&desk, &staff).await,
        "adopt" => adopt(&desk, &staff).await,
        _ => Ok(()),
    };
    match done {
        Ok(()) => Ok(see_other("/desk/experiments")),
        Err(ActionError::Rejected(fault)) => show(&desk, &staff, fault).await,
        Err(ActionError::Failed(error)) => Err(DeskError::failed("experiments: change", error)),
    }
}

async fn begin_allowance(
    desk: &DeskState,
    staff: &CurrentStaff,
    wanted: &str,
) -> Result<(), ActionError> {
    let allowance: Allowance = entry::allowance(wanted, staff.words).map_err(|_| {
        ActionError::Rejected(staff.words.text("experiments_fault_number").to_owned())
    })?;
    let policy = desk.settings().policy.clone();
    if policy.allowances.anonymous == allowance {
        let fault = staff.words.text("experiments_fault_same_number");
        return Err(ActionError::Rejected(fault.to_owned()));
    }
    begin(desk, staff, &Treatment::Anonymous(allowance)).await
}

/// Ends the experiment: everybody gets A again.
async fn stop(desk: &DeskState, staff: &CurrentStaff) -> Result<(), ActionError> {
    let version = desk.settings_version(SettingsPart::Experiment);
    desk.set(staff, &PartChange::LeaveToFile(SettingsPart::Experiment), version).await
}

/// Ends the experiment: everybody gets B from now on.
async fn adopt(desk: &DeskState, staff: &CurrentStaff) -> Result<(), ActionError> {
    // Their versions and the rest of these parts from one snapshot: what somebody else saves meanwhile is not overwritten.
    let in_force = desk.settings();
    let Some(Experiment { treatment, .. }) = in_force.experiment.clone() else {
        return Ok(());
    };
    let adopted = match treatment {
        Treatment::Message(message) => {
            let all: Vec<_> = in_force.messages.iter().cloned().collect();
            settings(&replace(in_force.own_messages.clone(), &all, *message))
        }
        Treatment::Anonymous(allowance) => {
            let mut part = MeterPart::new(&in_force.policy, in_force.teaser);
            part.meter.anonymous = allowance;
            PartSettings::Meter(part)
        }
    };
    let version = in_force.desk_versions.of(adopted.part());
    desk.set(staff, &adopted.into(), version).await?;
    stop(desk, staff).await
}

async fn show(desk: &DeskState, staff: &CurrentStaff, fault: String) -> Handled {
    let settings = desk.store.settings(SettingsPart::Experiment.name(), EARLIER).await?;
    let running = match desk.settings().experiment.clone() {
        Some(experiment) => Some(running(desk, &experiment, settings.first(), staff.words).await?),
        None => None,
    };
    let policy = desk.settings().policy.clone();
    let page = ExperimentsPage {
        running,
        earlier: earlier(desk, &settings, staff.words).await?,
        allowance: match policy.allowances.anonymous {
            Allowance::Articles(articles) => Some(articles),
            Allowance::Unlimited => None,
        },
        fault,
    };
    Ok(desk.page(staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ExperimentsPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                running: Some(RunningExperiment::sample()),
                earlier: vec![EarlierExperiment::sample()],
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), Self { allowance: Some(3), ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ExperimentsPage>();
    }
}
