//! `[appearance]`: the colours of the publication.

use masthead_editorial::color::Color;
use serde::{Deserialize, Serialize};

use crate::values::optional_color;

/// `[appearance]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppearanceSettings {
    /// The accent on light pages; `None` for that of the theme.
    #[serde(with = "optional_color", skip_serializing_if = "Option::is_none")]
    pub accent: Option<Color>,
    /// The accent on dark pages; `None` for the nearest to `accent` that can be read there.
    #[serde(with = "optional_color", skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<Color>,
}

/// What the desk stores in place of `[appearance]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppearancePart {
    /// The settings.
    pub appearance: AppearanceSettings,
}
