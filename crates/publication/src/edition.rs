//! Everything published, in memory: its order, and what is at which address.
//!
//! It holds what the decision, the lists and the navigation need, in under a kilobyte for an article;
//! the rest of a piece is read from the database when its page is made. An edition never changes: the
//! next one is a [`draft`](Edition::draft) of it, to which changes are [added](Edition::add) before it
//! is [laid out](Edition::lay_out).

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_access::{Article, ArticleId, Tier};
use masthead_editorial::{Author, Kind, Picture, Piece, Section, Status, Topic};
use masthead_store::Listed;

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
pub struct Entry {
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
    topics: Box<[Arc<str>]>,
    extras: Option<Box<Extras>>,
}

/// The kind of most articles.
const ORDINARY: &str = "article";

/// What many articles do not have.
#[derive(Clone, Debug, PartialEq, Default)]
struct Extras {
    /// `None` for an [`ORDINARY`] article.
    kind: Option<String>,
    picture: Option<Picture>,
    sponsor: Option<String>,
    tier: Option<Tier>,
    former_addresses: Vec<String>,
}

impl Entry {
    /// Its lead picture.
    pub fn picture(&self) -> Option<&Picture> {
        self.extras.as_ref()?.picture.as_ref()
    }

    /// The sponsor.
    pub fn sponsor(&self) -> Option<&str> {
        self.extras.as_ref()?.sponsor.as_deref()
    }

    fn kind(&self) -> &str {
        self.extras.as_ref().and_then(|extras| extras.kind.as_deref()).unwrap_or(ORDINARY)
    }

    fn tier(&self) -> Option<&Tier> {
        self.extras.as_ref()?.tier.as_ref()
    }

