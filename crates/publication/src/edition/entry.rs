//! A published article or page in memory.

use std::{borrow::Cow, sync::Arc};

use jiff::Timestamp;
use masthead_access::{Article, ArticleId, Tier};
use masthead_editorial::{Appearance, Design, Kind, Picture, Piece, Section, Status, paths};
use masthead_store::LiveCoverage;

/// Kicker, headline and deck in one allocation, because they take most of an entry's memory.
#[derive(Clone, Debug)]
pub struct Lines {
    text: Box<str>,
    kicker_ends: u32,
    headline_ends: u32,
}

impl Lines {
    fn new(kicker: &str, headline: &str, deck: &str) -> Self {
        let end = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Self {
            text: [kicker, headline, deck].concat().into(),
            kicker_ends: end(kicker.len()),
            headline_ends: end(kicker.len() + headline.len()),
        }
    }

    /// The kicker; may be empty.
    pub fn kicker(&self) -> &str {
        self.between(0, self.kicker_ends)
    }

    /// The headline.
    pub fn headline(&self) -> &str {
        self.between(self.kicker_ends, self.headline_ends)
    }

    /// The deck; may be empty.
    pub fn deck(&self) -> &str {
        self.between(self.headline_ends, u32::MAX)
    }

    fn between(&self, start: u32, end: u32) -> &str {
        let end = self.text.len().min(end as usize);
        self.text.get(start as usize..end).unwrap_or_default()
    }
}

/// A published article or page, as lists and the decision need it.
#[derive(Clone, Debug)]
pub struct EditionEntry {
    /// The number that the meter counts by.
    pub id: ArticleId,
    /// The revision of its last change.
    pub revision: i64,
    /// When it was first published.
    pub published: Timestamp,
    /// Its address in the publication.
    pub address: Arc<str>,
    /// Its section.
    pub section: Option<Arc<Section>>,
    /// Kicker, headline and deck.
    pub lines: Lines,
    /// The slugs of its authors, in byline order.
    pub authors: Box<[Arc<str>]>,
    /// The minutes that it takes to read; 0 for no text.
    pub minutes: u16,
    pub(super) topics: Box<[Arc<str>]>,
    /// The stems of the names of the pictures that it shows.
    pub(super) pictures: Box<[Arc<str>]>,
    extras: Option<Box<Extras>>,
}

/// The kind of most articles.
const ORDINARY: &str = "article";

/// What many articles do not have.
#[derive(Clone, Debug, PartialEq, Default)]
struct Extras {
    /// `None` for an [`ORDINARY`] article.
    kind: Option<String>,
    design: Option<Design>,
    noindex: bool,
    picture: Option<Picture>,
    sponsor: Option<String>,
    /// Its language, if it is not the publication's.
    language: Option<Box<str>>,
    tier: Option<Tier>,
    /// When its text was changed after it was published.
    corrected: Option<Timestamp>,
    former_addresses: Box<[Arc<str>]>,
    /// Boxed, because few articles have it.
    live: Option<Box<LiveCoverage>>,
}

/// What an edition keeps once for all entries, and what a piece does not have itself.
pub(super) struct Shared {
    /// The section; `None` if the settings no longer have it.
    pub section: Option<Arc<Section>>,
    /// The names in the byline, in its order.
    pub authors: Box<[Arc<str>]>,
    /// The topics.
    pub topics: Box<[Arc<str>]>,
    /// The stems of the names of the pictures that it shows.
    pub pictures: Box<[Arc<str>]>,
    /// The minutes that it takes to read.
    pub minutes: u16,
    /// Its live coverage.
    pub live: Option<LiveCoverage>,
}

impl EditionEntry {
    /// The entry of a published piece. What it has in common with others was taken out of it and is in `shared`.
    pub(super) fn new(
        (id, revision): (ArticleId, i64),
        (published, address): (Timestamp, Arc<str>),
        piece: Piece,
        shared: Shared,
    ) -> Self {
        let kind = piece.kind.name();
        let extras = Extras {
            kind: (kind != ORDINARY).then(|| kind.to_owned()),
            design: piece.design,
            noindex: piece.appearance.noindex,
            picture: piece.picture,
            sponsor: piece.sponsor.map(|sponsor| sponsor.name),
            language: piece.language.map(Into::into),
            tier: piece.tier,
            corrected: piece.updated,
            former_addresses: piece
                .former_addresses
                .iter()
                .map(|old| old.as_str().into())
                .collect(),
            live: shared.live.map(Box::new),
        };
        Self {
            id,
            revision,
            published,
            address,
            section: shared.section,
            lines: Lines::new(&piece.kicker, &piece.headline, &piece.deck),
            authors: shared.authors,
            minutes: shared.minutes,
            topics: shared.topics,
            pictures: shared.pictures,
            extras: (extras != Extras::default()).then(|| Box::new(extras)),
        }
    }

