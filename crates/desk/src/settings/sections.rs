//! `/desk/sections`: the sections of the navigation, their names and their order.

mod form;

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use masthead_editorial::SectionStyle;
use serde::Serialize;

use self::form::{SectionRow, SectionsForm};
use super::{
    history::SettingsHistory,
    save::{FormFault, SettingsForm, SettingsText, save},
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm, form_status},
    interfaces::Steered,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct SectionsPage {
    rows: Vec<SectionRow>,
    version: String,
    /// Whether the form differs from what is in force.
    is_new: bool,
    set_here: bool,
    history: Vec<String>,
    fault: String,
}

impl Page for SectionsPage {
    const TEMPLATE: &'static str = "sections.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/sections`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let form = SectionsForm { version: String::new(), rows: rows_in_force(&desk) };
    form.show(&desk, &staff, None).await
}

/// `POST /desk/sections`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let mut form = SectionsForm::sent(&fields);
    let button = fields.button();
    let text = match button.action.as_str() {
        "save" => match form.sections() {
            Ok(sections) => to_toml(&sections),
            Err(fault) => return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await,
        },
        "file" => Ok(String::new()),
        _ => {
            form.rearrange(&button);
            return form.show(&desk, &staff, None).await;
        }
    };
    save(&desk, &staff, form, text).await
}

fn rows_in_force(desk: &DeskState) -> Vec<SectionRow> {
    desk.settings().sections.clone().into_iter().map(SectionRow::of).collect()
}

impl SettingsForm for SectionsForm {
    const PART: Steered = Steered::Sections;

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
        let SettingsHistory { version, set_here, history } =
            desk.settings_history(Steered::Sections).await?;
        let page = SectionsPage {
            is_new: self.rows != rows_in_force(desk),
            rows: self.rows,
            version: if self.version.is_empty() { version.to_string() } else { self.version },
            set_here,
            history,
            fault: fault.unwrap_or_default().text,
        };
        Ok(desk.page(staff, &page))
    }
}

/// Sections in the format of the configuration file.
fn to_toml(sections: &[SectionStyle]) -> SettingsText {
    #[derive(Serialize)]
    struct File<'a> {
        sections: Vec<Entry<'a>>,
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        slug: &'a str,
        name: &'a str,
        description: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        color: &'a str,
    }
    fn entry(section: &SectionStyle) -> Entry<'_> {
        let SectionStyle { slug, name, description, color } = section;
        Entry { slug, name, description, color }
    }
    // Without any, the navigation has the sections with the most articles, whatever the file says.
    if sections.is_empty() {
        return Ok("sections = []\n".to_owned());
    }
    toml::to_string(&File { sections: sections.iter().map(entry).collect() })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SectionsPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                rows: vec![
                    SectionRow::default(),
                    SectionRow { slug: "town".into(), ..SectionRow::default() },
                ],
                is_new: true,
                set_here: true,
                history: vec!["Ada set it.".into()],
                ..Self::default()
            };
            vec![Self::default(), Self { fault: "Wrong".into(), ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SectionsPage>();
    }
}
