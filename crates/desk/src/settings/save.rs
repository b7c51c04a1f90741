//! Saving a part of the settings: the same for every form.

use std::future::Future;

use masthead_publication::settings::SaveError;
use masthead_settings::{PartChange, PartSettings, SettingsPart};
use masthead_store::SettingAuthor;

use crate::{
    error::{ActionError, DeskError, Handled},
    form::Button,
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// What is wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormFault {
    /// The name of the field; empty if it is about the whole form.
    pub field: String,
    /// What to correct, for the person who filled it in.
    pub text: String,
    /// What is wrong with other fields.
    pub others: Vec<FormFault>,
}

impl FormFault {
    /// A fault of one field.
    pub fn at(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into(), others: Vec::new() }
    }

    /// All of these faults, so that they are corrected at once.
    pub fn all(faults: Vec<FormFault>) -> Self {
        let mut faults = faults.into_iter();
        let first = faults.next().unwrap_or_default();
        Self { others: faults.collect(), ..first }
    }

    /// A fault of the whole form.
    pub fn of_form(text: impl Into<String>) -> Self {
        Self::at("", text)
    }
}

/// A form with which a part of the settings is changed.
pub(crate) trait SettingsForm: Sized + Send {
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
///
/// `base` is the version of the part that the change was made from, such as a list in which one entry was replaced. It must
/// have been read before the list was: one that was read afterwards may be newer, and what it has would be overwritten.
pub(crate) async fn save<F: SettingsForm>(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: F,
    base: i32,
    change: impl Into<PartChange>,
) -> Handled {
    let change = change.into();
    if form.version().parse::<i32>().unwrap_or_default() != base {
        let fault = FormFault::of_form(conflict(change.part(), staff.words));
        return form.show(desk, staff, Some(fault)).await;
    }
    match desk.set(staff, &change, base).await {
        Ok(()) => Ok(see_other(&form.saved_address())),
        Err(ActionError::Rejected(fault)) => {
            form.show(desk, staff, Some(FormFault::of_form(fault))).await
        }
        Err(ActionError::Failed(error)) => Err(DeskError::failed("settings: save", error)),
    }
}

/// Saves a part that one form sets as a whole, or leaves it to the file, as the button that was pressed says. `set` reads the form.
pub(crate) async fn save_whole<F: SettingsForm>(
    desk: &DeskState,
    staff: &CurrentStaff,
    (part, button): (SettingsPart, &Button),
    form: F,
    set: impl FnOnce(&F) -> Result<PartSettings, FormFault> + Send,
) -> Handled {
    let base = desk.settings_version(part);
    let change = match button.action.as_str() {
        "save" => match set(&form) {
            Ok(settings) => PartChange::Set(settings),
            Err(fault) => return form.show(desk, staff, Some(fault)).await,
        },
        "file" => PartChange::LeaveToFile(part),
        _ => return form.show(desk, staff, None).await,
    };
    save(desk, staff, form, base, change).await
}

impl DeskState {
    /// Changes a part for somebody who has seen this version of it.
    ///
    /// # Errors
    ///
    /// [`ActionError::Rejected`] if the part has another version by now, or the settings do not fit together.
    pub(crate) async fn set(
        &self,
        staff: &CurrentStaff,
        change: &PartChange,
        version: i32,
    ) -> Result<(), ActionError> {
        let author = SettingAuthor { by: staff.account.id, at: self.now() };
        self.live_settings.save(change, version, author).await.map_err(|error| match error {
            SaveError::Behind => ActionError::Rejected(conflict(change.part(), staff.words)),
            SaveError::Rejected(fault) => {
                ActionError::Rejected(staff.words.fill("settings_rejected", &[("fault", &fault)]))
            }
            SaveError::Failed(error) => ActionError::Failed(error),
        })
    }
}

/// The fault if somebody else has saved first.
fn conflict(part: SettingsPart, words: DeskWords) -> String {
    let name = match part {
        SettingsPart::Meter => "conflict_meter",
        SettingsPart::Messages => "conflict_messages",
        SettingsPart::Sections => "conflict_sections",
        SettingsPart::Fronts => "conflict_fronts",
        SettingsPart::Products => "conflict_products",
        SettingsPart::Offers => "conflict_offers",
        SettingsPart::Experiment => "conflict_experiment",
        SettingsPart::Breaking => "conflict_breaking",
        SettingsPart::Appearance => "conflict_appearance",
        SettingsPart::Menus => "conflict_menus",
        SettingsPart::Retention => "conflict_retention",
        SettingsPart::Backups => "conflict_backups",
        SettingsPart::Seller => "conflict_seller",
        SettingsPart::Publication => "conflict_publication",
    };
    format!("{} {}", words.text(name), words.text("conflict_compare"))
}
