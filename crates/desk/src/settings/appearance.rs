//! `/desk/appearance`: the accent colour of the publication, with its contrast.

mod form;
pub(crate) mod logo;

use std::sync::Arc;

use axum::extract::State;
use masthead_editorial::color::{Color, READABLE};
use masthead_publication::Accent;
use masthead_settings::{AppearancePart, AppearanceSettings, PartSettings, SettingsPart};
use serde::Serialize;

use self::{
    form::AppearanceForm,
    logo::{LogoSample, LogoVariant, with_logo},
};
use super::{
    page::{SettingsContent, SettingsPage},
    save::{FormFault, SettingsForm, save, save_whole},
};
use crate::{
    error::Handled,
    form::{Button, StaffForm},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The accent of the built-in theme, which is shown if none is set.
const THEME: Accent = Accent {
    light: Color::new(0x8a, 0x1c, 0x1c),
    dark: Color::new(0xf0, 0x91, 0x7f),
    set_dark: None,
};

/// The content of the page.
#[derive(Default, Serialize)]
struct AppearanceContent {
    form: AppearanceForm,
    light: ColorSample,
    dark: ColorSample,
    logos: Vec<LogoSample>,
    /// Whether the form differs from what is in force.
    is_new: bool,
}

/// A colour as readers see it.
#[derive(Default, Serialize)]
struct ColorSample {
    color: String,
    /// The background of pages.
    paper: String,
    /// All backgrounds, for the script that computes the contrast.
    backgrounds: String,
    /// The contrast in words.
    contrast: String,
}

impl SettingsContent for AppearanceContent {
    const TEMPLATE: &'static str = "appearance.html";
    const PART: SettingsPart = SettingsPart::Appearance;
}

/// `GET /desk/appearance`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    AppearanceForm::in_force(&desk).show(&desk, &staff, None).await
}

/// `POST /desk/appearance`: every button of the form.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<AppearanceForm>,
) -> Handled {
    let (words, button) = (staff.words, Button::named(&form.button));
    if let ("remove", Some(variant)) = (button.action.as_str(), LogoVariant::of(&button.target)) {
        let base = desk.settings_version(SettingsPart::Appearance);
        let form = AppearanceForm { version: form.version, ..AppearanceForm::in_force(&desk) };
        return save(&desk, &staff, form, base, with_logo(&desk, variant, None)).await;
    }
    save_whole(&desk, &staff, (SettingsPart::Appearance, &button), form, |form| {
        let colors = form.settings(words)?;
        // After the version that is changed was read, so that a logo of the meantime is a conflict and not undone.
        let in_force = logo::in_force(&desk);
        let AppearanceSettings { accent, accent_dark, .. } = colors;
        let appearance = AppearanceSettings { accent, accent_dark, ..in_force };
        Ok(PartSettings::Appearance(AppearancePart { appearance }))
    })
    .await
}

impl SettingsForm for AppearanceForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        "/desk/appearance".to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, version) = (staff.words, self.version.clone());
        let accent = self.colors(words).ok().and_then(|colors| Accent::new(&colors));
        let shown = accent.or(desk.settings().accent).unwrap_or(THEME);
        let content = AppearanceContent {
            light: sample(shown.light, &Accent::LIGHT, words),
            dark: sample(shown.dark, &Accent::DARK, words),
            logos: logo::samples(desk.settings().logo.as_ref(), words),
            is_new: !self.says_the_same(&Self::in_force(desk)),
            form: self,
        };
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

fn sample(color: Color, backgrounds: &[Color; 4], words: DeskWords) -> ColorSample {
    let contrast = color.least_contrast(backgrounds);
    let word = if contrast < READABLE { "appearance_too_little" } else { "appearance_enough" };
    let all: Vec<String> = backgrounds.iter().map(Color::to_string).collect();
    ColorSample {
        color: color.to_string(),
        paper: all.first().cloned().unwrap_or_default(),
        backgrounds: all.join(" "),
        contrast: words.fill(word, &[("ratio", &form::ratio(contrast, words))]),
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<AppearanceContent> {
        fn samples() -> Vec<Self> {
            let full = AppearanceContent {
                light: sample(THEME.light, &Accent::LIGHT, DeskWords::default()),
                is_new: true,
                logos: vec![LogoSample::default(), LogoSample::sample()],
                ..AppearanceContent::default()
            };
            vec![Self::default(), Self { at: "accent".into(), ..Self::sample(full) }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<AppearanceContent>>();
    }
}
