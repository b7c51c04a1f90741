//! Making the next edition: a copy of the current one, with changes, laid out for a moment.

use std::{mem, sync::Arc};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{
    Author, Kind, Piece, Section, Status, Topic, renditions, replaced_pictures::ReplacedPicture,
};
use masthead_store::{RedirectUpdate, StoredPiece, TopicRecord};

use super::{Edition, EditionEntry, entry::Shared, entry_list::order};

impl Edition {
    /// Returns a copy, as the beginning of the next edition.
    #[must_use]
    pub fn draft(&self) -> Self {
        self.clone()
    }

    /// Adds pieces to a draft at `now`, in the order of their writes.
    pub fn add(&mut self, changes: Vec<StoredPiece>, now: Timestamp) {
        for stored in changes {
            let StoredPiece { id, revision, mut piece, pictures, minutes, live, .. } = stored;
            self.known = (revision, Some(id));
            if let Some(replaced) = self.pieces.remove(&id) {
                self.scheduled.remove(&(replaced.published, id));
                self.unlist(&replaced);
                self.forget_names(&replaced);
            }
            if let (Some(published), Status::Published) = (piece.published, piece.status) {
                let address = piece.address().into();
                // A page of the publication has none, also if it was an article when it was covered.
                let live = live.filter(|_| piece.kind != Kind::Page);
                // It grows while it is read.
                let minutes = if live.is_some() { 0 } else { minutes };
                let scheduled = (published > now).then_some(id);
                let shared =
                    Shared { minutes, live, ..self.share(&mut piece, &pictures, scheduled) };
                let entry = EditionEntry::new((id, revision), (published, address), piece, shared);
                self.pieces.insert(id, Arc::new(entry));
                self.unlisted.push(id);
            }
        }
    }

    /// Puts redirects in force in a draft.
    pub fn update_redirects(&mut self, updates: Vec<RedirectUpdate>) {
        for RedirectUpdate { path, redirect } in updates {
            match redirect {
                Some(redirect) => self.redirects.insert(path.into(), Arc::new(redirect)),
                None => {
                    self.redirects.remove(path.as_str());
                }
            }
        }
    }

    /// Puts files of pictures in force in a draft.
    pub fn replace_pictures(&mut self, pictures: Vec<ReplacedPicture>) {
        if pictures.is_empty() {
            return;
        }
        let replaced = Arc::make_mut(&mut self.replaced);
        for picture in pictures {
            replaced.update(picture);
        }
    }

    /// Puts descriptions of topics in force in a draft.
    pub fn describe_topics(&mut self, topics: Vec<TopicRecord>) {
        for TopicRecord { topic, description, .. } in topics {
            match description {
                Some(text) => self.topic_descriptions.insert(topic.slug.into(), text.into()),
                None => {
                    self.topic_descriptions.remove(topic.slug.as_str());
                }
            }
        }
    }

    /// Takes what entries have in common out of a piece. `scheduled` is its number if readers do not have it yet.
    fn share(
        &mut self,
        piece: &mut Piece,
        pictures: &[String],
        scheduled: Option<ArticleId>,
    ) -> Shared {
        self.name_as_now(piece);
        let section = piece.section.take().map(|section| self.share_section(section, scheduled));
        let mut authors = Vec::with_capacity(piece.authors.len());
        for author in mem::take(&mut piece.authors) {
            let slug = shared(self.authors.known_key(author.slug.as_str()), &author.slug);
            if self.authors.get(&slug).is_none() {
                self.authors.insert(Arc::clone(&slug), Arc::new(author));
            }
            authors.push(slug);
        }
        let mut topics = Vec::with_capacity(piece.topics.len());
        for topic in mem::take(&mut piece.topics) {
            topics.push(self.share_topic(topic, scheduled));
        }
        let lead = piece.picture.iter().flat_map(|picture| renditions::stems_in(&picture.src));
        let stems = pictures.iter().map(String::as_str).chain(lead);
        let pictures = stems.map(|stem| shared(self.pictures.known_key(stem), stem)).collect();
        let (authors, topics) = (authors.into(), topics.into());
        Shared { section, authors, topics, pictures, minutes: 0, live: None }
    }

