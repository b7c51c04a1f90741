//! `/desk/breaking`: the breaking news at the top of every page.

mod form;

use std::sync::Arc;

use axum::extract::State;
use masthead_editorial::BreakingNews;
use masthead_settings::{BreakingPart, PartChange, PartSettings, SettingsPart};
use serde::Serialize;

use self::form::BreakingForm;
use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save},
};
use crate::{
    error::Handled,
    form::{Button, StaffForm},
    in_force::pairs,
    newsroom::local_time::{zone_in_words, zone_of_form},
    staff::CurrentStaff,
    state::DeskState,
};

/// Articles that are offered as what it leads to, the latest first.
const OFFERED: usize = 80;

/// The content of the page.
#[derive(Default, Serialize)]
struct BreakingContent {
    form: BreakingForm,
    /// Address and headline.
    articles: Vec<(String, String)>,
    /// What readers see now; empty if nothing.
    shown: String,
    /// Until when, written out.
    shown_until: String,
    zone: String,
    max_characters: usize,
    max_hours: i64,
}

impl SettingsContent for BreakingContent {
    const TEMPLATE: &'static str = "breaking.html";
    const PART: SettingsPart = SettingsPart::Breaking;
}

/// `GET /desk/breaking`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    BreakingForm::in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/breaking`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<BreakingForm>,
) -> Handled {
    let base = desk.settings_version(SettingsPart::Breaking);
    let change = match Button::named(&form.button).action.as_str() {
        "remove" => PartChange::LeaveToFile(SettingsPart::Breaking),
        "save" => match form.news(&desk, staff.words) {
            Ok(news) => PartChange::Set(PartSettings::Breaking(BreakingPart::from(&news))),
            Err(fault) => return form.show(&desk, &staff, Some(fault)).await,
        },
        _ => return form.show(&desk, &staff, None).await,
    };
    save(&desk, &staff, form, base, change).await
}

impl SettingsForm for BreakingForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/breaking".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, zone) = (staff.words, desk.publication().zone);
        let settings = desk.settings();
        let shown = settings.breaking.as_ref().filter(|news| news.is_shown(desk.now()));
        let version = self.version.clone();
        let content = BreakingContent {
            zone: zone_in_words(&zone_of_form(&self.time_zone, &zone)),
            form: self,
            articles: pairs(desk.snapshot().latest_articles(OFFERED)),
            shown: shown.map(|news| news.text.clone()).unwrap_or_default(),
            shown_until: shown.map(|news| words.date_time(news.until, &zone)).unwrap_or_default(),
            max_characters: BreakingNews::MAX_CHARACTERS,
            max_hours: BreakingNews::MAX_HOURS,
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<BreakingContent> {
        fn samples() -> Vec<Self> {
            let full = BreakingContent {
                form: BreakingForm { article: "/a".into(), ..BreakingForm::default() },
                articles: vec![("/a".into(), "A".into()), ("/b".into(), "B".into())],
                shown: "News".into(),
                shown_until: "today".into(),
                ..BreakingContent::default()
            };
            vec![Self::default(), Self { at: "text".into(), ..Self::sample(full) }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<BreakingContent>>();
    }
}
