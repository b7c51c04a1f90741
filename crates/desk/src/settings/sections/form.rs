//! The form of the sections.

use std::fmt::Display;

use masthead_editorial::{
    Design, SectionStyle,
    color::{Color, READABLE},
    slug::{SlugScript, is_reserved},
};
use serde::Serialize;

use crate::{
    form::{Button, Fields},
    words::DeskWords,
};

/// More than a navigation can hold.
const MAX_SECTIONS: usize = 40;

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
    fn section(&self, slugs: SlugScript, words: DeskWords) -> Result<SectionStyle, String> {
        let Self { slug, name, description, color, design } = self.clone();
        if name.is_empty() {
            return Err(words.text("sections_fault_name").to_owned());
        }
        let slug = if slug.is_empty() { slugs.slugify(&name) } else { slug };
        if slug.is_empty() || is_reserved(&slug) {
            return Err(words.fill("sections_fault_slug", &[("name", &name)]));
        }
        if !color.is_empty() {
            let parsed: Color = color
                .parse()
                .map_err(|_| words.fill("sections_fault_color", &[("color", &color)]))?;
            let contrast = parsed.contrast(Color::WHITE);
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

    /// The sections of the form. Addresses of new ones are written in the letters of `slugs`.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn sections(
        &self,
        slugs: SlugScript,
        words: DeskWords,
    ) -> Result<Vec<SectionStyle>, String> {
        let mut sections: Vec<SectionStyle> = Vec::new();
        for row in &self.rows {
            let section = row.section(slugs, words)?;
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
