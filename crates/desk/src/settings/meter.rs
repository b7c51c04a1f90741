//! `/desk/meter`: how much may be read, and which articles are for whom, with what that means in plain words.

pub(crate) mod explanation;
pub(crate) mod form;

use std::sync::Arc;

use axum::extract::State;
use masthead_access::{Experiment, PolicyNames, Treatment};
use masthead_settings::{PartChange, SettingsPart};
use serde::Serialize;

use self::form::MeterForm;
use super::{
    entry,
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    in_force::pairs,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct MeterContent {
    form: MeterForm,
    /// Slug and name.
    sections: Vec<(String, String)>,
    /// Name in the settings, and who has access.
    tiers: Vec<(String, String)>,
    /// What the form means, in sentences.
    reading: Vec<String>,
    /// What is probably a mistake.
    doubts: Vec<String>,
    /// Whether the form differs from what is in force.
    is_new: bool,
    /// What half of the readers may read instead, while an experiment compares the two; otherwise empty.
    tried: String,
}

impl SettingsContent for MeterContent {
    const TEMPLATE: &'static str = "meter.html";
    const PART: SettingsPart = SettingsPart::Meter;
}

/// `GET /desk/meter`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    in_force(&desk, staff.words).show(&desk, &staff, None).await
}

/// `POST /desk/meter`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Meter);
    let mut form = MeterForm::sent(&fields, &desk.snapshot());
    let button = fields.button();
    let change = match button.action.as_str() {
        "save" => match form.settings(&desk.settings().policy, staff.words) {
            Ok(settings) => PartChange::Set(settings),
            Err(fault) => return form.show(&desk, &staff, Some(FormFault::of_form(fault))).await,
        },
        "file" => PartChange::LeaveToFile(SettingsPart::Meter),
        _ => {
            form.rearrange(&button);
            return form.show(&desk, &staff, None).await;
        }
    };
    save(&desk, &staff, form, base, change).await
}

fn in_force(desk: &DeskState, words: DeskWords) -> MeterForm {
    // The version first, so that the form never names a newer one than it shows.
    let version = desk.settings_version(SettingsPart::Meter).to_string();
    let settings = desk.settings();
    MeterForm { version, ..MeterForm::of(&settings.policy, settings.teaser, words) }
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
        let words = staff.words;
        let sections: Vec<(String, String)> = desk
            .snapshot()
            .sections()
            .into_iter()
            .map(|section| (section.slug, section.name))
            .collect();
        let products = pairs(desk.snapshot().products());
        let names = PolicyNames { sections: &sections, products: &products };
        let before = desk.settings().policy.clone();
        let doubt = |warning: &_| explanation::doubt(warning, words);
        let (reading, doubts, wrong) = match self.policy(&before, words) {
            Ok((policy, _)) => (
                explanation::sentences(&policy, &names, words),
                policy.warnings(&names).iter().map(doubt).collect(),
                None,
            ),
            Err(wrong) => (Vec::new(), Vec::new(), Some(FormFault::of_form(wrong))),
        };
        let version = self.version.clone();
        let content = MeterContent {
            is_new: !self.says_the_same(&in_force(desk, words)),
            tiers: tiers(&products, words),
            tried: tried(desk.settings().experiment.as_ref(), words),
            sections,
            reading,
            doubts,
            form: self,
        };
        let page = SettingsPage::load(desk, words, content, &version, fault.or(wrong)).await?;
        Ok(desk.page(staff, &page))
    }
}

/// The allowance that an experiment tries on half of the readers without an account, in words.
fn tried(experiment: Option<&Experiment>, words: DeskWords) -> String {
    match experiment.map(|running| &running.treatment) {
        Some(Treatment::Anonymous(allowance)) => entry::allowance_in_words(*allowance, words),
        Some(Treatment::Message(_)) | None => String::new(),
    }
}

fn tiers(products: &[(String, String)], words: DeskWords) -> Vec<(String, String)> {
    let general = [
        ("free", "access_free"),
        ("metered", "access_metered"),
        ("registered", "access_registered"),
        ("subscribers", "access_subscribers"),
    ];
    let general =
        general.into_iter().map(|(tier, name)| (tier.to_owned(), words.text(name).to_owned()));
    let of_product = |name: &String| words.fill("access_product", &[("product", name)]);
    let of_products =
        products.iter().map(|(slug, name)| (format!("product:{slug}"), of_product(name)));
    general.chain(of_products).collect()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{form::RuleRow, *};
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<MeterContent> {
        fn samples() -> Vec<Self> {
            let rules =
                vec![RuleRow::default(), RuleRow { tier: "metered".into(), ..RuleRow::default() }];
            let full = MeterContent {
                form: MeterForm { rules, ..MeterForm::default() },
                sections: vec![("town".into(), "Town".into())],
                tiers: tiers(&[("gold".into(), "Gold".into())], DeskWords::default()),
                reading: vec!["Everybody may read.".into()],
                doubts: vec!["Really?".into()],
                is_new: true,
                tried: "2".into(),
            };
            vec![
                Self::default(),
                Self { fault: "Wrong".into(), ..Self::default() },
                Self { fault: String::new(), ..Self::sample(full) },
            ]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<MeterContent>>();
    }
}