    fn former_addresses(&self) -> &[String] {
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

/// What an address leads to.
#[derive(Clone, Debug)]
pub enum Target {
    /// An article or page.
    Piece(Arc<Entry>),
    /// The front of a section.
    Section(Arc<Section>),
    /// Everything on a topic.
    Topic(Arc<Topic>),
    /// Everything by an author.
    Author(Arc<Author>),
    /// A former address of this piece.
    Moved(Arc<Entry>),
}

type Shelf = Vec<Arc<Entry>>;

/// Everything published at one moment.
#[derive(Debug, Default)]
pub struct Edition {
    /// The revision of the latest write that it includes, and the last piece of that write.
    known: (i64, Option<ArticleId>),
    /// Everything published or scheduled.
    pieces: HashMap<ArticleId, Arc<Entry>>,
    authors: HashMap<Arc<str>, Arc<Author>>,
    topics: HashMap<Arc<str>, Arc<Topic>>,
    sections: HashMap<String, Arc<Section>>,
    /// Slugs that many entries share.
    words: HashSet<Arc<str>>,
    /// Published articles, the latest first.
    articles: Shelf,
    /// The publication's own published pages, by headline.
    pages: Shelf,
    by_section: HashMap<String, Shelf>,
    by_topic: HashMap<Arc<str>, Shelf>,
    by_author: HashMap<Arc<str>, Shelf>,
    addresses: HashMap<Arc<str>, Target>,
    /// When the next scheduled piece is due.
    next_due: Option<Timestamp>,
}

impl Edition {
    /// Returns the latest write that it includes. The store is asked for the writes after it.
    pub fn known(&self) -> (i64, Option<ArticleId>) {
        self.known
    }

    /// Returns when the next scheduled piece is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.next_due
    }

    /// Returns a copy without order, as the beginning of the next edition.
    #[must_use]
    pub fn draft(&self) -> Self {
        Self {
            known: self.known,
            pieces: self.pieces.clone(),
            authors: self.authors.clone(),
            topics: self.topics.clone(),
            sections: self.sections.clone(),
            words: self.words.clone(),
            ..Self::default()
        }
    }

    /// Adds pieces to a draft, in the order of their writes.
    pub fn add(&mut self, changes: Vec<Listed>) {
        for Listed { id, revision, piece } in changes {
            self.known = (revision, Some(id));
            match piece.published {
                Some(published) if piece.status == Status::Published => {
                    let entry = self.entry(id, revision, published, piece);
                    self.pieces.insert(id, Arc::new(entry));
                }
                _ => {
                    self.pieces.remove(&id);
                }
            }
        }
    }

    fn entry(&mut self, id: ArticleId, revision: i64, published: Timestamp, piece: Piece) -> Entry {
        let address = piece.address().into();
        let section = piece.section.map(|section| {
            let slug = section.slug.clone();
            let known = self.sections.entry(slug).or_insert_with(|| Arc::new(section.clone()));
            if **known != section {
                *known = Arc::new(section);
            }
            Arc::clone(known)
        });
        let mut authors = Vec::with_capacity(piece.authors.len());
        for author in piece.authors {
            let slug = self.word(&author.slug);
            self.authors.entry(Arc::clone(&slug)).or_insert_with(|| Arc::new(author));
            authors.push(slug);
        }
        let mut topics = Vec::with_capacity(piece.topics.len());
        for topic in piece.topics {
            let slug = self.word(&topic.slug);
            // Pieces come in the order of their writes, so the latest name of a topic stays.
            if self.topics.get(&slug).is_none_or(|known| **known != topic) {
                self.topics.insert(Arc::clone(&slug), Arc::new(topic));
            }
            topics.push(slug);
        }
        let kind = piece.kind.name();
        let extras = Extras {
            kind: (kind != ORDINARY).then(|| kind.to_owned()),
            picture: piece.picture,
            sponsor: piece.sponsor.map(|sponsor| sponsor.name),
            tier: piece.tier,
            former_addresses: piece.former_addresses,
        };
        Entry {
            id,
            revision,
            published,
            address,
            section,
            lines: Lines::new(&piece.kicker, &piece.headline, &piece.deck),
            authors: authors.into(),
            topics: topics.into(),
            extras: (extras != Extras::default()).then(|| Box::new(extras)),
        }
    }

    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    /// Lays a draft out for `now`. It then includes everything up to `revision`.
    #[must_use]
    pub fn lay_out(mut self, revision: i64, authors: Vec<Author>, now: Timestamp) -> Self {
        if self.known.0 < revision {
            self.known = (revision, None);
        }
        for author in authors {
            let slug = self.word(&author.slug);
            self.authors.insert(slug, Arc::new(author));
        }
        self.arrange(now);
        self
    }

    fn arrange(&mut self, now: Timestamp) {
        let (out, scheduled): (Shelf, Shelf) =
            self.pieces.values().cloned().partition(|entry| entry.published <= now);
        self.next_due = scheduled.iter().map(|entry| entry.published).min();
        let (mut pages, mut articles): (Shelf, Shelf) =
            out.into_iter().partition(|entry| entry.is_page());
        pages.sort_by(|a, b| a.lines.headline().cmp(b.lines.headline()));
        articles.sort_by_key(|entry| (Reverse(entry.published), Reverse(entry.id)));
        self.addresses.reserve(articles.len() + pages.len());
        // Former addresses come first, so that a current one replaces them.
        for entry in articles.iter().chain(&pages) {
            for former in entry.former_addresses() {
                let moved = Target::Moved(Arc::clone(entry));
                self.addresses.insert(Arc::from(former.as_str()), moved);
            }
        }
        for entry in &articles {
            self.shelve(entry);
        }
        for slug in self.by_section.keys() {
            let Some(section) = self.sections.get(slug) else { continue };
            let section = Target::Section(Arc::clone(section));
            self.addresses.insert(format!("/{slug}").into(), section);
        }
        for slug in self.by_topic.keys() {
            let Some(topic) = self.topics.get(slug) else { continue };
            let topic = Target::Topic(Arc::clone(topic));
            self.addresses.insert(format!("/topic/{slug}").into(), topic);
        }
        for slug in self.by_author.keys() {
            let Some(author) = self.authors.get(slug) else { continue };
            let author = Target::Author(Arc::clone(author));
            self.addresses.insert(format!("/author/{slug}").into(), author);
        }
        for entry in articles.iter().chain(&pages) {
            let piece = Target::Piece(Arc::clone(entry));
            self.addresses.insert(Arc::clone(&entry.address), piece);
        }
        let shelves = self.by_section.values_mut().chain(self.by_topic.values_mut());
        shelves.chain(self.by_author.values_mut()).for_each(Vec::shrink_to_fit);
        (self.articles, self.pages) = (articles, pages);
    }

    fn shelve(&mut self, entry: &Arc<Entry>) {
        if let Some(section) = &entry.section {
            match self.by_section.get_mut(&section.slug) {
                Some(shelf) => shelf.push(Arc::clone(entry)),
                None => {
                    self.by_section.insert(section.slug.clone(), vec![Arc::clone(entry)]);
                }
            }
        }
        for topic in &entry.topics {
            self.by_topic.entry(Arc::clone(topic)).or_default().push(Arc::clone(entry));
        }
        for author in &entry.authors {
            self.by_author.entry(Arc::clone(author)).or_default().push(Arc::clone(entry));
        }
    }

    /// Returns what is at an address.
    pub fn find(&self, address: &str) -> Option<&Target> {
        self.addresses.get(address)
    }

    /// Returns every address and what is there.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.addresses.iter().map(|(address, target)| (&**address, target))
    }

