//! Articles, pages and what belongs to them.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use masthead_access::{Tier, printable};
use serde::{Deserialize, Serialize};

use crate::{appearance::Appearance, design::Design, paths};

/// The kind of a piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Kind {
    /// A page of the publication, such as "About us". It has no section and is always free.
    Page,
    /// An article of this content type, such as `article`, `opinion` or `review`.
    Article(String),
}

impl Kind {
    /// The kind as text.
    pub fn name(&self) -> &str {
        match self {
            Self::Page => "page",
            Self::Article(word) => word,
        }
    }
}

impl From<String> for Kind {
    fn from(word: String) -> Self {
        if word == "page" { Self::Page } else { Self::Article(word) }
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.name().to_owned()
    }
}

/// The publication status of a piece. A published piece whose time is in the future is scheduled.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// Not yet visible to readers.
    Draft,
    /// Visible to readers from its publication time.
    Published,
    /// No longer visible to readers.
    Withdrawn,
}

impl Status {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A section of the publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A section as shown in the navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionStyle {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// A one-line description. May be empty.
    pub description: String,
    /// Its accent colour for light backgrounds in hexadecimal, or empty for the theme's default.
    pub color: String,
    /// The design of its articles that set none.
    pub design: Design,
}

/// What the publisher says about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicStyle {
    /// Its slug.
    pub slug: String,
    /// A sentence about it.
    pub description: String,
}

/// A subject that connects pieces across sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A person or desk that writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Their slug.
    pub slug: String,
    /// Their name as printed in the byline.
    pub name: String,
    /// Their role at the publication. May be empty.
    pub role: String,
    /// A short biography as sanitized HTML. May be empty.
    pub bio: String,
    /// Their portrait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<Picture>,
    /// Whether it is a desk or another group, and not a person.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_desk: bool,
    /// Their public email address. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's calling convention
fn is_false(value: &bool) -> bool {
    !value
}

/// A picture with its description, caption and credit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The path at which it is served.
    pub src: String,
    /// The alternative text.
    pub alt: String,
    /// The caption. May be empty.
    #[serde(default)]
    pub caption: String,
    /// The photographer or agency. May be empty.
    #[serde(default)]
    pub credit: String,
    /// Its width in pixels, or 0 if unknown.
    pub width: u32,
    /// Its height in pixels, or 0 if unknown.
    pub height: u32,
    /// The point that must stay visible when the picture is cropped, or `None` for the centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
}

/// A point of a picture, in percent of its width and height from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// The distance from the left, 0 to 100.
    pub across: u8,
    /// The distance from the top, 0 to 100.
    pub down: u8,
}

/// The sponsor of a piece, and the disclosure to readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sponsor {
    /// The name of the sponsor.
    pub name: String,
    /// The disclosure that readers see.
    pub disclosure: String,
}

/// A published correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When the mistake was corrected.
    pub date: Date,
    /// What was wrong.
    pub text: String,
}

/// An article or page, ready to be stored and served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The last part of its address. Unique in the publication, and permanent.
    pub slug: String,
    /// Article or page.
    pub kind: Kind,
    /// Its design, or `None` for that of its section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<Design>,
    /// Its publication status.
    pub status: Status,
    /// Its section, or `None` for pages.
    pub section: Option<Section>,
    /// The word or two above the headline. May be empty.
    pub kicker: String,
    /// The headline, as plain text.
    pub headline: String,
    /// The sentence below the headline, as plain text. May be empty.
    pub deck: String,
    /// The authors, in byline order.
    pub authors: Vec<Author>,
    /// Where it was written. May be empty.
    pub dateline: String,
    /// The lead picture.
    pub picture: Option<Picture>,
    /// The text, as sanitized HTML.
    pub body: String,
    /// Its topics.
    pub topics: Vec<Topic>,
    /// The tier set on the piece itself, which takes precedence over the rules.
    #[serde(with = "tier_text")]
    pub tier: Option<Tier>,
    /// The sponsor, if there is one.
    pub sponsor: Option<Sponsor>,
    /// When it was or will be first visible to readers.
    pub published: Option<Timestamp>,
    /// When its text last changed in substance.
    pub updated: Option<Timestamp>,
    /// The corrections, oldest first.
    pub corrections: Vec<Correction>,
    /// The URL that search engines should prefer, if it is on another site.
    pub canonical: Option<String>,
    /// The language (BCP 47), if it is not the publication's.
    pub language: Option<String>,
    /// How it appears in search results, and where its link is shared.
    #[serde(default, skip_serializing_if = "Appearance::is_default")]
    pub appearance: Appearance,
    /// Earlier addresses of the piece: path and optional query.
    pub former_addresses: Vec<String>,
}

impl Piece {
    /// Returns its address in the publication, percent-encoded: `/section/slug`, or `/slug` for a page.
    pub fn address(&self) -> String {
        let page = paths::section(&self.slug);
        match &self.section {
            Some(section) => paths::section(&section.slug) + &page,
            None => page,
        }
    }

