//! `/desk/sections`: the sections of the navigation, their names and their order.

mod form;

use std::sync::Arc;

use axum::extract::State;
use masthead_settings::{PartChange, PartSettings, SettingsPart};
use serde::Serialize;

use self::form::{SectionRow, SectionsForm};
use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct SectionList {
    rows: Vec<SectionRow>,
    /// Whether the form differs from what is in force.
    is_new: bool,
    /// Whether the navigation does not have the order of the sections.
    has_menu: bool,
}

impl SettingsContent for SectionList {
    const TEMPLATE: &'static str = "sections.html";
    const PART: SettingsPart = SettingsPart::Sections;
}

/// `GET /desk/sections`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let form = SectionsForm {
        // The version first, so that the form never names a newer one than it shows.
        version: desk.settings_version(SettingsPart::Sections).to_string(),
        rows: rows_in_force(&desk),
    };
    form.show(&desk, &staff, None).await
}

/// `POST /desk/sections`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Sections);
    let mut form = SectionsForm::sent(&fields);
    let button = fields.button();
    let change = match button.action.as_str() {
        "save" => match form.sections(desk.publication().slugs, staff.words) {
            Ok(sections) => PartChange::Set(PartSettings::Sections(sections.as_slice().into())),
            Err(fault) => return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await,
        },
        "file" => PartChange::LeaveToFile(SettingsPart::Sections),
        _ => {
            form.rearrange(&button);
            return form.show(&desk, &staff, None).await;
        }
    };
    save(&desk, &staff, form, base, change).await
}

fn rows_in_force(desk: &DeskState) -> Vec<SectionRow> {
    desk.settings().sections.clone().into_iter().map(SectionRow::of).collect()
}

impl SettingsForm for SectionsForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/sections".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let is_new = self.rows != rows_in_force(desk);
        let has_menu = !desk.settings().menus.navigation.is_empty();
        let content = SectionList { is_new, has_menu, rows: self.rows };
        Ok(desk.page(
            staff,
            &SettingsPage::load(desk, staff.words, content, &self.version, fault).await?,
        ))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<SectionList> {
        fn samples() -> Vec<Self> {
            let town = SectionRow { slug: "town".into(), ..SectionRow::default() };
            let full = SectionList {
                rows: vec![SectionRow::default(), town],
                is_new: true,
                has_menu: true,
            };
            vec![
                Self::default(),
                Self { fault: "Wrong".into(), ..Self::default() },
                Self { fault: String::new(), ..Self::sample(full) },
            ]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<SectionList>>();
    }
}
