//! Fonts: coverage and measuring.

use std::sync::Arc;

use krilla::text::Font;

/// A font for invoices.
#[derive(Clone)]
pub struct Typeface {
    data: Arc<Vec<u8>>,
    pub(crate) font: Font,
}

/// The error for a file that is not a usable font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a usable font; use a TrueType or OpenType file (.ttf, not .woff2)")]
pub struct InvalidFont;

impl Typeface {
    /// Loads a TrueType or OpenType file.
    pub fn new(file: Vec<u8>) -> Result<Self, InvalidFont> {
        let data = Arc::new(file);
        ttf_parser::Face::parse(&data, 0).map_err(|_| InvalidFont)?;
        let font = Font::new(Arc::clone(&data).into(), 0).ok_or(InvalidFont)?;
        Ok(Self { data, font })
    }

    /// The built-in regular font: Latin, Greek and Cyrillic.
    pub fn text() -> Result<Self, InvalidFont> {
        Self::new(include_bytes!("../fonts/text.ttf").to_vec())
    }

    /// The built-in bold font.
    pub fn bold() -> Result<Self, InvalidFont> {
        Self::new(include_bytes!("../fonts/bold.ttf").to_vec())
    }

    /// Returns the first character for which the font has no glyph.
    pub fn missing_glyph(&self, text: &str) -> Option<char> {
        let face = self.parsed()?;
        text.chars().find(|c| !c.is_whitespace() && face.glyph_index(*c).is_none())
    }

    /// Returns the width of a text at this size, in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let Some(face) = self.parsed() else { return 0.0 };
        let advance = |c| face.glyph_hor_advance(face.glyph_index(c)?);
        let units: u32 = text.chars().filter_map(advance).map(u32::from).sum();
        #[allow(clippy::cast_precision_loss)] // a line is far from 2^24 units
        let width = units as f32 * size / f32::from(face.units_per_em());
        width
    }

    /// Breaks a text into lines of at most this width, in points. Words that are wider are split.
    pub(crate) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_inclusive(char::is_whitespace) {
            let fits = |line: &str, more: &str| {
                self.width(format!("{line}{more}").trim_end(), size) <= width
            };
            for part in split_word(word, |part| self.width(part, size) <= width) {
                match lines.last_mut() {
                    Some(line) if line.is_empty() || fits(line, &part) => line.push_str(&part),
                    Some(_) | None => lines.push(part),
                }
            }
        }
        lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
    }

    fn parsed(&self) -> Option<ttf_parser::Face<'_>> {
        ttf_parser::Face::parse(&self.data, 0).ok()
    }
}

/// Splits a word into parts that each fit.
fn split_word(word: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    if fits(word) {
        return vec![word.to_owned()];
    }
    let mut parts = vec![String::new()];
    for c in word.chars() {
        match parts.last_mut() {
            Some(part) if part.is_empty() || fits(&format!("{part}{c}")) => part.push(c),
            Some(_) | None => parts.push(c.to_string()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_contain_the_whole_text() {
        let face = Typeface::text().expect("a face");
        let text = "Everything that we write, and the paper on Saturdays";
        let lines = face.lines(text, 11.0, 100.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| face.width(line, 11.0) <= 100.0));
        assert_eq!(lines.join(" "), text);
        let long = "a".repeat(100);
        let lines = face.lines(&long, 11.0, 100.0);
        assert!(lines.iter().all(|line| face.width(line, 11.0) <= 100.0), "{lines:?}");
        assert_eq!(lines.concat(), long);
        assert_eq!(face.lines("", 11.0, 100.0), [""]);
    }

    #[test]
    fn missing_glyphs_are_found() {
        let face = Typeface::text().expect("a face");
        assert_eq!(face.missing_glyph("Łódź, Ώρα, Ёж: £9, 9 €, ₹9"), None);
        assert_eq!(face.missing_glyph("東京"), Some('東'));
        assert!(Typeface::new(b"no font".to_vec()).is_err());
    }
}
