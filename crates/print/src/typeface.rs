//! Fonts: which one has a character, and how wide a text is.

use std::{ops::Range, sync::Arc};

use krilla::text::{Font, TextDirection};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};

const NO_BREAK_HYPHEN: char = '\u{2011}';
const HYPHEN: char = '\u{2010}';

/// Fonts for invoices: characters that the first one lacks are taken from those after it.
#[derive(Clone)]
pub struct Typeface {
    fonts: Vec<LoadedFont>,
}

#[derive(Clone)]
struct LoadedFont {
    data: Arc<Vec<u8>>,
    font: Font,
}

/// The error for a file that is not a usable font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a usable font; use a TrueType or OpenType file (.ttf, not .woff2)")]
pub struct InvalidFont;

/// A part of a text in one font and script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FontRun {
    /// Where it is in the text, in bytes.
    pub range: Range<usize>,
    /// The number of the font in its [`Typeface`].
    pub font: usize,
    script: Script,
}

impl Typeface {
    /// Loads a TrueType or OpenType file.
    ///
    /// # Errors
    ///
    /// If it is not one.
    pub fn new(file: Vec<u8>) -> Result<Self, InvalidFont> {
        let data = Arc::new(file);
        Face::from_slice(&data, 0).ok_or(InvalidFont)?;
        let font = Font::new(Arc::clone(&data).into(), 0).ok_or(InvalidFont)?;
        Ok(Self { fonts: vec![LoadedFont { data, font }] })
    }

    /// The built-in regular font: Latin, Greek and Cyrillic.
    ///
    /// # Errors
    ///
    /// Never, as a test shows.
    pub fn text() -> Result<Self, InvalidFont> {
        Self::new(include_bytes!("../fonts/text.ttf").to_vec())
    }

    /// The built-in bold font.
    ///
    /// # Errors
    ///
    /// Never, as a test shows.
    pub fn bold() -> Result<Self, InvalidFont> {
        Self::new(include_bytes!("../fonts/bold.ttf").to_vec())
    }

    /// Takes characters that these fonts lack from `others`.
    #[must_use]
    pub fn with_fallback(mut self, others: &Self) -> Self {
        self.fonts.extend(others.fonts.iter().cloned());
        self
    }

    /// Returns the first character for which no font has a glyph.
    pub fn missing_glyph(&self, text: &str) -> Option<char> {
        let faces = self.faces();
        let text = normalized(text);
        let mut shown = text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c));
        shown.find(|c| !faces.iter().any(|face| has_glyph(face, *c)))
    }

    /// Returns a font by its number in [`FontRun`].
    pub(crate) fn font(&self, number: usize) -> Option<Font> {
        self.fonts.get(number).map(|font| font.font.clone())
    }

    /// Parses the fonts. They are in the order of their numbers in [`FontRun`].
    pub(crate) fn faces(&self) -> Vec<Face<'_>> {
        self.fonts.iter().filter_map(|font| Face::from_slice(&font.data, 0)).collect()
    }
}

/// Splits a text where another font or script begins. Spaces, punctuation and marks stay in the font before them, if it has them.
pub(crate) fn runs(faces: &[Face<'_>], text: &str) -> Vec<FontRun> {
    let has = |font: usize, c: char| faces.get(font).is_some_and(|face| has_glyph(face, c));
    let mut runs: Vec<FontRun> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let script = c.script();
        let is_shared = matches!(script, Script::Common | Script::Inherited);
        if let Some(run) = runs.last_mut() {
            let fits_script = is_shared || run.script == script || run.script == Script::Common;
            let stays = is_shared || (0..run.font).all(|earlier| !has(earlier, c));
            let is_known = has(run.font, c) || (0..faces.len()).all(|font| !has(font, c));
            if is_invisible(c) || (fits_script && stays && is_known) {
                run.range.end = end;
                run.script = if is_shared { run.script } else { script };
                continue;
            }
        }
        let font = (0..faces.len()).find(|font| has(*font, c)).unwrap_or_default();
        let script = if is_shared { Script::Common } else { script };
        runs.push(FontRun { range: at..end, font, script });
    }
    runs
}

/// Returns the width of a text in one font and direction at this size, in points.
pub(crate) fn width(face: &Face<'_>, text: &str, direction: TextDirection, size: f32) -> f32 {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(match direction {
        TextDirection::RightToLeft => Direction::RightToLeft,
        _ => Direction::LeftToRight,
    });
    let units_per_em = face.units_per_em();
    let glyphs = rustybuzz::shape(face, &[], buffer);
    let units: i32 = glyphs.glyph_positions().iter().map(|glyph| glyph.x_advance).sum();
    #[expect(clippy::cast_precision_loss, reason = "a line is far from 2^24 units")]
    let width = units as f32 * size / units_per_em as f32;
    width
}

/// A text as it is printed: control characters are spaces, and letters have their marks where there is a character for both (NFC),
/// because fonts may lack the mark.
pub(crate) fn normalized(text: &str) -> String {
    text.replace(char::is_control, " ").nfc().collect()
}

/// Whether a font has a glyph for a character. Shaping replaces a hyphen that allows no break by a hyphen.
fn has_glyph(face: &Face<'_>, c: char) -> bool {
    let has = |c: char| face.glyph_index(c).is_some();
    has(c) || (c == NO_BREAK_HYPHEN && has(HYPHEN))
}

/// Whether a character controls direction, breaks or joining, and needs no glyph.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_glyphs_are_found() {
        let face = Typeface::text().expect("a face");
        assert_eq!(face.missing_glyph("Łódź, Ώρα, Ёж: £9, 9 €, ₹9"), None);
        assert_eq!(face.missing_glyph("\u{2066}Łódź\u{2069}\u{200f}"), None);
        assert_eq!(face.missing_glyph("東京"), Some('東'));
        // Letters with separate marks, a hyphen that allows no break, and a control character.
        assert_eq!(face.missing_glyph("A\u{30a}, E\u{301}, mid\u{2011}day\u{7f}"), None);
        assert!(Typeface::new(b"no font".to_vec()).is_err());
        assert!(Typeface::bold().is_ok());
    }

    #[test]
    fn a_run_ends_where_another_script_begins() {
        let face = Typeface::text().expect("a face");
        let parts = |text: &'static str| {
            runs(&face.faces(), text).into_iter().map(|run| &text[run.range]).collect::<Vec<_>>()
        };
        assert_eq!(parts("9 €, Łódź!"), ["9 €, Łódź!"]);
        assert_eq!(parts("Łódź, Ώρα"), ["Łódź, ", "Ώρα"]);
        assert_eq!(parts(""), Vec::<&str>::new());
    }
}
