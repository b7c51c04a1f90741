//! An invoice on one A4 page.

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    geom::{PathBuilder, Point},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    text::TextDirection,
};

use crate::Typeface;

/// The page size (A4), in points.
const SHEET: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 64.0;
/// The left edge of the values next to the labels.
const VALUES: f32 = 190.0;
const SIZE: f32 = 11.0;
const LEADING: f32 = 16.0;
const INK: [u8; 3] = [27, 26, 23];
const GREY: [u8; 3] = [93, 88, 80];

/// The texts of an invoice, in the publication's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The publication's name.
    pub publication: String,
    /// The seller: name, address and tax numbers, one per line.
    pub seller: String,
    /// The language, as a BCP 47 tag.
    pub language: String,
    /// "Invoice", with its number.
    pub title: String,
    /// The date, formatted.
    pub date: String,
    /// "To", with the recipient.
    pub to: String,
    /// The details, as labels and values.
    pub facts: Vec<(String, String)>,
    /// "Paid:", with the amount.
    pub total: String,
}

/// The error for an invoice that cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the invoice cannot be rendered: {0}")]
pub struct RenderError(String);

impl Invoice {
    /// Renders the invoice as PDF in these fonts.
    pub fn pdf(&self, text: &Typeface, bold: &Typeface) -> Result<Vec<u8>, RenderError> {
        let error = |what: &str| RenderError(what.to_owned());
        let mut document = Document::new_with(SerializeSettings::default());
        document.set_metadata(self.metadata());
        let (width, height) = SHEET;
        let settings =
            PageSettings::from_wh(width, height).ok_or_else(|| error("the sheet has no size"))?;
        let mut page = document.start_page_with(settings);
        self.set(page.surface(), text, bold);
        page.finish();
        document.finish().map_err(|error| RenderError(format!("{error:?}")))
    }

    /// Returns the first character of the invoice that is missing in a font.
    pub fn missing_glyph(&self, face: &Typeface) -> Option<char> {
        let facts = self.facts.iter().flat_map(|(name, value)| [name, value]);
        let own = [&self.publication, &self.seller, &self.title, &self.date, &self.to, &self.total];
        facts.chain(own).find_map(|text| face.missing_glyph(text))
    }

    fn set(&self, surface: Surface<'_>, text: &Typeface, bold: &Typeface) {
        let mut cursor = Cursor { surface, top: MARGIN };
        cursor.write(bold, 22.0, INK, MARGIN, &self.publication);
        cursor.top += 8.0;
        for line in self.seller.lines() {
            cursor.write(text, 9.5, GREY, MARGIN, line);
        }
        cursor.top += 14.0;
        cursor.rule();
        cursor.top += 30.0;
        cursor.write(bold, 17.0, INK, MARGIN, &self.title);
        cursor.write(text, SIZE, GREY, MARGIN, &self.date);
        cursor.top += 10.0;
        cursor.write(text, SIZE, INK, MARGIN, &self.to);
        cursor.top += 14.0;
        for (name, value) in &self.facts {
            cursor.detail(text, name, value);
        }
        cursor.rule();
        cursor.top += 16.0;
        cursor.write(bold, 14.0, INK, MARGIN, &self.total);
        cursor.surface.finish();
    }

    fn metadata(&self) -> Metadata {
        Metadata::new()
            .title(format!("{}, {}", self.title, self.publication))
            .authors(vec![self.publication.clone()])
            .language(self.language.clone())
    }
}

/// A cursor that moves down the page.
struct Cursor<'a> {
    surface: Surface<'a>,
    top: f32,
}

impl Cursor<'_> {
    /// Writes a text from `left` to the margin, in as many lines as needed.
    fn write(&mut self, face: &Typeface, size: f32, ink: [u8; 3], left: f32, text: &str) {
        for line in face.lines(text, size, SHEET.0 - MARGIN - left) {
            self.top += size * LEADING / SIZE;
            let fill =
                Fill { paint: colour(ink).into(), opacity: NormalizedF32::ONE, ..Fill::default() };
            self.surface.set_fill(Some(fill));
            let at = Point::from_xy(left, self.top);
            let (font, direction) = (face.font.clone(), TextDirection::Auto);
            self.surface.draw_text(at, font, size, &line, false, direction);
        }
    }

    /// Writes a label and its value next to it.
    fn detail(&mut self, face: &Typeface, name: &str, value: &str) {
        self.rule();
        self.top += 4.0;
        let top = self.top;
        for line in face.lines(name, SIZE, VALUES - MARGIN - 10.0) {
            self.write(face, SIZE, GREY, MARGIN, &line);
        }
        let under_name = std::mem::replace(&mut self.top, top);
        self.write(face, SIZE, INK, VALUES, value);
        self.top = self.top.max(under_name) + 8.0;
    }

    /// Draws a hairline across the page.
    fn rule(&mut self) {
        let mut path = PathBuilder::new();
        path.move_to(MARGIN, self.top);
        path.line_to(SHEET.0 - MARGIN, self.top);
        if let Some(path) = path.finish() {
            self.surface.set_fill(None);
            let stroke = Stroke { paint: colour(GREY).into(), width: 0.5, ..Stroke::default() };
            self.surface.set_stroke(Some(stroke));
            self.surface.draw_path(&path);
            self.surface.set_stroke(None);
        }
    }
}

fn colour([red, green, blue]: [u8; 3]) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice() -> Invoice {
        Invoice {
            publication: "The Paper".to_owned(),
            seller: "The Paper Ltd\n1 High Street\nVAT 123".to_owned(),
            language: "en-GB".to_owned(),
            title: "Invoice 7".to_owned(),
            date: "24 November 2026".to_owned(),
            to: "To Ada, ada@example.org".to_owned(),
            facts: vec![("For".to_owned(), "The Paper online, ".repeat(20))],
            total: "Paid: £9".to_owned(),
        }
    }

    #[test]
    fn rendering_is_deterministic() {
        let (text, bold) = (Typeface::text().expect("a face"), Typeface::bold().expect("a face"));
        let pdf = invoice().pdf(&text, &bold).expect("printed");
        assert!(pdf.starts_with(b"%PDF-1.") && pdf.len() < 60_000, "{}", pdf.len());
        assert_eq!(invoice().pdf(&text, &bold).expect("printed"), pdf);
        let other = Invoice { total: "Paid: £10".to_owned(), ..invoice() };
        assert_ne!(other.pdf(&text, &bold).expect("printed"), pdf);
    }
}
