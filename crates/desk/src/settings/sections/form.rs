//! The form of the sections.

use std::fmt::Display;

use masthead_editorial::{
    Design, SectionStyle,
    slug::{RESERVED, slugify},
};
use serde::Serialize;

use crate::{
    form::{Button, Fields},
    words::DeskWords,
};

/// More than a navigation can hold.
const MAX_SECTIONS: usize = 40;
/// The least contrast of text and its background (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// See the module's documentation.
pub(crate) struct SectionsForm {
    pub version: String,
    pub rows: Vec<SectionRow>,
}

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct SectionRow {
    /// Its address; empty for a new one.
    pub slug: String,
    pub name: String,
    pub description: String,
    pub color: String,
    /// The design of its articles that set none; empty for news.
    pub design: String,
}

impl SectionRow {
    pub fn of(section: SectionStyle) -> Self {
        let SectionStyle { slug, name, description, color, design } = section;
        let design = if design == Design::News { "" } else { design.name() };
        Self { slug, name, description, color, design: design.to_owned() }
    }

    /// The section of this row.
    ///
    /// # Errors
    ///
    /// What to correct.
    fn section(&self, words: DeskWords) -> Result<SectionStyle, String> {
        let Self { slug, name, description, color, design } = self.clone();
        if name.is_empty() {
            return Err(words.text("sections_fault_name").to_owned());
        }
        let slug = if slug.is_empty() { slugify(&name) } else { slug };
        if slug.is_empty() || RESERVED.contains(&slug.as_str()) {
            return Err(words.fill("sections_fault_slug", &[("name", &name)]));
        }
        if !color.is_empty() {
            let contrast = contrast_with_white(&color)
                .ok_or_else(|| words.fill("sections_fault_color", &[("color", &color)]))?;
            if contrast < READABLE {
                let (contrast, least) = (words.decimal(contrast, 1), words.decimal(READABLE, 1));
                let gaps: [(&str, &dyn Display); 3] =
                    [("name", &name), ("contrast", &contrast), ("least", &least)];
                return Err(words.fill("sections_fault_contrast", &gaps));
            }
        }
        let design = if design.is_empty() {
            Design::News
        } else {
            design.parse().map_err(|_| {
                words.fill("sections_fault_design", &[("design", &design), ("name", &name)])
            })?
        };
        Ok(SectionStyle { slug, name, description, color, design })
    }
}

impl SectionsForm {
    pub fn sent(fields: &Fields) -> Self {
        let row = |index: usize| {
            fields.has(&format!("name-{index}")).then(|| SectionRow {
                slug: fields.text(&format!("slug-{index}")),
                name: fields.text(&format!("name-{index}")),
                description: fields.text(&format!("description-{index}")),
                color: fields.text(&format!("color-{index}")),
                design: fields.text(&format!("design-{index}")),
            })
        };
        Self { version: fields.text("version"), rows: (0..MAX_SECTIONS).map_while(row).collect() }
    }

    pub fn rearrange(&mut self, button: &Button) {
        button.rearrange(&mut self.rows, MAX_SECTIONS, SectionRow::default);
    }

    /// The sections of the form.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn sections(&self, words: DeskWords) -> Result<Vec<SectionStyle>, String> {
        let mut sections: Vec<SectionStyle> = Vec::new();
        for row in &self.rows {
            let section = row.section(words)?;
            if let Some(before) = sections.iter().find(|before| before.slug == section.slug) {
                let gaps: [(&str, &dyn Display); 2] =
                    [("name", &section.name), ("other", &before.name)];
                return Err(words.fill("sections_fault_twice", &gaps));
            }
            sections.push(section);
        }
        Ok(sections)
    }
}

/// The contrast of a colour with white, from 1 to 21 (WCAG 2.2, "contrast ratio"). Returns `None` if `color` is not a
/// hexadecimal colour.
fn contrast_with_white(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#')?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |index: usize| {
        let digits = match digits.len() {
            3 => digits.get(index..=index)?.repeat(2),
            6 => digits.get(2 * index..2 * index + 2)?.to_owned(),
            _ => return None,
        };
        let value = f64::from(u8::from_str_radix(&digits, 16).ok()?) / 255.0;
        Some(if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(1)? + 0.0722 * channel(2)?;
    Some(1.05 / (luminance + 0.05))
}

#[cfg(test)]
mod tests {
    use super::contrast_with_white;

    #[test]
    fn contrast_is_computed_as_in_the_standard() {
        // The figures of WCAG's technique G18 and of common checkers.
        for (color, contrast) in [
            ("#000000", 21.0),
            ("#fff", 1.0),
            ("#767676", 4.54),
            ("#ff0000", 4.0),
            ("#777777", 4.48),
        ] {
            let computed = contrast_with_white(color).expect("a colour");
            assert!((computed - contrast).abs() < 0.05, "{color}: {computed}");
        }
        for invalid in ["", "#", "red", "#12345", "#12é45", "#gggggg", "8a1c1c", "#+1+1+1"] {
            assert_eq!(contrast_with_white(invalid), None, "{invalid}");
        }
    }
}
