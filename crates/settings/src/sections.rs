//! `[[sections]]`: the sections, in the order of the navigation.

use masthead_editorial::{
    Design, SectionStyle,
    slug::{is_reserved, is_slug},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::values::such_as;

/// One of `[[sections]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionSettings {
    /// Its name in addresses.
    #[serde(deserialize_with = "section_slug")]
    pub slug: String,
    /// What readers call it.
    pub name: String,
    /// A line about it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its accent, a hexadecimal colour; empty for the theme's own.
    #[serde(default, deserialize_with = "color", skip_serializing_if = "String::is_empty")]
    pub color: String,
    /// The design of its articles that set none.
    #[serde(default, skip_serializing_if = "is_news")]
    pub design: Design,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's calling convention
fn is_news(design: &Design) -> bool {
    *design == Design::News
}

/// What the desk stores in place of all `[[sections]]`. Without entries, the navigation lists the sections with the most
/// articles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionsPart {
    /// The sections, in the order of the navigation.
    pub sections: Vec<SectionSettings>,
}

impl From<&[SectionStyle]> for SectionsPart {
    fn from(sections: &[SectionStyle]) -> Self {
        Self { sections: sections.iter().map(SectionSettings::from).collect() }
    }
}

impl From<&SectionStyle> for SectionSettings {
    fn from(section: &SectionStyle) -> Self {
        let SectionStyle { slug, name, description, color, design } = section.clone();
        Self { slug, name, description, color, design }
    }
}

impl From<&SectionSettings> for SectionStyle {
    fn from(section: &SectionSettings) -> Self {
        let SectionSettings { slug, name, description, color, design } = section.clone();
        Self { slug, name, description, color, design }
    }
}

fn section_slug<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if is_slug(&text) && !is_reserved(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" cannot be a section's address; use lower-case letters, digits and hyphens, and none of the site's own addresses{}",
        such_as(&text)
    )))
}

/// Reads a hexadecimal colour. It goes into a style sheet, so nothing else is accepted.
fn color<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let digits = text.strip_prefix('#').unwrap_or_default();
    if [3, 6].contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(D::Error::custom(format!("\"{text}\" is not a colour; write one such as \"#8a1c1c\"")))
}
