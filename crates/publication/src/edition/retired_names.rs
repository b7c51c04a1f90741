//! Authors and topics that others have taken the place of: articles that still name one are in the lists of the other.
//!
//! The store changes articles little by little. Readers get all of it at once, so that an access rule never applies to some articles
//! of a topic and not to others.

use std::{mem, sync::Arc};

use masthead_access::ArticleId;
use masthead_circulation::reading::FollowKind;
use masthead_editorial::{Author, Piece, Topic};
use masthead_store::{RetiredName, RetiredNames};

use super::{Edition, EditionEntry, draft::shared};

impl Edition {
    /// Returns the names that others have taken the place of.
    pub fn retired_names(&self) -> &Arc<RetiredNames> {
        &self.retired
    }

    /// Puts retired names in force in a draft, before pieces are added.
    pub fn retire_names(&mut self, retired: RetiredNames) {
        if *self.retired == retired {
            return;
        }
        self.retired = Arc::new(retired);
        let concerned = |entry: &Arc<EditionEntry>| {
            let is_retired = |kind: FollowKind, names: &[Arc<str>]| {
                names.iter().any(|slug| self.retired.current(kind, slug).is_some())
            };
            is_retired(FollowKind::Author, &entry.authors)
                || is_retired(FollowKind::Topic, &entry.topics)
        };
        let entries = self.pieces.iter().map(|(_, entry)| entry);
        let ids: Vec<ArticleId> =
            entries.filter(|entry| concerned(entry)).map(|entry| entry.id).collect();
        for id in ids {
            self.rename_entry(id);
        }
    }

    /// Gives an entry the names of now, and lists it again.
    fn rename_entry(&mut self, id: ArticleId) {
        let Some(entry) = self.pieces.remove(&id) else { return };
        self.scheduled.remove(&(entry.published, id));
        self.unlist(&entry);
        for topic in &entry.topics {
            if self.retired.current(FollowKind::Topic, topic).is_some() {
                self.pending_topics.forget(topic, id);
            }
        }
        let authors = self.slugs_of_now(FollowKind::Author, &entry.authors);
        let topics = self.slugs_of_now(FollowKind::Topic, &entry.topics);
        let mut renamed = EditionEntry::clone(&entry);
        (renamed.authors, renamed.topics) = (authors, topics);
        self.pieces.insert(id, Arc::new(renamed));
        self.unlisted.push(id);
    }

    fn slugs_of_now(&mut self, kind: FollowKind, slugs: &[Arc<str>]) -> Box<[Arc<str>]> {
        let retired = Arc::clone(&self.retired);
        let mut all: Vec<Arc<str>> = Vec::with_capacity(slugs.len());
        for slug in slugs {
            let now = match retired.current(kind, slug) {
                Some(now) => self.known_slug(kind, now),
                None => Arc::clone(slug),
            };
            if !all.contains(&now) {
                all.push(now);
            }
        }
        all.into()
    }

    /// The slug of an author or topic, who or which is known from now on.
    fn known_slug(
        &mut self,
        kind: FollowKind,
        RetiredName { slug, name }: &RetiredName,
    ) -> Arc<str> {
        let (new_slug, name) = (slug.clone(), name.clone());
        match kind {
            FollowKind::Author => {
                let key = shared(self.authors.known_key(slug.as_str()), slug);
                if self.authors.get(&key).is_none() {
                    let author = Author { slug: new_slug, name, ..Author::default() };
                    self.authors.insert(Arc::clone(&key), Arc::new(author));
                }
                key
            }
            FollowKind::Topic => {
                let key = shared(self.topics.known_key(slug.as_str()), slug);
                if self.topics.get(&key).is_none() {
                    self.topics.insert(Arc::clone(&key), Arc::new(Topic { slug: new_slug, name }));
                }
                key
            }
        }
    }

    /// Names the authors and topics of a piece as they are now.
    pub(super) fn name_as_now(&self, piece: &mut Piece) {
        let mut authors: Vec<Author> = Vec::with_capacity(piece.authors.len());
        for author in mem::take(&mut piece.authors) {
            let author = match self.retired.current(FollowKind::Author, &author.slug) {
                Some(now) => {
                    let (slug, name) = (now.slug.clone(), now.name.clone());
                    Author { slug, name, ..Author::default() }
                }
                None => author,
            };
            if authors.iter().all(|other| other.slug != author.slug) {
                authors.push(author);
            }
        }
        let mut topics: Vec<Topic> = Vec::with_capacity(piece.topics.len());
        for topic in mem::take(&mut piece.topics) {
            let topic = match self.retired.current(FollowKind::Topic, &topic.slug) {
                Some(now) => Topic { slug: now.slug.clone(), name: now.name.clone() },
                None => topic,
            };
            if topics.iter().all(|other| other.slug != topic.slug) {
                topics.push(topic);
            }
        }
        (piece.authors, piece.topics) = (authors, topics);
    }
}
