//! The things a newsroom speaks of.

use jiff::{Timestamp, civil::Date};
use masthead_access::Tier;
use serde::{Deserialize, Serialize};

/// Whether a piece belongs to the flow of news or stands by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Kind {
    /// A page of the publication itself, such as "About us": in no section, always free.
    Page,
    /// An article; the word says of which kind, such as `article`, `opinion` or `review`.
    Article(String),
}

impl Kind {
    /// The word for it.
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

/// How far a piece has come. A published piece whose time has not come yet is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not for readers yet.
    Draft,
    /// For readers, from its publication time on.
    Published,
    /// Was for readers, and is no longer.
    Withdrawn,
}

impl Status {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A section of the paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A section as the navigation shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionStyle {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// A line about it; may be empty.
    pub description: String,
    /// Its accent, a hexadecimal colour for light backgrounds; empty for the theme's own.
    pub color: String,
}

/// A subject that pieces share across sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// Somebody who writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Their address.
    pub slug: String,
    /// Their name as it stands in the byline.
    pub name: String,
    /// What they do for the publication; may be empty.
    pub role: String,
    /// A few sentences about them, as clean HTML; may be empty.
    pub bio: String,
}

/// A picture with all that belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Where it is served, an address of the publication.
    pub src: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// The line under it; may be empty.
    #[serde(default)]
    pub caption: String,
    /// Who made it; may be empty.
    #[serde(default)]
    pub credit: String,
    /// Its width in pixels; 0 if unknown.
    pub width: u32,
    /// Its height in pixels; 0 if unknown.
    pub height: u32,
    /// What must stay in sight where it is cut; its middle, where nobody has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
}

/// A point of a picture, in percent of its width and height from the upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// From the left, 0 to 100.
    pub across: u8,
    /// From above, 0 to 100.
    pub down: u8,
}

/// Who paid for a piece, and what readers are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sponsor {
    /// Who commissioned it.
    pub name: String,
    /// What readers are told.
    pub disclosure: String,
}

/// A mistake, mended in the open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When it was mended.
    pub date: Date,
    /// What was wrong.
    pub text: String,
}

/// An article or page, ready to be kept and served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Its own part of its address; unique in the publication, and it stays.
    pub slug: String,
    /// Article or page.
    pub kind: Kind,
    /// How far it has come.
    pub status: Status,
    /// The section it stands in; `None` for pages.
    pub section: Option<Section>,
    /// The word or two above the headline; may be empty.
    pub kicker: String,
    /// The headline, plain text.
    pub headline: String,
    /// The sentence under the headline, plain text; may be empty.
    pub deck: String,
    /// Who wrote it, in order.
    pub authors: Vec<Author>,
    /// Where it was written; may be empty.
    pub dateline: String,
    /// The lead picture.
    pub picture: Option<Picture>,
    /// The text, as clean HTML.
    pub body: String,
    /// Its subjects.
    pub topics: Vec<Topic>,
    /// The tier set on the piece itself.
    #[serde(with = "tier_text")]
    pub tier: Option<Tier>,
    /// Who paid for it, if anyone did.
    pub sponsor: Option<Sponsor>,
    /// When it is or was first for readers.
    pub published: Option<Timestamp>,
    /// When its text last changed in substance.
    pub updated: Option<Timestamp>,
    /// Mended mistakes, oldest first.
    pub corrections: Vec<Correction>,
    /// The address that search engines should prefer, where it is not ours.
    pub canonical: Option<String>,
    /// The language, where it is not the publication's (BCP 47).
    pub language: Option<String>,
    /// Addresses at which it could once be found: path, and query where there was one.
    pub former_addresses: Vec<String>,
}

impl Piece {
    /// Its address in the publication: `/section/slug`, or `/slug` for a page.
    pub fn address(&self) -> String {
        match &self.section {
            Some(section) => format!("/{}/{}", section.slug, self.slug),
            None => format!("/{}", self.slug),
        }
    }
}

mod tier_text {
    //! A tier in its text form, as configuration and manuscripts write it.

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
