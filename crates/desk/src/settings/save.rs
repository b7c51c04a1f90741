//! Saving a part of the settings: the same for every form.

use std::future::Future;

use masthead_store::Written;

use crate::{
    error::{DeskError, Handled},
    http::see_other,
    interfaces::{ActionError, Steered},
    staff::CurrentStaff,
    state::DeskState,
};

/// What is wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormFault {
    /// The name of the field; empty if it is about the whole form.
    pub field: String,
    /// What to correct, for the person who filled it in.
    pub text: String,
}

impl FormFault {
    /// A fault of one field.
    pub fn at(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }

    /// A fault of the whole form.
    pub fn of_form(text: impl Into<String>) -> Self {
        Self::at("", text)
    }
}

/// A part of the settings in TOML. An empty text puts the configuration file back in force.
pub(crate) type SettingsText = Result<String, toml::ser::Error>;

/// A form with which a part of the settings is changed.
pub(crate) trait SettingsForm: Sized + Send {
    /// The part.
    const PART: Steered;

    /// The version of the part that was on the page.
    fn version(&self) -> &str;

    /// Where to go after it was saved.
    fn saved_address(&self) -> String;

    /// The page with this form, and with what is wrong with it, if anything is.
    fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> impl Future<Output = Handled> + Send;
}

/// Saves what a form says. If somebody else has changed the part meanwhile, or the settings do not fit together, nothing
/// is saved, and the page says why.
pub(crate) async fn save<F: SettingsForm>(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: F,
    text: SettingsText,
) -> Handled {
    match desk.set(staff, F::PART, form.version(), text).await {
        Ok(()) => Ok(see_other(&form.saved_address())),
        Err(ActionError::Rejected(fault)) => {
            form.show(desk, staff, Some(FormFault::of_form(fault))).await
        }
        Err(ActionError::Failed(error)) => Err(DeskError::failed("settings: save", error)),
    }
}

impl DeskState {
    /// Sets a part for somebody who has seen this version of it.
    ///
    /// # Errors
    ///
    /// [`ActionError::Rejected`] if the part has another version by now, or the settings do not fit together.
    pub(crate) async fn set(
        &self,
        staff: &CurrentStaff,
        part: Steered,
        version: &str,
        text: SettingsText,
    ) -> Result<(), ActionError> {
        let version = version.parse().unwrap_or_default();
        let text = text.map_err(ActionError::failed)?;
        let when = (staff.account.id, self.now());
        match self.settings_store.set(part, version, text, when).await? {
            Written::Done(_) => Ok(()),
            Written::Behind => Err(ActionError::Rejected(conflict(part))),
        }
    }
}

/// What somebody is told if somebody else has saved first.
fn conflict(part: Steered) -> String {
    let what = match part {
        Steered::Meter => "the meter",
        Steered::Messages => "the messages",
        Steered::Sections => "the sections",
        Steered::Fronts => "a front",
        Steered::Products => "what is sold",
        Steered::Offers => "the offers",
        Steered::Experiment => "the experiment",
    };
    format!(
        "Somebody else has changed {what} since you began, and nothing was changed. Open the page in another tab, and \
         compare."
    )
}
