//! `/desk/meter`: how much may be read, and which articles are for whom, with what that means in plain words.

pub(crate) mod form;

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use masthead_access::PolicyNames;
use masthead_settings::{PartChange, SettingsPart};
use serde::Serialize;

use self::form::MeterForm;
use super::{
    history::SettingsHistory,
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm, form_status},
    in_force::pairs,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct MeterPage {
    form: MeterForm,
    /// Slug and name.
    sections: Vec<(String, String)>,
    /// Name in the settings, and words.
    tiers: Vec<(String, String)>,
    /// What the form means, in sentences.
    reading: Vec<String>,
    /// What is probably a mistake.
    doubts: Vec<String>,
    /// Whether the form differs from what is in force.
    is_new: bool,
    set_here: bool,
    history: Vec<String>,
    fault: String,
}

impl Page for MeterPage {
    const TEMPLATE: &'static str = "meter.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/meter`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/meter`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let mut form = MeterForm::sent(&fields);
    let button = fields.button();
    let change = match button.action.as_str() {
        "save" => match form.settings(&desk.settings().policy) {
            Ok(settings) => PartChange::Set(settings),
            Err(fault) => return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await,
        },
        "file" => PartChange::LeaveToFile(SettingsPart::Meter),
        _ => {
            form.rearrange(&button);
            return form.show(&desk, &staff, None).await;
        }
    };
    save(&desk, &staff, form, change).await
}

fn in_force(desk: &DeskState) -> MeterForm {
    let version = desk.settings_version(SettingsPart::Meter);
    let settings = desk.settings();
    let form = MeterForm::of(&settings.policy, settings.teaser);
    MeterForm { version: version.to_string(), ..form }
}

impl SettingsForm for MeterForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/meter".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let in_force = in_force(desk);
        let SettingsHistory { set_here, history, .. } =
            desk.settings_history(SettingsPart::Meter).await?;
        let sections: Vec<(String, String)> = desk
            .snapshot()
            .sections()
            .into_iter()
            .map(|section| (section.slug, section.name))
            .collect();
        let products = pairs(desk.snapshot().products());
        let names = PolicyNames { sections: &sections, products: &products };
        let before = desk.settings().policy.clone();
        let (reading, doubts, wrong) = match self.policy(&before) {
            Ok((policy, _)) => (policy.explain(&names), policy.warnings(&names), String::new()),
            Err(wrong) => (Vec::new(), Vec::new(), wrong),
        };
        let page = MeterPage {
            is_new: !self.says_the_same(&in_force),
            set_here,
            history,
            tiers: tiers(&products),
            sections,
            reading,
            doubts,
            form: self,
            fault: fault.map_or(wrong, |fault| fault.text),
        };
        Ok(desk.page(staff, &page))
    }
}

fn tiers(products: &[(String, String)]) -> Vec<(String, String)> {
    let general = [
        ("free", "free for everyone"),
        ("metered", "metered"),
        ("registered", "for registered readers"),
        ("subscribers", "for subscribers"),
    ];
    let general = general.into_iter().map(|(tier, words)| (tier.to_owned(), words.to_owned()));
    let product_figures = products
        .iter()
        .map(|(slug, name)| (format!("product:{slug}"), format!("for holders of {name}")));
    general.chain(product_figures).collect()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{form::RuleRow, *};
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for MeterPage {
        fn samples() -> Vec<Self> {
            let rules =
                vec![RuleRow::default(), RuleRow { tier: "metered".into(), ..RuleRow::default() }];
            let full = Self {
                form: MeterForm { rules, ..MeterForm::default() },
                sections: vec![("town".into(), "Town".into())],
                tiers: tiers(&[("gold".into(), "Gold".into())]),
                reading: vec!["Everybody may read.".into()],
                doubts: vec!["Really?".into()],
                is_new: true,
                set_here: true,
                history: vec!["Ada set it.".into()],
                fault: String::new(),
            };
            vec![Self::default(), Self { fault: "Wrong".into(), ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<MeterPage>();
    }
}