    fn share_section(&mut self, section: Section, scheduled: Option<ArticleId>) -> Arc<Section> {
        let known = self.sections.get(&section.slug);
        let is_new = known.is_none();
        let section = match known.filter(|known| ***known == section) {
            Some(known) => Arc::clone(known),
            None => Arc::new(section),
        };
        match scheduled {
            Some(id) => self.pending_sections.add(&section.slug, id, Arc::clone(&section)),
            None => self.pending_sections.supersede(&section.slug),
        }
        if scheduled.is_none() || is_new {
            self.sections.insert(section.slug.clone(), Arc::clone(&section));
        }
        section
    }

    fn share_topic(&mut self, topic: Topic, scheduled: Option<ArticleId>) -> Arc<str> {
        let slug = shared(self.topics.known_key(topic.slug.as_str()), &topic.slug);
        let known = self.topics.get(&slug).map(|known| **known == topic);
        let topic = Arc::new(topic);
        match scheduled {
            Some(id) => self.pending_topics.add(&slug, id, Arc::clone(&topic)),
            None => self.pending_topics.supersede(&slug),
        }
        // Pieces come in the order of their writes, so the latest name of a topic stays.
        if known.is_none() || (scheduled.is_none() && known == Some(false)) {
            self.topics.insert(Arc::clone(&slug), topic);
        }
        slug
    }

    /// Forgets the names of a piece that is written again.
    fn forget_names(&mut self, entry: &EditionEntry) {
        if let Some(section) = &entry.section {
            self.pending_sections.forget(&section.slug, entry.id);
        }
        for topic in &entry.topics {
            self.pending_topics.forget(topic, entry.id);
        }
    }

    /// Puts the names of a piece in force that was scheduled.
    fn publish_names(&mut self, entry: &EditionEntry) {
        let section = entry.section.as_ref();
        let section = section.and_then(|own| self.pending_sections.take(&own.slug, entry.id));
        if let Some(section) = section {
            self.sections.insert(section.slug.clone(), section);
        }
        for slug in &entry.topics {
            if let Some(topic) = self.pending_topics.take(slug, entry.id) {
                self.topics.insert(Arc::clone(slug), topic);
            }
        }
    }

    /// Lays a draft out for `now`. It then includes everything up to `revision`.
    #[must_use]
    pub fn lay_out(mut self, revision: i64, authors: Vec<Author>, now: Timestamp) -> Self {
        if self.known.0 < revision {
            self.known = (revision, None);
        }
        for author in authors {
            self.replace_author(author);
        }
        let mut ids = mem::take(&mut self.unlisted);
        ids.extend(self.take_due(now));
        ids.extend(self.take_early(now));
        self.laid_out = now;
        let pieces = ids.iter().filter_map(|id| self.pieces.get(id));
        let mut pieces: Vec<Arc<EditionEntry>> = pieces.cloned().collect();
        // The latest first, so that a list that is new is written from its beginning to its end.
        pieces.sort_unstable_by_key(|entry| order(entry));
        pieces.dedup_by_key(|entry| entry.id);
        for entry in pieces {
            if entry.published <= now {
                self.publish_names(&entry);
                self.list(&entry);
            } else {
                self.scheduled.insert((entry.published, entry.id));
            }
        }
        self
    }

    /// Takes the pieces that are due from those that are scheduled.
    fn take_due(&mut self, now: Timestamp) -> Vec<ArticleId> {
        let later = self.scheduled.split_off(&(now, ArticleId(u32::MAX)));
        mem::replace(&mut self.scheduled, later).into_iter().map(|(_, id)| id).collect()
    }

    /// Takes the pieces off the lists that are not due any more, because the clock was put back.
    fn take_early(&mut self, now: Timestamp) -> Vec<ArticleId> {
        if now >= self.laid_out {
            return Vec::new();
        }
        let is_early = |entry: &&Arc<EditionEntry>| entry.published > now;
        let articles = self.articles.iter().take_while(is_early);
        let pages = self.pages.iter().filter(is_early);
        let early: Vec<Arc<EditionEntry>> = articles.chain(pages).cloned().collect();
        for entry in &early {
            self.unlist(entry);
        }
        early.iter().map(|entry| entry.id).collect()
    }
}

/// Returns the word that is `known` already, to keep it once in memory.
pub(super) fn shared(known: Option<&Arc<str>>, word: &str) -> Arc<str> {
    known.map_or_else(|| word.into(), Arc::clone)
}
