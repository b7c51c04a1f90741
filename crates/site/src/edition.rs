//! Everything published, in memory: who stands where, and what is found at which address.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use jiff::Timestamp;
use masthead_access::{Article, ArticleId, Tier};
use masthead_editorial::{
    Author, Correction, Kind, Picture, Piece, Section, Sponsor, Status, Topic,
};
use masthead_store::Listed;

/// A published article or page without its body.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The number that the meter counts by.
    pub id: ArticleId,
    /// The write that made it what it is.
    pub revision: i64,
    /// Its facts; the body is empty.
    pub piece: Piece,
    /// When it was first published.
    pub published: Timestamp,
    topics: Box<[Arc<str>]>,
    authors: Box<[Arc<str>]>,
}

impl Entry {
    fn new(listed: Listed) -> Option<Self> {
        let slugs = |slugs: &mut dyn Iterator<Item = &String>| -> Box<[Arc<str>]> {
            slugs.map(|slug| Arc::from(slug.as_str())).collect()
        };
        Some(Self {
            id: listed.id,
            revision: listed.revision,
            published: listed.piece.published?,
            topics: slugs(&mut listed.piece.topics.iter().map(|topic| &topic.slug)),
            authors: slugs(&mut listed.piece.authors.iter().map(|author| &author.slug)),
            piece: listed.piece,
        })
    }

    /// The article as the access decision sees it.
    pub fn article(&self) -> Article<'_> {
        // A page of the publication itself is always free.
        let tier = if self.is_page() { Some(&Tier::Free) } else { self.piece.tier.as_ref() };
        Article {
            id: self.id,
            tier,
            sponsored: self.piece.sponsor.is_some(),
            section: self.piece.section.as_ref().map_or("", |section| &section.slug),
            topics: &self.topics,
            authors: &self.authors,
            kind: self.piece.kind.name(),
            published: self.published,
        }
    }

    /// Whether it is a page and not an article.
    pub fn is_page(&self) -> bool {
        self.piece.kind == Kind::Page
    }

    /// Who paid for it.
    pub fn sponsor(&self) -> Option<&Sponsor> {
        self.piece.sponsor.as_ref()
    }

    /// Its lead picture.
    pub fn picture(&self) -> Option<&Picture> {
        self.piece.picture.as_ref()
    }

    /// Its mended mistakes.
    pub fn corrections(&self) -> &[Correction] {
        &self.piece.corrections
    }
}

/// What an address leads to.
#[derive(Clone, Debug)]
pub enum Target {
    /// An article or page.
    Piece(Arc<Entry>),
    /// The front of a section.
    Section(Section),
    /// Everything on a topic.
    Topic(Topic),
    /// Everything by an author.
    Author(Author),
    /// An address that was left, and where to go instead.
    Moved(String),
}

/// A picture of everything published at one moment. Never changed: a new one takes its place.
#[derive(Debug, Default)]
pub struct Edition {
    /// The latest write that it knows, and the last piece of that write.
    known: (i64, Option<ArticleId>),
    /// Everything that is or will be for readers, by number.
    pieces: HashMap<ArticleId, Arc<Entry>>,
    authors: HashMap<String, Author>,
    /// Articles that are out, the latest first.
    articles: Vec<Arc<Entry>>,
    /// The publication's own pages that are out, by headline.
    pages: Vec<Arc<Entry>>,
    sections: HashMap<String, (Section, Vec<Arc<Entry>>)>,
    topics: HashMap<String, (Topic, Vec<Arc<Entry>>)>,
    bylines: HashMap<String, Vec<Arc<Entry>>>,
    addresses: HashMap<String, Target>,
    /// When the next scheduled piece is due.
    next_due: Option<Timestamp>,
}

impl Edition {
    /// The latest write that is in it, to ask the store for what came after.
    pub fn known(&self) -> (i64, Option<ArticleId>) {
        self.known
    }

