//! Everything published, in memory: its order, and what is at which address.
//!
//! It holds what the decision, the lists and the navigation need, in under a kilobyte for an article;
//! the rest of a piece is read from the database when its page is made. An edition never changes: the
//! next one is a [`draft`](Edition::draft) of it, to which changes are [added](Edition::add) before it
//! is [laid out](Edition::lay_out).

mod entry;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{Author, Piece, Section, Status, Topic, renditions};
use masthead_store::Listed;

pub use self::entry::{Entry, Lines};
use self::entry::{Extras, ORDINARY};

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
    /// Slugs and names of pictures that many entries share.
    words: HashSet<Arc<str>>,
    /// Published articles, the latest first.
    articles: Shelf,
    /// The publication's own published pages, by headline.
    pages: Shelf,
    by_section: HashMap<String, Shelf>,
    by_topic: HashMap<Arc<str>, Shelf>,
    by_author: HashMap<Arc<str>, Shelf>,
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
        for Listed { id, revision, piece, pictures } in changes {
            self.known = (revision, Some(id));
            match piece.published {
                Some(published) if piece.status == Status::Published => {
                    let mut entry = self.entry(id, revision, published, piece);
                    entry.pictures = pictures.iter().map(|stem| self.word(stem)).collect();
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
            pictures: Box::default(),
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
        self.pictures = self.public_pictures(articles.iter().chain(&pages));
        let shelves = self.by_section.values_mut().chain(self.by_topic.values_mut());
        shelves.chain(self.by_author.values_mut()).for_each(Vec::shrink_to_fit);
        (self.articles, self.pages) = (articles, pages);
    }

    /// Returns the pictures of these published pieces, and of the authors who have pages.
    fn public_pictures<'a>(
        &self,
        pieces: impl Iterator<Item = &'a Arc<Entry>>,
    ) -> HashSet<Arc<str>> {
        let mut pictures = HashSet::new();
        for entry in pieces {
            let lead = entry.picture().map(|picture| renditions::stems_in(&picture.src));
            pictures.extend(lead.into_iter().flatten().map(Arc::from));
            pictures.extend(entry.pictures.iter().cloned());
        }
        let authors = self.by_author.keys().filter_map(|slug| self.authors.get(slug));
        for author in authors {
            pictures.extend(renditions::stems_in(&author.bio).into_iter().map(Arc::from));
        }
        pictures
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

    /// Returns an article or page that readers have.
    pub fn public_piece(&self, id: ArticleId) -> Option<&Arc<Entry>> {
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