    /// What is known of the piece without the database: no text, and none of what is said about it below its headline.
    pub(crate) fn outline(&self) -> Piece {
        Piece {
            slug: self.slug().into_owned(),
            kind: Kind::from(self.kind().to_owned()),
            design: self.design(),
            status: Status::Published,
            section: self.section.as_deref().cloned(),
            kicker: self.lines.kicker().to_owned(),
            headline: self.lines.headline().to_owned(),
            deck: self.lines.deck().to_owned(),
            authors: Vec::new(),
            dateline: String::new(),
            picture: self.picture().cloned(),
            body: String::new(),
            topics: Vec::new(),
            tier: self.tier().cloned(),
            sponsor: None,
            published: Some(self.published),
            updated: None,
            corrections: Vec::new(),
            canonical: None,
            appearance: Appearance { noindex: self.noindex(), ..Appearance::default() },
            language: self.language().map(str::to_owned),
            former_addresses: Vec::new(),
        }
    }

    /// The last part of its address, as people read it.
    pub(crate) fn slug(&self) -> Cow<'_, str> {
        let last = self.address.rsplit('/').next().unwrap_or_default();
        paths::decoded(last).unwrap_or(Cow::Borrowed(last))
    }

    /// The design that it sets itself.
    pub fn design(&self) -> Option<Design> {
        self.extras.as_ref()?.design
    }

    /// Its lead picture.
    pub fn picture(&self) -> Option<&Picture> {
        self.extras.as_ref()?.picture.as_ref()
    }

    /// Whether search engines are asked not to list it.
    pub fn noindex(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.noindex)
    }

    /// The sponsor.
    pub fn sponsor(&self) -> Option<&str> {
        self.extras.as_ref()?.sponsor.as_deref()
    }

    /// Its language (BCP 47), if it is not the publication's.
    pub fn language(&self) -> Option<&str> {
        self.extras.as_ref()?.language.as_deref()
    }

    /// Its live coverage, if it has any.
    pub fn live(&self) -> Option<&LiveCoverage> {
        self.extras.as_ref()?.live.as_deref()
    }

    /// Whether its live coverage is running.
    pub fn is_live(&self) -> bool {
        self.live().is_some_and(|live| live.ended.is_none())
    }

    /// When readers last got something new of its live coverage; without any, when it was published.
    pub fn updated(&self) -> Timestamp {
        self.live().map_or(self.published, |live| live.updated.max(self.published))
    }

    /// When what readers get last changed, by a correction or by live coverage; without either, when it was published.
    pub fn changed(&self) -> Timestamp {
        let corrected = self.extras.as_ref().and_then(|extras| extras.corrected);
        corrected.map_or(self.updated(), |corrected| corrected.max(self.updated()))
    }

    fn kind(&self) -> &str {
        self.extras.as_ref().and_then(|extras| extras.kind.as_deref()).unwrap_or(ORDINARY)
    }

    fn tier(&self) -> Option<&Tier> {
        self.extras.as_ref()?.tier.as_ref()
    }

    pub(super) fn former_addresses(&self) -> &[Arc<str>] {
        self.extras.as_ref().map_or(&[], |extras| &extras.former_addresses)
    }

    /// The article as the access decision sees it.
    pub fn article(&self) -> Article<'_> {
        // A page of the publication itself is always free.
        let tier = if self.is_page() { Some(&Tier::Free) } else { self.tier() };
        Article {
            id: self.id,
            tier,
            sponsored: self.sponsor().is_some(),
            section: self.section.as_ref().map_or("", |section| &section.slug),
            topics: &self.topics,
            authors: &self.authors,
            kind: self.kind(),
            published: self.published,
        }
    }

    /// Whether it is a page and not an article.
    pub fn is_page(&self) -> bool {
        self.kind() == Kind::Page.name()
    }
}
