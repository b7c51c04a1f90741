//! Colours, and whether text in them can be read.

use std::{fmt, str::FromStr};

/// The least contrast of text and its background (WCAG 2.2, 1.4.3).
pub const READABLE: f64 = 4.5;

/// The steps in which a colour becomes lighter or darker.
const STEPS: u16 = 100;

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// The error for a text that is not a hexadecimal colour.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a colour; write one such as \"#8a1c1c\"")]
pub struct ParseColorError(String);

impl Color {
    /// White.
    pub const WHITE: Self = Self::new(255, 255, 255);
    /// Black.
    pub const BLACK: Self = Self::new(0, 0, 0);

    /// The colour of these channels.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The contrast with the background on which it is read worst.
    pub fn least_contrast(self, backgrounds: &[Self]) -> f64 {
        backgrounds.iter().map(|other| self.contrast(*other)).fold(21.0, f64::min)
    }

    /// Returns the nearest colour that can be read on all of these backgrounds: this one, or as little darker or lighter as
    /// possible. Returns `None` if not even black or white can.
    pub fn made_readable(self, backgrounds: &[Self]) -> Option<Self> {
        let is_readable = |color: &Self| color.least_contrast(backgrounds) >= READABLE;
        (0..=STEPS)
            .flat_map(|step| [self.mixed(Self::BLACK, step), self.mixed(Self::WHITE, step)])
            .find(is_readable)
    }

    /// This colour with so many of [`STEPS`] parts of another.
    fn mixed(self, other: Self, part: u16) -> Self {
        let mix = |one: u8, two: u8| {
            let sum = u16::from(one) * (STEPS - part) + u16::from(two) * part;
            u8::try_from((sum + STEPS / 2) / STEPS).unwrap_or(u8::MAX)
        };
        Self::new(
            mix(self.red, other.red),
            mix(self.green, other.green),
            mix(self.blue, other.blue),
        )
    }

    /// The relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(self.red) + 0.7152 * channel(self.green) + 0.0722 * channel(self.blue)
    }
}

impl FromStr for Color {
    type Err = ParseColorError;

    /// Reads a colour of three or six hexadecimal digits, such as `#8a1c1c`.
    fn from_str(text: &str) -> Result<Self, ParseColorError> {
        let error = || ParseColorError(text.to_owned());
        let digits = text.strip_prefix('#').ok_or_else(error)?;
        let values: Vec<u8> = digits
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
            .collect::<Option<_>>()
            .ok_or_else(error)?;
        match values[..] {
            [red, green, blue] => Ok(Self::new(17 * red, 17 * green, 17 * blue)),
            [r, red, g, green, b, blue] => {
                Ok(Self::new(16 * r + red, 16 * g + green, 16 * b + blue))
            }
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        text.parse().expect("a colour")
    }

    #[test]
    fn contrast_is_computed_as_in_the_standard() {
        // The figures of WCAG's technique G18 and of common checkers.
        for (text, contrast) in [
            ("#000000", 21.0),
            ("#fff", 1.0),
            ("#767676", 4.54),
            ("#ff0000", 4.0),
            ("#777777", 4.48),
        ] {
            let computed = color(text).contrast(Color::WHITE);
            assert!((computed - contrast).abs() < 0.05, "{text}: {computed}");
        }
        for invalid in ["", "#", "red", "#12345", "#12é45", "#gggggg", "8a1c1c", "#+1+1+1"] {
            assert_eq!(invalid.parse::<Color>(), Err(ParseColorError(invalid.to_owned())));
        }
        assert_eq!(color("#Fa0").to_string(), "#ffaa00");
    }

    #[test]
    fn the_nearest_readable_colour_is_readable_and_no_further_than_needed() {
        let light = [Color::WHITE, color("#f1e6d4")];
        assert_eq!(color("#8a1c1c").made_readable(&light), Some(color("#8a1c1c")));
        let darker = color("#ff0000").made_readable(&light).expect("one");
        assert!((READABLE..READABLE + 0.2).contains(&darker.least_contrast(&light)), "{darker}");
        let dark = [color("#151412"), color("#28221a")];
        let lighter = color("#5a0000").made_readable(&dark).expect("one");
        assert!((READABLE..READABLE + 0.2).contains(&lighter.least_contrast(&dark)), "{lighter}");
        assert_eq!(
            Color::BLACK.made_readable(&[Color::WHITE, Color::BLACK, color("#777777")]),
            None
        );
    }
}
