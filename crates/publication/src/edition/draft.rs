//! Making the next edition: a copy of the current one, with changes, laid out for a moment.

use std::{cmp::Reverse, collections::HashSet, mem, sync::Arc};

use jiff::Timestamp;
use masthead_editorial::{Author, Piece, Status, renditions};
use masthead_store::StoredPiece;

use super::{Edition, EditionEntry, Entries, Target, entry::Shared};

impl Edition {
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
    pub fn add(&mut self, changes: Vec<StoredPiece>) {
        for StoredPiece { id, revision, mut piece, pictures } in changes {
            self.known = (revision, Some(id));
            match piece.published {
                Some(published) if piece.status == Status::Published => {
                    let address = piece.address().into();
                    let shared = self.share(&mut piece, &pictures);
                    let entry =
                        EditionEntry::new((id, revision), (published, address), piece, shared);
                    self.pieces.insert(id, Arc::new(entry));
                }
                _ => {
                    self.pieces.remove(&id);
                }
            }
        }
    }

    /// Takes what entries have in common out of a piece.
    fn share(&mut self, piece: &mut Piece, pictures: &[String]) -> Shared {
        let section = piece.section.take().map(|section| {
            let slug = section.slug.clone();
            let known = self.sections.entry(slug).or_insert_with(|| Arc::new(section.clone()));
            if **known != section {
                *known = Arc::new(section);
            }
            Arc::clone(known)
        });
        let mut authors = Vec::with_capacity(piece.authors.len());
        for author in mem::take(&mut piece.authors) {
            let slug = self.word(&author.slug);
            self.authors.entry(Arc::clone(&slug)).or_insert_with(|| Arc::new(author));
            authors.push(slug);
        }
        let mut topics = Vec::with_capacity(piece.topics.len());
        for topic in mem::take(&mut piece.topics) {
            let slug = self.word(&topic.slug);
            // Pieces come in the order of their writes, so the latest name of a topic stays.
            if self.topics.get(&slug).is_none_or(|known| **known != topic) {
                self.topics.insert(Arc::clone(&slug), Arc::new(topic));
            }
            topics.push(slug);
        }
        let pictures = pictures.iter().map(|stem| self.word(stem)).collect();
        Shared { section, authors: authors.into(), topics: topics.into(), pictures }
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
        let (out, scheduled): (Entries, Entries) =
            self.pieces.values().cloned().partition(|entry| entry.published <= now);
        self.next_due = scheduled.iter().map(|entry| entry.published).min();
        let (mut pages, mut articles): (Entries, Entries) =
            out.into_iter().partition(|entry| entry.is_page());
        pages.sort_by(|a, b| a.lines.headline().cmp(b.lines.headline()));
        articles.sort_by_key(|entry| (Reverse(entry.published), Reverse(entry.id)));
        for entry in &articles {
            self.list(entry);
        }
        self.address(&articles, &pages);
        self.pictures = self.public_pictures(articles.iter().chain(&pages));
        let lists = self.by_section.values_mut().chain(self.by_topic.values_mut());
        lists.chain(self.by_author.values_mut()).for_each(Vec::shrink_to_fit);
        (self.articles, self.pages) = (articles, pages);
    }

    /// Says what is at each address.
    fn address(&mut self, articles: &[Arc<EditionEntry>], pages: &[Arc<EditionEntry>]) {
        self.addresses.reserve(articles.len() + pages.len());
        // Former addresses come first, so that a current one replaces them.
        for entry in articles.iter().chain(pages) {
            for former in entry.former_addresses() {
                let moved = Target::Moved(Arc::clone(entry));
                self.addresses.insert(Arc::from(former.as_str()), moved);
            }
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
        for entry in articles.iter().chain(pages) {
            let piece = Target::Piece(Arc::clone(entry));
            self.addresses.insert(Arc::clone(&entry.address), piece);
        }
    }

    /// Returns the pictures of these published pieces, and of the authors who have pages.
    fn public_pictures<'a>(
        &self,
        pieces: impl Iterator<Item = &'a Arc<EditionEntry>>,
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

    fn list(&mut self, entry: &Arc<EditionEntry>) {
        if let Some(section) = &entry.section {
            match self.by_section.get_mut(&section.slug) {
                Some(list) => list.push(Arc::clone(entry)),
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
}
