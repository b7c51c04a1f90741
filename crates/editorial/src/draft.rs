//! Drafts: what the newsroom works on before it is published.

mod cleaning;
mod embargo;
mod publishing;
mod workflow_state;

use jiff::Timestamp;
use masthead_access::{Tier, tier::ParseTierError};
use serde::{Deserialize, Serialize};

pub use self::{
    embargo::{Embargoed, check_embargo},
    publishing::{MAX_PICTURES, Obstacle, ObstacleKind, PublishDetails, placeholder, updated},
    workflow_state::WorkflowState,
};
use crate::{
    appearance::Appearance,
    design::{Design, ParseDesignError},
    piece::{Kind, Picture, Piece, Section},
    slug::SlugScript,
};

/// A piece as it is being written. Any field may be missing or wrong until it is published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// `page` or a content type, or empty for an ordinary article.
    pub kind: String,
    /// Its design, or empty for that of its section.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub design: String,
    /// The slug of its section.
    pub section: String,
    /// The word or two above the headline.
    pub kicker: String,
    /// The headline.
    pub headline: String,
    /// The sentence below the headline.
    pub deck: String,
    /// The names of the authors, in byline order.
    pub authors: Vec<String>,
    /// Where it was written.
    pub dateline: String,
    /// The lead picture.
    pub picture: Option<Picture>,
    /// The text, as HTML.
    pub body: String,
    /// The names of its topics.
    pub topics: Vec<String>,
    /// The tier set on the piece itself, as text.
    pub tier: String,
    /// The name of the sponsor.
    pub sponsor: String,
    /// The disclosure to readers.
    pub disclosure: String,
    /// The last part of its address, or empty to derive it from the headline.
    pub slug: String,
    /// How it appears in search results, and where its link is shared.
    #[serde(skip_serializing_if = "Appearance::is_default")]
    pub appearance: Appearance,
    /// The address that search engines should prefer, if it is on another site. Empty in drafts of earlier versions, which
    /// have that of the piece ([`Draft::with_canonical_of`]).
    #[serde(default = "of_the_piece")]
    pub canonical: Option<String>,
    /// The time before which it may not be published.
    pub embargo: Option<Timestamp>,
}

/// The canonical address of a draft that has none of its own.
#[expect(clippy::unnecessary_wraps, reason = "the type of the field")]
fn of_the_piece() -> Option<String> {
    Some(String::new())
}

/// The content type of most articles.
const DEFAULT_KIND: &str = "article";

impl Draft {
    /// Creates a draft with the content of `piece`.
    pub fn of(piece: &Piece) -> Self {
        let kind = piece.kind.name();
        Self {
            kind: if kind == DEFAULT_KIND { String::new() } else { kind.to_owned() },
            design: piece.design.map(|design| design.name().to_owned()).unwrap_or_default(),
            section: piece.section.as_ref().map(|section| section.slug.clone()).unwrap_or_default(),
            kicker: piece.kicker.clone(),
            headline: piece.headline.clone(),
            deck: piece.deck.clone(),
            authors: piece.authors.iter().map(|author| author.name.clone()).collect(),
            dateline: piece.dateline.clone(),
            picture: piece.picture.clone(),
            body: piece.body.clone(),
            topics: piece.topics.iter().map(|topic| topic.name.clone()).collect(),
            tier: piece.tier.as_ref().map(ToString::to_string).unwrap_or_default(),
            sponsor: piece.sponsor.as_ref().map(|paid| paid.name.clone()).unwrap_or_default(),
            disclosure: piece.sponsor.as_ref().map(|p| p.disclosure.clone()).unwrap_or_default(),
            slug: piece.slug.clone(),
            appearance: piece.appearance.clone(),
            canonical: piece.canonical.clone(),
            embargo: None,
        }
    }

    /// Returns the draft with the canonical address of `piece`, of which it is, if an earlier version has stored it without.
    #[must_use]
    pub fn with_canonical_of(self, piece: &Piece) -> Self {
        if self.canonical == of_the_piece() {
            return Self { canonical: piece.canonical.clone(), ..self };
        }
        self
    }

    /// Returns the requested slug, or the one derived from the headline. May be empty.
    pub fn desired_slug(&self, slugs: SlugScript) -> String {
        if self.slug.is_empty() { slugs.slugify(&self.headline) } else { self.slug.clone() }
    }

    /// Returns `true` if nothing was written: no words and no picture.
    pub fn is_blank(&self) -> bool {
        let words = [
            &self.kicker,
            &self.headline,
            &self.deck,
            &self.dateline,
            &self.body,
            &self.sponsor,
            &self.disclosure,
        ];
        words.iter().all(|text| text.trim().is_empty())
            && self.picture.is_none()
            && self.topics.is_empty()
            && self.appearance.is_default()
            && self.canonical.as_ref().is_none_or(String::is_empty)
    }

    /// Returns `true` if this is a page of the publication.
    pub fn is_page(&self) -> bool {
        self.kind == Kind::Page.name()
    }

    /// Finds its section. A section that has been removed is still valid for a piece that was in it
    /// before.
    fn find_section(&self, sections: &[Section], before: Option<&Piece>) -> Option<Section> {
        let left = before.and_then(|before| before.section.as_ref());
        sections.iter().chain(left).find(|section| section.slug == self.section).cloned()
    }

    fn design(&self) -> Result<Option<Design>, ParseDesignError> {
        if self.design.is_empty() { Ok(None) } else { self.design.parse().map(Some) }
    }

    fn tier(&self) -> Result<Option<Tier>, ParseTierError> {
        if self.tier.is_empty() { Ok(None) } else { self.tier.parse().map(Some) }
    }
}

#[cfg(test)]
mod tests;
