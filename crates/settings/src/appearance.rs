//! `[appearance]`: the colours and the logo of the publication.

use masthead_editorial::{LogoFile, color::Color};
use serde::{Deserialize, Serialize};

use crate::values::{optional_color, optional_logo};

/// `[appearance]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppearanceSettings {
    /// The accent on light pages; `None` for that of the theme.
    #[serde(with = "optional_color", skip_serializing_if = "Option::is_none")]
    pub accent: Option<Color>,
    /// The accent on dark pages; `None` for the nearest to `accent` that can be read there.
    #[serde(with = "optional_color", skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<Color>,
    /// The logo in place of the name; `None` for that of the theme, or the name.
    #[serde(with = "optional_logo", skip_serializing_if = "Option::is_none")]
    pub logo: Option<LogoFile>,
    /// The logo on dark pages; `None` for the same.
    #[serde(with = "optional_logo", skip_serializing_if = "Option::is_none")]
    pub logo_dark: Option<LogoFile>,
}

/// What the desk stores in place of `[appearance]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppearancePart {
    /// The settings.
    pub appearance: AppearanceSettings,
}
