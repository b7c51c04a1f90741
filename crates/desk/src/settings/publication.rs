//! `/desk/publication`: the name, the tagline, the language and the time zone of the publication, with a preview.

mod choices;
mod form;

use std::sync::Arc;

use axum::extract::State;
use jiff::tz::TimeZone;
use masthead_access::message::Locale;
use masthead_settings::{PartSettings, PublicationPart, SettingsPart};
use serde::Serialize;

use self::{
    choices::{ZoneGroup, locales, zones},
    form::{MAX_NAME, MAX_TAGLINE, PublicationForm},
};
use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save_whole},
};
use crate::{
    error::Handled,
    form::{Button, StaffForm},
    staff::CurrentStaff,
    state::DeskState,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct PublicationContent {
    form: PublicationForm,
    /// Tag and label of each language and region.
    locales: Vec<(String, String)>,
    /// The time zones of each region of the world.
    zones: Vec<ZoneGroup>,
    /// The address, which only the file sets.
    address: String,
    preview: MastheadPreview,
    /// The time now in the chosen zone.
    time: String,
    /// Whether the form differs from what is in force.
    is_new: bool,
    max_name: usize,
    max_tagline: usize,
}

/// The top of the front page, as the form would make it.
#[derive(Default, Serialize)]
struct MastheadPreview {
    name: String,
    tagline: String,
    /// Today, as readers see it.
    date: String,
    /// The tag of its language.
    lang: String,
}

impl SettingsContent for PublicationContent {
    const TEMPLATE: &'static str = "publication-settings.html";
    const PART: SettingsPart = SettingsPart::Publication;
}

/// `GET /desk/publication`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    PublicationForm::in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/publication`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<PublicationForm>,
) -> Handled {
    let (words, button) = (staff.words, Button::named(&form.button));
    save_whole(&desk, &staff, (SettingsPart::Publication, &button), form, |form| {
        let publication = form.identity(desk.publication().slugs, words)?;
        Ok(PartSettings::Publication(PublicationPart { publication }))
    })
    .await
}

impl SettingsForm for PublicationForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/publication".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, in_force) = (staff.words, desk.settings());
        let zone = TimeZone::get(&self.zone).unwrap_or_else(|_| in_force.policy.zone.clone());
        let version = self.version.clone();
        let content = PublicationContent {
            locales: locales(&self.locale, words),
            zones: zones(&self.zone),
            address: in_force.address.clone(),
            preview: self.preview(desk, &zone),
            time: words.date_time(desk.now(), &zone),
            is_new: !self.says_the_same(&Self::in_force(desk)),
            max_name: MAX_NAME,
            max_tagline: MAX_TAGLINE,
            form: self,
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

impl PublicationForm {
    fn preview(&self, desk: &DeskState, zone: &TimeZone) -> MastheadPreview {
        let today = desk.now().to_zoned_datetime(zone.clone()).date();
        let in_force = desk.settings();
        let chosen = Locale::new(&self.locale).ok();
        let locale = chosen.as_ref().unwrap_or(&in_force.locale);
        MastheadPreview {
            name: self.name.trim().to_owned(),
            tagline: self.tagline.trim().to_owned(),
            date: locale.weekday(today),
            lang: locale.tag().to_owned(),
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<PublicationContent> {
        fn samples() -> Vec<Self> {
            let full = PublicationContent {
                form: PublicationForm { zone: "UTC".into(), ..PublicationForm::default() },
                locales: vec![("en".into(), "English".into())],
                zones: zones("UTC"),
                preview: MastheadPreview { tagline: "Daily".into(), ..MastheadPreview::default() },
                is_new: true,
                ..PublicationContent::default()
            };
            vec![Self::default(), Self { at: "name".into(), ..Self::sample(full) }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<PublicationContent>>();
    }
}