    /// Returns the piece with only [`printable`] characters, whatever it was made from.
    #[must_use]
    pub fn printable(mut self) -> Self {
        self.texts().for_each(make_printable);
        self.authors = self.authors.into_iter().map(Author::printable).collect();
        if let Kind::Article(word) = &mut self.kind {
            make_printable(word);
        }
        self
    }

    /// Every text of the piece but those of its authors and kind.
    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let lines = [
            &mut self.slug,
            &mut self.kicker,
            &mut self.headline,
            &mut self.deck,
            &mut self.dateline,
            &mut self.body,
        ];
        let section = self.section.iter_mut().flat_map(|s| [&mut s.slug, &mut s.name]);
        let picture = self.picture.iter_mut();
        let picture = picture.flat_map(|p| [&mut p.src, &mut p.alt, &mut p.caption, &mut p.credit]);
        let topics = self.topics.iter_mut().flat_map(|topic| [&mut topic.slug, &mut topic.name]);
        let sponsor = self.sponsor.iter_mut().flat_map(|s| [&mut s.name, &mut s.disclosure]);
        let corrections = self.corrections.iter_mut().map(|correction| &mut correction.text);
        let options = self.canonical.iter_mut().chain(&mut self.language);
        lines
            .into_iter()
            .chain(section)
            .chain(picture)
            .chain(topics)
            .chain(sponsor)
            .chain(corrections)
            .chain(options)
            .chain(self.appearance.texts())
            .chain(&mut self.former_addresses)
    }
}

impl Author {
    /// Returns the author with only [`printable`] characters.
    #[must_use]
    pub fn printable(mut self) -> Self {
        let portrait = self.portrait.iter_mut();
        let portrait =
            portrait.flat_map(|p| [&mut p.src, &mut p.alt, &mut p.caption, &mut p.credit]);
        [&mut self.slug, &mut self.name, &mut self.role, &mut self.bio, &mut self.email]
            .into_iter()
            .chain(portrait)
            .for_each(make_printable);
        self
    }
}

/// Whether two names are spelled alike, apart from capitals, spaces and punctuation: "O’Brien" and "O'Brien" are, "Jörg" and "Jorg" are
/// not. Slugs in Latin letters cannot tell the latter apart.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        printable(name).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
    };
    letters(one) == letters(other)
}

fn make_printable(text: &mut String) {
    if let Cow::Owned(printable) = printable(text) {
        *text = printable;
    }
}

mod tier_text {
    //! Serializes a tier in the text form used in configuration and manuscripts.

    use masthead_access::Tier;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[allow(clippy::ref_option)] // serde's calling convention
    pub(super) fn serialize<S: Serializer>(tier: &Option<Tier>, to: S) -> Result<S::Ok, S::Error> {
        tier.as_ref().map(ToString::to_string).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Tier>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_letters() {
        for (one, other) in
            [("O’Brien", "O'brien"), ("Ada  Quill", "Ada Quill"), ("Jo\u{308}rg", "Jörg")]
        {
            assert!(is_same_name(one, other), "{one}");
        }
        for (one, other) in [("Jörg", "Jorg"), ("李明", "黎明")] {
            assert!(!is_same_name(one, other), "{one}");
        }
    }

    #[test]
    fn every_text_of_a_piece_is_made_printable() {
        let text = || "a\u{1e}b\u{1f}".to_owned();
        let picture = || Picture {
            src: text(),
            alt: text(),
            caption: text(),
            credit: text(),
            ..Picture::default()
        };
        let author = Author {
            slug: text(),
            name: text(),
            role: text(),
            bio: text(),
            portrait: Some(picture()),
            is_desk: false,
            email: text(),
        };
        let piece = Piece {
            slug: text(),
            kind: Kind::Article(text()),
            design: None,
            status: Status::Published,
            section: Some(Section { slug: text(), name: text() }),
            kicker: text(),
            headline: text(),
            deck: text(),
            authors: vec![author],
            dateline: text(),
            picture: Some(picture()),
            body: text(),
            topics: vec![Topic { slug: text(), name: text() }],
            tier: None,
            sponsor: Some(Sponsor { name: text(), disclosure: text() }),
            published: None,
            updated: None,
            corrections: vec![Correction { date: jiff::civil::date(2026, 11, 24), text: text() }],
            canonical: Some(text()),
            language: Some(text()),
            appearance: Appearance {
                search_title: text(),
                search_description: text(),
                social_title: text(),
                social_description: text(),
                social_picture: text(),
                noindex: false,
            },
            former_addresses: vec![text()],
        };
        let printed = format!("{:?}", piece.printable());
        assert!(!printed.contains("1e}") && !printed.contains("1f}"), "{printed}");
        assert_eq!(printed.matches("\"a b\"").count(), 35, "{printed}");
    }
}