    /// When a scheduled piece is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.next_due
    }

    /// The edition that follows when these changes, all that there are up to `revision`, are worked in
    /// and it is `now`.
    #[must_use]
    pub fn next(
        &self,
        revision: i64,
        changes: Vec<Listed>,
        authors: Vec<Author>,
        now: Timestamp,
    ) -> Self {
        let last = changes.last().map_or(self.known, |last| (last.revision, Some(last.id)));
        let mut next = Self {
            known: if last.0 < revision { (revision, None) } else { last },
            pieces: self.pieces.clone(),
            authors: self.authors.clone(),
            ..Self::default()
        };
        for listed in changes {
            let id = listed.id;
            match Entry::new(listed) {
                Some(entry) if entry.piece.status == Status::Published => {
                    next.pieces.insert(id, Arc::new(entry));
                }
                _ => {
                    next.pieces.remove(&id);
                }
            }
        }
        next.authors.extend(authors.into_iter().map(|author| (author.slug.clone(), author)));
        next.lay_out(now);
        next
    }

    fn lay_out(&mut self, now: Timestamp) {
        let (out, scheduled): (Vec<_>, Vec<_>) =
            self.pieces.values().cloned().partition(|entry| entry.published <= now);
        self.next_due = scheduled.iter().map(|entry| entry.published).min();
        let mut articles = out.clone();
        articles.retain(|entry| !entry.is_page());
        articles.sort_by_key(|entry| (Reverse(entry.published), Reverse(entry.id)));
        for entry in &articles {
            self.shelve(entry);
        }
        self.articles = articles;
        self.pages = out.iter().filter(|entry| entry.is_page()).cloned().collect();
        self.pages.sort_by(|a, b| a.piece.headline.cmp(&b.piece.headline));
        // Former addresses first, so that a present one of the same form wins.
        for entry in &out {
            for former in &entry.piece.former_addresses {
                self.addresses.insert(former.clone(), Target::Moved(entry.piece.address()));
            }
        }
        for (slug, (section, _)) in &self.sections {
            self.addresses.insert(format!("/{slug}"), Target::Section(section.clone()));
        }
        for (slug, (topic, _)) in &self.topics {
            self.addresses.insert(format!("/topic/{slug}"), Target::Topic(topic.clone()));
        }
        for slug in self.bylines.keys() {
            if let Some(author) = self.authors.get(slug) {
                self.addresses.insert(format!("/author/{slug}"), Target::Author(author.clone()));
            }
        }
        for entry in &out {
            self.addresses.insert(entry.piece.address(), Target::Piece(Arc::clone(entry)));
        }
    }

    fn shelve(&mut self, entry: &Arc<Entry>) {
        if let Some(section) = &entry.piece.section {
            let shelf = self.sections.entry(section.slug.clone());
            shelf.or_insert_with(|| (section.clone(), Vec::new())).1.push(Arc::clone(entry));
        }
        for topic in &entry.piece.topics {
            let shelf = self.topics.entry(topic.slug.clone());
            shelf.or_insert_with(|| (topic.clone(), Vec::new())).1.push(Arc::clone(entry));
        }
        for author in &entry.piece.authors {
            self.authors.entry(author.slug.clone()).or_insert_with(|| author.clone());
            self.bylines.entry(author.slug.clone()).or_default().push(Arc::clone(entry));
        }
    }

    /// What is found at an address.
    pub fn find(&self, address: &str) -> Option<&Target> {
        self.addresses.get(address)
    }

    /// Every address, for those who want to walk them all.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.addresses.iter().map(|(address, target)| (address.as_str(), target))
    }

    /// An article or page that is out or will be.
    pub fn piece(&self, id: ArticleId) -> Option<&Entry> {
        self.pieces.get(&id).map(AsRef::as_ref)
    }

    /// Articles that are out, the latest first.
    pub fn articles(&self) -> &[Arc<Entry>] {
        &self.articles
    }

    /// The publication's own pages that are out, by headline.
    pub fn pages(&self) -> &[Arc<Entry>] {
        &self.pages
    }

    /// Articles of a section, the latest first.
    pub fn in_section(&self, slug: &str) -> &[Arc<Entry>] {
        self.sections.get(slug).map_or(&[], |(_, shelf)| shelf)
    }

    /// Articles on a topic, the latest first.
    pub fn on_topic(&self, slug: &str) -> &[Arc<Entry>] {
        self.topics.get(slug).map_or(&[], |(_, shelf)| shelf)
    }

    /// Articles by an author, the latest first.
    pub fn by_author(&self, slug: &str) -> &[Arc<Entry>] {
        self.bylines.get(slug).map_or(&[], |shelf| shelf)
    }

    /// Sections that have articles, by number of articles.
    pub fn sections(&self) -> Vec<&Section> {
        let mut sections: Vec<_> = self.sections.values().collect();
        sections.sort_by_key(|(section, shelf)| (Reverse(shelf.len()), section.name.clone()));
        sections.into_iter().map(|(section, _)| section).collect()
    }

    /// What is known of an author.
    pub fn author(&self, slug: &str) -> Option<&Author> {
        self.authors.get(slug)
    }

    /// Up to `most` other articles that share topics with this one, or its section.
    pub fn related(&self, entry: &Entry, most: usize) -> Vec<&Arc<Entry>> {
        let topics =
            entry.piece.topics.iter().flat_map(|topic| self.on_topic(&topic.slug).iter().take(20));
        let section =
            entry.piece.section.iter().flat_map(|s| self.in_section(&s.slug).iter().take(20));
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
