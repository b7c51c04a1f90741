//! The publication's own accent colour, for light and dark pages.

use masthead_editorial::color::{Color, READABLE};
use masthead_settings::AppearanceSettings;

/// The accent in place of the theme's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// On light pages.
    pub light: Color,
    /// On dark pages.
    pub dark: Color,
    /// The colour that was set for dark pages; `None` if it follows from that of light pages.
    pub set_dark: Option<Color>,
}

impl Accent {
    /// The light backgrounds of the built-in theme on which there is text in the accent.
    pub const LIGHT: [Color; 4] = [
        Color::new(0xff, 0xfd, 0xf9),
        Color::new(0xf5, 0xf1, 0xe8),
        Color::new(0xfa, 0xf2, 0xe6),
        Color::new(0xf1, 0xe6, 0xd4),
    ];
    /// The dark ones.
    pub const DARK: [Color; 4] = [
        Color::new(0x15, 0x14, 0x12),
        Color::new(0x20, 0x1e, 0x1b),
        Color::new(0x1d, 0x19, 0x13),
        Color::new(0x28, 0x22, 0x1a),
    ];

    /// Returns the accent that these settings make; `None` for the theme's.
    pub fn new(settings: &AppearanceSettings) -> Option<Self> {
        let light = settings.accent?;
        let dark = settings.accent_dark.or_else(|| light.made_readable(&Self::DARK));
        Some(Self { light, dark: dark.unwrap_or(Color::WHITE), set_dark: settings.accent_dark })
    }

    /// Returns each colour that cannot be read on all of its backgrounds, with its contrast and the nearest that can.
    pub fn faults(self) -> Vec<AccentFault> {
        [(self.light, false), (self.dark, true)]
            .into_iter()
            .filter_map(|(color, is_dark)| {
                let backgrounds = if is_dark { &Self::DARK } else { &Self::LIGHT };
                let contrast = color.least_contrast(backgrounds);
                let nearest = color.made_readable(backgrounds)?;
                (contrast < READABLE).then_some(AccentFault { color, is_dark, contrast, nearest })
            })
            .collect()
    }

    /// The style sheet that sets it. It follows that of the theme.
    pub(crate) fn style(self) -> String {
        let Self { light, dark, .. } = self;
        format!(":root{{--accent:light-dark({light},{dark})}}\n")
    }
}

/// A colour in which text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccentFault {
    /// The colour.
    pub color: Color,
    /// Whether it is that of dark pages.
    pub is_dark: bool,
    /// Its contrast with the background on which it is read worst.
    pub contrast: f64,
    /// The nearest colour that can be read.
    pub nearest: Color,
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = include_str!("../../../themes/default/assets/style.css");

    fn accent(light: &str, dark: Option<&str>) -> Accent {
        let color = |text: &str| text.parse::<Color>().expect("a colour");
        let settings = AppearanceSettings {
            accent: Some(color(light)),
            accent_dark: dark.map(color),
            ..AppearanceSettings::default()
        };
        Accent::new(&settings).expect("an accent")
    }

    #[test]
    fn the_backgrounds_are_those_of_the_theme() {
        for color in Accent::LIGHT.iter().chain(&Accent::DARK) {
            assert!(STYLE.contains(&color.to_string()), "{color}");
        }
        let own = accent("#8a1c1c", Some("#f0917f"));
        assert_eq!(own.faults(), [], "the theme's own colours can be read");
    }

    #[test]
    fn a_dark_colour_is_found_for_a_light_one_and_faults_say_the_nearest() {
        let blue = accent("#0b3d91", None);
        assert_eq!(blue.faults(), []);
        assert_ne!(blue.light, blue.dark);
        let faults = accent("#ff9900", Some("#222222")).faults();
        assert_eq!(faults.iter().map(|fault| fault.is_dark).collect::<Vec<_>>(), [false, true]);
        for fault in faults {
            assert!(fault.contrast < READABLE && fault.nearest != fault.color);
        }
        assert_eq!(
            accent("#fff", Some("#000")).style(),
            ":root{--accent:light-dark(#ffffff,#000000)}\n"
        );
    }
}
