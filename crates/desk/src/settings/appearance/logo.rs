//! `POST /desk/appearance/logo`: uploads a logo, and puts it in force.

use std::sync::Arc;

use axum::extract::{Request, State};
use masthead_editorial::{Logo, LogoFile};
use masthead_media::{ImportError, RejectedUpload, WorkOwner};
use masthead_settings::{AppearancePart, AppearanceSettings, PartSettings, SettingsPart};
use masthead_web::{
    body::BodyLimits,
    form::FormError,
    multipart::{self, FormParts},
};
use serde::Serialize;

use super::form::AppearanceForm;
use crate::{
    error::{DeskError, Handled},
    newsroom::uploads::{kilobytes, why},
    settings::save::{FormFault, SettingsForm, save},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The maximum size of a logo, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The size of what a browser sends around it, in bytes.
const ENVELOPE: usize = 64 * 1024;

/// The pages that a logo is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogoVariant {
    /// Light pages, and dark ones if they have none of their own.
    Light,
    /// Dark pages.
    Dark,
}

impl LogoVariant {
    /// Its name in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The variant with this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|variant| variant.name() == name)
    }

    fn field(self) -> String {
        format!("logo-{}", self.name())
    }
}

/// A variant on the page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct LogoSample {
    variant: &'static str,
    heading: String,
    /// Its address; empty if there is none.
    src: String,
    width: u32,
    height: u32,
}

/// The variants: that for dark pages once there is one for light pages.
pub(super) fn samples(logo: Option<&Logo>, words: DeskWords) -> Vec<LogoSample> {
    let sample = |variant: LogoVariant, heading: &str, file: Option<&LogoFile>| LogoSample {
        variant: variant.name(),
        heading: words.text(heading).to_owned(),
        src: file.map(LogoFile::shown).unwrap_or_default(),
        width: file.map(LogoFile::width).unwrap_or_default(),
        height: file.map(LogoFile::height).unwrap_or_default(),
    };
    let light = sample(LogoVariant::Light, "appearance_logo_light", logo.map(|logo| &logo.light));
    let dark =
        logo.map(|logo| sample(LogoVariant::Dark, "appearance_logo_dark", logo.dark.as_ref()));
    [light].into_iter().chain(dark).collect()
}

/// The appearance that is in force, with another file for a variant. Without one for light pages, there is none for dark ones.
pub(super) fn with_logo(
    desk: &DeskState,
    variant: LogoVariant,
    file: Option<LogoFile>,
) -> PartSettings {
    let appearance = in_force(desk);
    let appearance = match (variant, file) {
        (LogoVariant::Light, None) => {
            AppearanceSettings { logo: None, logo_dark: None, ..appearance }
        }
        (LogoVariant::Light, logo) => AppearanceSettings { logo, ..appearance },
        (LogoVariant::Dark, logo_dark) => AppearanceSettings { logo_dark, ..appearance },
    };
    PartSettings::Appearance(AppearancePart { appearance })
}

/// The appearance that is in force.
pub(super) fn in_force(desk: &DeskState) -> AppearanceSettings {
    let settings = desk.settings();
    let (accent, accent_dark) =
        settings.accent.map_or((None, None), |accent| (Some(accent.light), accent.set_dark));
    let logo = settings.logo.as_ref();
    AppearanceSettings {
        accent,
        accent_dark,
        logo: logo.map(|logo| logo.light.clone()),
        logo_dark: logo.and_then(|logo| logo.dark.clone()),
    }
}

/// See the module's documentation.
pub(crate) async fn upload(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    request: Request,
) -> Handled {
    let words = staff.words;
    // The version before what is changed, so that nothing newer is overwritten.
    let base = desk.settings_version(SettingsPart::Appearance);
    let refused = |text: &str, variant: LogoVariant| {
        AppearanceForm::in_force(&desk).show(
            &desk,
            &staff,
            Some(FormFault::at(variant.field(), text)),
        )
    };
    let size = kilobytes(request.body(), MAX_BYTES + ENVELOPE);
    let Some(_memory) = desk.uploads.reserve(staff.account.id, size).await else {
        return refused(words.text("picture_busy"), LogoVariant::Light).await;
    };
    let parts = match multipart::read(request, BodyLimits::upload(MAX_BYTES + ENVELOPE)).await {
        Ok(parts) => parts,
        Err(FormError::TooLarge) => {
            return refused(words.text("appearance_logo_fault_large"), LogoVariant::Light).await;
        }
        Err(error) => return Err(error.into()),
    };
    let variant = LogoVariant::of(&parts.text("variant")).unwrap_or(LogoVariant::Light);
    match stored(&desk, staff.work_owner(), &parts).await? {
        Ok(file) => {
            let form = AppearanceForm {
                version: parts.text("version"),
                ..AppearanceForm::in_force(&desk)
            };
            save(&desk, &staff, form, base, with_logo(&desk, variant, Some(file))).await
        }
        Err(word) => refused(words.text(word), variant).await,
    }
}

/// Stores the file of a form, or returns the name of the word for why it is refused.
async fn stored(
    desk: &DeskState,
    owner: WorkOwner,
    parts: &FormParts,
) -> Result<Result<LogoFile, &'static str>, DeskError> {
    let Some(file) = parts.file("file") else { return Ok(Err("appearance_logo_fault_none")) };
    if file.content.len() > MAX_BYTES {
        return Ok(Err("appearance_logo_fault_large"));
    }
    match desk.media.upload_logo(owner, file.content.clone()).await {
        Ok(picture) => Ok(picture.src.parse().map_err(|_| "appearance_logo_fault_format")),
        Err(ImportError::RejectedUpload(RejectedUpload::NotAPicture)) => {
            Ok(Err("appearance_logo_fault_format"))
        }
        Err(ImportError::RejectedUpload(rejected)) => Ok(Err(why(rejected))),
        Err(ImportError::Work(error)) => {
            tracing::warn!(%error, "settings: logo not processed");
            Ok(Err("picture_busy"))
        }
        Err(ImportError::Failed(error)) => Err(DeskError::failed("settings: store logo", error)),
    }
}

#[cfg(test)]
impl LogoSample {
    pub(super) fn sample() -> Self {
        Self { variant: "dark", src: "/media/5f-240x48.svg".into(), ..Self::default() }
    }
}
