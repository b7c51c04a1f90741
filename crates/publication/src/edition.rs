//! Everything published, in memory: its order, and what is at which address.
//!
//! It holds what the decision, the lists and the navigation need, in under a kilobyte for an article;
//! the rest of a piece is read from the database when its page is made. An edition never changes: the
//! next one is a [`draft`](Edition::draft) of it, to which changes are [added](Edition::add) before it
//! is [laid out](Edition::lay_out).
//!
//! | module | content |
//! | --- | --- |
//! | `entry` | a published article or page |
//! | `draft` | how the next edition is made |

mod draft;
mod entry;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{Author, Section, Topic, renditions};

pub use self::entry::{EditionEntry, Lines};

/// What an address leads to.
#[derive(Clone, Debug)]
pub enum Target {
    /// An article or page.
    Piece(Arc<EditionEntry>),
    /// The front of a section.
    Section(Arc<Section>),
    /// Everything on a topic.
    Topic(Arc<Topic>),
    /// Everything by an author.
    Author(Arc<Author>),
    /// A former address of this piece.
    Moved(Arc<EditionEntry>),
}

type Entries = Vec<Arc<EditionEntry>>;

/// Everything published at one moment.
#[derive(Debug, Default)]
pub struct Edition {
    /// The revision of the latest write that it includes, and the last piece of that write.
    known: (i64, Option<ArticleId>),
    /// Everything published or scheduled.
    pieces: HashMap<ArticleId, Arc<EditionEntry>>,
    authors: HashMap<Arc<str>, Arc<Author>>,
    topics: HashMap<Arc<str>, Arc<Topic>>,
    sections: HashMap<String, Arc<Section>>,
    /// Slugs and names of pictures that many entries share.
    words: HashSet<Arc<str>>,
    /// Published articles, the latest first.
    articles: Entries,
    /// The publication's own published pages, by headline.
    pages: Entries,
    by_section: HashMap<String, Entries>,
    by_topic: HashMap<Arc<str>, Entries>,
    by_author: HashMap<Arc<str>, Entries>,
    addresses: HashMap<Arc<str>, Target>,
    /// The stems of the names of all pictures that readers see.
    pictures: HashSet<Arc<str>>,
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

    /// Returns what is at an address.
    pub fn find(&self, address: &str) -> Option<&Target> {
        self.addresses.get(address)
    }

    /// Returns every address and what is there.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.addresses.iter().map(|(address, target)| (&**address, target))
    }

    /// Returns an article or page that readers have.
    pub fn public_piece(&self, id: ArticleId) -> Option<&Arc<EditionEntry>> {
        let entry = self.pieces.get(&id)?;
        match self.addresses.get(&entry.address) {
            Some(Target::Piece(found)) if found.id == id => Some(entry),
            _ => None,
        }
    }

    /// Returns `true` if readers see the picture with this file name, or a rendition of it.
    pub fn shows_picture(&self, name: &str) -> bool {
        self.pictures.contains(renditions::stem(name))
    }

    /// Returns a published or scheduled article or page.
    pub fn piece(&self, id: ArticleId) -> Option<&Arc<EditionEntry>> {
        self.pieces.get(&id)
    }

    /// Articles and pages by any of these authors that are or will be published.
    pub fn pieces_by<'a>(
        &'a self,
        slugs: &'a [String],
    ) -> impl Iterator<Item = &'a Arc<EditionEntry>> {
        let is_theirs = |entry: &&Arc<EditionEntry>| {
            entry.authors.iter().any(|author| slugs.iter().any(|slug| **slug == **author))
        };
        self.pieces.values().filter(is_theirs)
    }

    /// Published articles, the latest first.
    pub fn articles(&self) -> &[Arc<EditionEntry>] {
        &self.articles
    }

    /// The publication's own published pages, by headline.
    pub fn pages(&self) -> &[Arc<EditionEntry>] {
        &self.pages
    }

    /// Returns the articles of a section, the latest first.
    pub fn in_section(&self, slug: &str) -> &[Arc<EditionEntry>] {
        self.by_section.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Returns the articles on a topic, the latest first.
    pub fn on_topic(&self, slug: &str) -> &[Arc<EditionEntry>] {
        self.by_topic.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Returns the articles by an author, the latest first.
    pub fn by_author(&self, slug: &str) -> &[Arc<EditionEntry>] {
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
    pub fn related(&self, entry: &EditionEntry, most: usize) -> Vec<&Arc<EditionEntry>> {
        let topics = entry.topics.iter().flat_map(|topic| self.on_topic(topic).iter().take(20));
        let section = entry.section.iter().flat_map(|s| self.in_section(&s.slug).iter().take(20));
        let mut related: Vec<&Arc<EditionEntry>> = Vec::new();
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

fn most_used(lists: &HashMap<Arc<str>, Entries>, most: usize) -> impl Iterator<Item = &Arc<str>> {
    let mut all: Vec<_> = lists.iter().collect();
    all.sort_by_key(|(slug, list)| (Reverse(list.len()), Arc::clone(slug)));
    all.into_iter().take(most).map(|(slug, _)| slug)
}