    /// Returns a published or scheduled article or page.
    pub fn piece(&self, id: ArticleId) -> Option<&Arc<Entry>> {
        self.pieces.get(&id)
    }

    /// Articles and pages by any of these authors that are or will be published.
    pub fn pieces_by<'a>(&'a self, slugs: &'a [String]) -> impl Iterator<Item = &'a Arc<Entry>> {
        let is_theirs = |entry: &&Arc<Entry>| {
            entry.authors.iter().any(|author| slugs.iter().any(|slug| **slug == **author))
        };
        self.pieces.values().filter(is_theirs)
    }

    /// Published articles, the latest first.
    pub fn articles(&self) -> &[Arc<Entry>] {
        &self.articles
    }

    /// The publication's own published pages, by headline.
    pub fn pages(&self) -> &[Arc<Entry>] {
        &self.pages
    }

    /// Returns the articles of a section, the latest first.
    pub fn in_section(&self, slug: &str) -> &[Arc<Entry>] {
        self.by_section.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Returns the articles on a topic, the latest first.
    pub fn on_topic(&self, slug: &str) -> &[Arc<Entry>] {
        self.by_topic.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Returns the articles by an author, the latest first.
    pub fn by_author(&self, slug: &str) -> &[Arc<Entry>] {
        self.by_author.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Returns the sections that have articles, by number of articles.
    pub fn sections(&self) -> Vec<&Section> {
        let mut sections: Vec<&Section> = self
            .by_section
            .keys()
            .filter_map(|slug| self.sections.get(slug))
            .map(AsRef::as_ref)
            .collect();
        sections
            .sort_by_key(|section| (Reverse(self.in_section(&section.slug).len()), &section.name));
        sections
    }

    /// Returns the names of authors, those with the most articles first.
    pub fn author_names(&self, most: usize) -> Vec<String> {
        let name = |slug: &Arc<str>| self.authors.get(slug).map(|author| author.name.clone());
        most_used(&self.by_author, most).filter_map(name).collect()
    }

    /// Returns topics, those with the most articles first.
    pub fn topics(&self, most: usize) -> Vec<Topic> {
        let topic = |slug: &Arc<str>| self.topics.get(slug).map(|topic| Topic::clone(topic));
        most_used(&self.by_topic, most).filter_map(topic).collect()
    }

    /// Returns an author.
    pub fn author(&self, slug: &str) -> Option<&Author> {
        self.authors.get(slug).map(AsRef::as_ref)
    }

    /// Returns up to `most` other articles on the same topics or in the same section.
    pub fn related(&self, entry: &Entry, most: usize) -> Vec<&Arc<Entry>> {
        let topics = entry.topics.iter().flat_map(|topic| self.on_topic(topic).iter().take(20));
        let section = entry.section.iter().flat_map(|s| self.in_section(&s.slug).iter().take(20));
        let mut related: Vec<&Arc<Entry>> = Vec::new();
        for candidate in topics.chain(section) {
            let known = related.iter().any(|known| known.id == candidate.id);
            if candidate.id != entry.id && !known && candidate.sponsor().is_none() {
                related.push(candidate);
            }
            if related.len() == most {
                break;
            }
        }
        related
    }
}

fn most_used(shelves: &HashMap<Arc<str>, Shelf>, most: usize) -> impl Iterator<Item = &Arc<str>> {
    let mut all: Vec<_> = shelves.iter().collect();
    all.sort_by_key(|(slug, shelf)| (Reverse(shelf.len()), Arc::clone(slug)));
    all.into_iter().take(most).map(|(slug, _)| slug)
}
