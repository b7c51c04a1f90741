//! What is listed where, and taken off again. A change touches only the lists that it is in.

use std::{cmp::Reverse, sync::Arc};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{Author, renditions};

use super::{Edition, EditionEntry};

impl Edition {
    /// Puts a published piece where readers find it.
    pub(super) fn list(&mut self, entry: &Arc<EditionEntry>) {
        if entry.is_page() {
            let before = |page: &Arc<EditionEntry>| page_order(page) < page_order(entry);
            self.pages.insert(self.pages.partition_point(before), Arc::clone(entry));
        } else {
            self.list_article(entry);
        }
        for former in entry.former_addresses() {
            let pieces = self.former_addresses.get_or_default(Arc::clone(former));
            pieces.push(Arc::clone(entry));
        }
        self.addresses.insert(Arc::clone(&entry.address), Arc::clone(entry));
        for stem in &entry.pictures {
            *self.pictures.get_or_default(Arc::clone(stem)) += 1;
        }
    }

    fn list_article(&mut self, entry: &Arc<EditionEntry>) {
        self.articles.insert(Arc::clone(entry));
        if entry.is_live() {
            let before = |live: &Arc<EditionEntry>| live_order(live) < live_order(entry);
            self.live.insert(self.live.partition_point(before), Arc::clone(entry));
        }
        if let Some(section) = &entry.section {
            match self.by_section.get_mut(&section.slug) {
                Some(list) => list.insert(Arc::clone(entry)),
                None => {
                    let list = self.by_section.entry(section.slug.clone()).or_default();
                    list.insert(Arc::clone(entry));
                }
            }
        }
        for topic in &entry.topics {
            self.by_topic.get_or_default(Arc::clone(topic)).insert(Arc::clone(entry));
        }
        for author in &entry.authors {
            let list = self.by_author.get_or_default(Arc::clone(author));
            let is_first = list.is_empty();
            list.insert(Arc::clone(entry));
            if is_first && let Some(author) = self.authors.get(author).cloned() {
                self.show_pictures_of(&author);
            }
        }
    }

    /// Takes a piece off everywhere, if it is listed.
    pub(super) fn unlist(&mut self, entry: &EditionEntry) {
        if entry.is_page() {
            let Some(place) = self.pages.iter().position(|page| page.id == entry.id) else {
                return;
            };
            self.pages.remove(place);
        } else if self.articles.contains(entry) {
            self.unlist_article(entry);
        } else {
            return;
        }
        for former in entry.former_addresses() {
            self.former_addresses.retain_if(former, |pieces| {
                pieces.retain(|piece| piece.id != entry.id);
                !pieces.is_empty()
            });
        }
        if self.addresses.get(&entry.address).is_some_and(|found| found.id == entry.id) {
            self.addresses.remove(&entry.address);
        }
        for stem in &entry.pictures {
            self.hide_picture(stem);
        }
    }

    fn unlist_article(&mut self, entry: &EditionEntry) {
        self.articles.remove(entry);
        self.live.retain(|live| live.id != entry.id);
        if let Some(section) = &entry.section
            && let Some(list) = self.by_section.get_mut(&section.slug)
        {
            list.remove(entry);
            if list.is_empty() {
                self.by_section.remove(&section.slug);
            }
        }
        for topic in &entry.topics {
            self.by_topic.retain_if(topic, |list| {
                list.remove(entry);
                !list.is_empty()
            });
        }
        for author in &entry.authors {
            let mut was_last = false;
            self.by_author.retain_if(author, |list| {
                list.remove(entry);
                was_last = list.is_empty();
                !was_last
            });
            if was_last && let Some(author) = self.authors.get(author).cloned() {
                self.hide_pictures_of(&author);
            }
        }
    }

    /// Replaces an author, or adds one who is new.
    pub(super) fn replace_author(&mut self, author: Author) {
        let is_shown = self.by_author.get(author.slug.as_str()).is_some();
        let known = self.authors.known_key(author.slug.as_str()).cloned();
        let slug = known.unwrap_or_else(|| author.slug.as_str().into());
        let author = Arc::new(author);
        let former = self.authors.get(&slug).cloned();
        self.authors.insert(slug, Arc::clone(&author));
        if is_shown {
            self.show_pictures_of(&author);
            if let Some(former) = former {
                self.hide_pictures_of(&former);
            }
        }
    }

    fn show_pictures_of(&mut self, author: &Author) {
        for stem in stems_of(author) {
            *self.pictures.get_or_default(stem.into()) += 1;
        }
    }

    fn hide_pictures_of(&mut self, author: &Author) {
        for stem in stems_of(author) {
            self.hide_picture(stem);
        }
    }

    fn hide_picture(&mut self, stem: &str) {
        self.pictures.retain_if(stem, |shown| {
            *shown -= 1;
            *shown > 0
        });
    }
}

/// The stems of the names of the pictures on an author's page: their portrait and those of the biography.
fn stems_of(author: &Author) -> impl Iterator<Item = &str> {
    let portrait = author.portrait.iter().flat_map(|portrait| renditions::stems_in(&portrait.src));
    renditions::stems_in(&author.bio).into_iter().chain(portrait)
}

/// Articles with live coverage are ordered by their latest posts.
fn live_order(entry: &EditionEntry) -> (Reverse<Timestamp>, Reverse<ArticleId>) {
    (Reverse(entry.updated()), Reverse(entry.id))
}

/// Pages are ordered by headline.
fn page_order(page: &EditionEntry) -> (&str, ArticleId) {
    (page.lines.headline(), page.id)
}
