//! The form of the accent colour.

use std::fmt::Display;

use masthead_editorial::color::{Color, READABLE};
use masthead_publication::{Accent, AccentFault};
use masthead_settings::{AppearanceSettings, SettingsPart};
use serde::{Deserialize, Serialize};

use crate::{settings::save::FormFault, state::DeskState, words::DeskWords};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AppearanceForm {
    /// The version that was on the page.
    pub version: String,
    /// On light pages; empty for the theme's.
    pub accent: String,
    /// On dark pages; empty for the nearest to `accent`.
    pub accent_dark: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
}

impl AppearanceForm {
    /// What is in force.
    pub fn in_force(desk: &DeskState) -> Self {
        // The version first, so that the form never names a newer one than it shows.
        let version = desk.settings_version(SettingsPart::Appearance).to_string();
        let accent = desk.settings().accent;
        let text = |color: Option<Color>| color.map(|color| color.to_string()).unwrap_or_default();
        Self {
            version,
            accent: text(accent.map(|accent| accent.light)),
            accent_dark: text(accent.and_then(|accent| accent.set_dark)),
            button: String::new(),
        }
    }

    /// Whether another form has the same values.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let values =
            |form: &Self| [form.accent.trim().to_owned(), form.accent_dark.trim().to_owned()];
        values(self) == values(other)
    }

    /// The colours of this form, whether they can be read or not.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn colors(&self, words: DeskWords) -> Result<AppearanceSettings, FormFault> {
        let color = |field: &str, entered: &str| match entered.trim() {
            "" => Ok(None),
            entered => entered.parse().map(Some).map_err(|_| {
                let text = words.fill("appearance_fault_color", &[("text", &entered)]);
                FormFault::at(field, text)
            }),
        };
        let colors = AppearanceSettings {
            accent: color("accent", &self.accent)?,
            accent_dark: color("accent_dark", &self.accent_dark)?,
            ..AppearanceSettings::default()
        };
        if colors.accent.is_none() && colors.accent_dark.is_some() {
            return Err(FormFault::at("accent", words.text("appearance_fault_light")));
        }
        Ok(colors)
    }

    /// The settings of this form.
    ///
    /// # Errors
    ///
    /// What to correct, also if text in a colour cannot be read.
    pub fn settings(&self, words: DeskWords) -> Result<AppearanceSettings, FormFault> {
        let colors = self.colors(words)?;
        let Some(accent) = Accent::new(&colors) else { return Ok(colors) };
        let faults = accent.faults();
        if faults.is_empty() {
            return Ok(colors);
        }
        Err(FormFault::all(faults.iter().map(|fault| unreadable(fault, words)).collect()))
    }
}

fn unreadable(fault: &AccentFault, words: DeskWords) -> FormFault {
    let (ratio, least) = (ratio(fault.contrast, words), words.decimal(READABLE, 1));
    let gaps: [(&str, &dyn Display); 4] = [
        ("color", &fault.color),
        ("ratio", &ratio),
        ("least", &least),
        ("nearest", &fault.nearest),
    ];
    let field = if fault.is_dark { "accent_dark" } else { "accent" };
    FormFault::at(field, words.fill("appearance_fault_contrast", &gaps))
}

/// A contrast with one decimal, rounded down, so that too little never looks like enough.
pub(super) fn ratio(contrast: f64, words: DeskWords) -> String {
    words.decimal((contrast * 10.0).floor() / 10.0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(accent: &str, accent_dark: &str) -> AppearanceForm {
        let [accent, accent_dark] = [accent, accent_dark].map(str::to_owned);
        AppearanceForm { accent, accent_dark, ..AppearanceForm::default() }
    }

    #[test]
    fn colours_are_refused_with_the_ratio_and_the_nearest_that_passes() {
        let words = DeskWords::default();
        let good = form("#0b3d91", "").settings(words).expect("readable");
        assert_eq!(good.accent_dark, None, "it follows from that of light pages");
        assert_eq!(form("", " ").settings(words), Ok(AppearanceSettings::default()));
        for (accent, dark, field, says) in [
            ("red", "", "accent", "“red” isn’t a colour"),
            ("", "#ffffff", "accent", "for light pages as well"),
            ("#0b3d91", "#0b3d91", "accent_dark", "at least 4.5"),
            ("#ff9900", "", "accent", "The nearest colour that works is #"),
        ] {
            let fault = form(accent, dark).settings(words).expect_err("refused");
            assert_eq!(fault.field, field, "{accent} {dark}");
            assert!(fault.text.contains(says), "{}", fault.text);
        }
        assert_eq!(ratio(4.49, words), "4.4");
    }
}
