//! An invoice on one A4 page.

use krilla::{
    Document, SerializeSettings, metadata::Metadata, page::PageSettings, surface::Surface,
    text::TextDirection,
};

use crate::{
    Logo, Typeface,
    sheet::{Cursor, GREY, INK, MARGIN, SHEET, SIZE},
};

/// The texts of an invoice, in the publication's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The publication's name.
    pub publication: String,
    /// The seller: name, address and tax numbers, one per line.
    pub seller: String,
    /// The publication's logo, which takes the place of its name.
    pub logo: Option<Logo>,
    /// The language, as a BCP 47 tag.
    pub language: String,
    /// Whether the language is written from right to left: lines then begin at the right edge.
    pub is_right_to_left: bool,
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
    /// Renders the invoice as PDF in these fonts. Characters that they lack are empty boxes: see [`missing_glyph`](Self::missing_glyph).
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
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

    /// Returns the first character of the invoice for which neither font has a glyph.
    pub fn missing_glyph(&self, text: &Typeface, bold: &Typeface) -> Option<char> {
        let facts = self.facts.iter().flat_map(|(name, value)| [name, value]);
        let mut texts = facts.chain([&self.seller, &self.date, &self.to]);
        let mut headings = [&self.publication, &self.title, &self.total].into_iter();
        let missing = texts.find_map(|part| text.missing_glyph(part));
        missing.or_else(|| headings.find_map(|part| bold.missing_glyph(part)))
    }

    fn set(&self, surface: Surface<'_>, text: &Typeface, bold: &Typeface) {
        let direction = if self.is_right_to_left {
            TextDirection::RightToLeft
        } else {
            TextDirection::LeftToRight
        };
        let mut cursor = Cursor::new(surface, direction);
        match self.logo.as_ref().filter(|logo| logo.is_whole()) {
            Some(logo) => cursor.logo(logo),
            None => cursor.write(bold, 22.0, INK, MARGIN, &self.publication),
        }
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
        cursor.finish();
    }

    fn metadata(&self) -> Metadata {
        Metadata::new()
            .title(format!("{}, {}", self.title, self.publication))
            .authors(vec![self.publication.clone()])
            .language(self.language.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice() -> Invoice {
        Invoice {
            publication: "The Paper".to_owned(),
            seller: "The Paper Ltd\n1 High Street\nVAT 123".to_owned(),
            logo: None,
            language: "en-GB".to_owned(),
            is_right_to_left: false,
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

    #[test]
    fn a_logo_takes_the_place_of_the_name_and_keeps_its_shape() {
        let (text, bold) = (Typeface::text().expect("a face"), Typeface::bold().expect("a face"));
        let logo = Logo { width: 20, height: 4, rgba: [138, 28, 28, 255].repeat(80) };
        assert_eq!(logo.size(), (200.0, 40.0));
        let with_logo = Invoice { logo: Some(logo.clone()), ..invoice() };
        let pdf = with_logo.pdf(&text, &bold).expect("printed");
        let plain = invoice().pdf(&text, &bold).expect("printed");
        assert_ne!(pdf, plain, "it has a picture");
        let broken = Invoice { logo: Some(Logo { height: 5, ..logo }), ..invoice() };
        assert_eq!(broken.pdf(&text, &bold).expect("printed"), plain, "it has the name");
    }

    #[test]
    fn characters_that_no_font_has_are_found_in_texts_and_headings() {
        let (text, bold) = (Typeface::text().expect("a face"), Typeface::bold().expect("a face"));
        assert_eq!(invoice().missing_glyph(&text, &bold), None);
        let seller = Invoice { seller: "東京".to_owned(), ..invoice() };
        assert_eq!(seller.missing_glyph(&text, &bold), Some('東'));
        let heading = Invoice { publication: "ليلى".to_owned(), ..invoice() };
        assert_eq!(heading.missing_glyph(&text, &bold), Some('ل'));
    }
}
