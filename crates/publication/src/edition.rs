//! Everything published, in memory: its order, and what is at which address.
//!
//! It holds what the decision, the lists and the navigation need, in under a kilobyte for an article;
//! the rest of a piece is read from the database when its page is made. An edition never changes: the
//! next one is a [`draft`](Edition::draft) of it, to which changes are [added](Edition::add) before it
//! is [laid out](Edition::lay_out). The two share everything that does not differ, so the work is in proportion to the
//! change, however many articles there are.
//!
//! | module | content |
//! | --- | --- |
//! | `entry` | a published article or page |
//! | `draft` | how the next edition is made |
//! | `listing` | what is listed where, and taken off again |
//! | `entry_list` | entries in the order of their publication |
//! | `pending_names` | names of sections and topics in pieces that are scheduled |
//! | `retired_names` | names that others have taken the place of |
//! | `shared_map` | a map that shares what it has in common with its copies |

mod draft;
mod entry;
mod entry_list;
mod listing;
mod pending_names;
mod retired_names;
mod shared_map;
#[cfg(test)]
pub(crate) mod tests;

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{
    Author, Redirect, Section, Topic, crops::CropPlace, paths, renditions,
    replaced_pictures::ReplacedPictures,
};
use masthead_store::RetiredNames;
use percent_encoding::percent_decode_str;

pub use self::{
    entry::{EditionEntry, Lines},
    entry_list::EntryList,
};
use self::{pending_names::PendingNames, shared_map::SharedMap};

/// What an address leads to.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// An article or page.
    Piece(&'a Arc<EditionEntry>),
    /// The front of a section.
    Section(&'a Arc<Section>),
    /// Everything on a topic.
    Topic(&'a Arc<Topic>),
    /// Everything by an author.
    Author(&'a Arc<Author>),
    /// A former address of this piece.
    Moved(&'a Arc<EditionEntry>),
}

/// A list for what has no articles.
static NO_ARTICLES: EntryList = EntryList::EMPTY;

/// Everything published at one moment.
#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// The revision of the latest write that it includes, and the last piece of that write.
    known: (i64, Option<ArticleId>),
    /// When it was laid out.
    laid_out: Timestamp,
    /// Everything published or scheduled.
    pieces: SharedMap<ArticleId, Arc<EditionEntry>>,
    /// The pieces of a draft that are not in its lists yet.
    unlisted: Vec<ArticleId>,
    /// The pieces that are not due yet.
    scheduled: BTreeSet<(Timestamp, ArticleId)>,
    authors: SharedMap<Arc<str>, Arc<Author>>,
    topics: SharedMap<Arc<str>, Arc<Topic>>,
    /// What the newsroom says about topics.
    topic_descriptions: SharedMap<Arc<str>, Arc<str>>,
    sections: HashMap<String, Arc<Section>>,
    /// Authors and topics that others have taken the place of.
    retired: Arc<RetiredNames>,
    pending_topics: PendingNames<Topic>,
    pending_sections: PendingNames<Section>,
    /// Published articles.
    articles: EntryList,
    /// Those of them whose live coverage is running, the one with the latest post first.
    live: Vec<Arc<EditionEntry>>,
    /// The publication's own published pages, by headline.
    pages: Vec<Arc<EditionEntry>>,
    /// None of these lists is empty.
    by_section: HashMap<String, EntryList>,
    by_topic: SharedMap<Arc<str>, EntryList>,
    by_author: SharedMap<Arc<str>, EntryList>,
    /// The published pieces by their addresses.
    addresses: SharedMap<Arc<str>, Arc<EditionEntry>>,
    /// The published pieces that have left an address. There are several if it was used again.
    former_addresses: SharedMap<Arc<str>, Vec<Arc<EditionEntry>>>,
    /// Where addresses lead that have no page.
    redirects: SharedMap<Arc<str>, Arc<Redirect>>,
    /// The stems of the names of all pictures that readers see, with how many articles, pages and authors show them.
    pictures: SharedMap<Arc<str>, u32>,
    /// Pictures that are shown with another file than the one under whose name texts have them.
    replaced: Arc<ReplacedPictures>,
}

impl Edition {
    /// Returns the latest write that it includes. The store is asked for the writes after it.
    pub fn known(&self) -> (i64, Option<ArticleId>) {
        self.known
    }

    /// Returns when the next scheduled piece is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.scheduled.first().map(|(due, _)| *due)
    }

    /// Returns what is at an address that may be spelled in another way, as people enter it.
    pub fn find_spelled(&self, address: &str) -> Option<Target<'_>> {
        let found = self.find(address).or_else(|| self.find(&paths::one_spelling(address)));
        // Former addresses of other systems are decoded.
        found.or_else(|| self.find(&percent_decode_str(address).decode_utf8().ok()?))
    }

    /// Returns what is at an address. A current address is found before a former one.
    pub fn find(&self, address: &str) -> Option<Target<'_>> {
        let piece = self.addresses.get(address).map(Target::Piece);
        piece.or_else(|| self.list_at(address)).or_else(|| {
            let pieces = self.former_addresses.get(address)?;
            // Of several pieces, the one that has had the address first.
            pieces.iter().min_by_key(|entry| (entry.published, entry.id)).map(Target::Moved)
        })
    }

    fn list_at(&self, address: &str) -> Option<Target<'_>> {
        let path = address.strip_prefix('/')?;
        if let Some(slug) = path.strip_prefix("author/") {
            let slug = &*paths::decoded(slug)?;
            return self.by_author.get(slug).and(self.authors.get(slug)).map(Target::Author);
        }
        if let Some(slug) = path.strip_prefix("topic/") {
            let slug = &*paths::decoded(slug)?;
            return self.by_topic.get(slug).and(self.topics.get(slug)).map(Target::Topic);
        }
        let path = &*paths::decoded(path)?;
        self.by_section.get(path).and(self.sections.get(path)).map(Target::Section)
    }

    /// Returns the redirect from an address that has no page.
    pub fn redirect(&self, address: &str) -> Option<&Redirect> {
        self.redirects.get(address).map(AsRef::as_ref)
    }

    /// Returns every address.
    pub fn addresses(&self) -> impl Iterator<Item = String> {
        let current = self.addresses.iter().map(|(address, _)| address.to_string());
        let former = self.former_addresses.iter().map(|(address, _)| address.to_string());
        let sections = self.by_section.keys().map(|slug| paths::section(slug));
        let topics = self.by_topic.iter().map(|(slug, _)| paths::topic(slug));
        let authors = self.by_author.iter().map(|(slug, _)| paths::author(slug));
        current.chain(former).chain(sections).chain(topics).chain(authors)
    }

    /// Returns an article or page that readers have.
    pub fn public_piece(&self, id: ArticleId) -> Option<&Arc<EditionEntry>> {
        let entry = self.pieces.get(&id)?;
        self.addresses.get(&entry.address).filter(|found| found.id == id)
    }

    /// Returns `true` if what readers see names the picture with this file name, or a rendition of it.
    pub fn shows_picture(&self, name: &str) -> bool {
        self.pictures.get(renditions::stem(name)).is_some()
    }

    /// Returns `true` if readers get the file with this name: that of a picture that they see, or one that they have had in its place,
    /// unless it is withheld and no page shows it.
    pub fn serves_picture(&self, name: &str) -> bool {
        let stem = renditions::stem(name);
        self.replaced.serves(stem, |stem| self.pictures.get(stem).is_some())
    }

    /// Returns the address of what readers get in place of a withheld file of a picture that they see.
    pub fn in_place_of_withheld(&self, name: &str) -> Option<&str> {
        let is_public =
            |src: &&str| src.strip_prefix("/media/").is_some_and(|now| self.serves_picture(now));
        let files = self.replaced.in_place_of_withheld(renditions::stem(name));
        files.map(|file| file.src.as_str()).find(is_public)
    }

    /// Returns the pictures that are shown with another file than the one under whose name texts have them.
    pub fn replaced_pictures(&self) -> &ReplacedPictures {
        &self.replaced
    }

    /// Returns the files that are shown in place of pictures of an article or page, and their parts where its link is shared.
    pub fn replaced_in<'a>(&'a self, entry: &'a EditionEntry) -> impl Iterator<Item = &'a str> {
        let shown = |stem: &'a Arc<str>| {
            let part = self.replaced.crop_of(stem, CropPlace::Share);
            self.replaced.file_of(stem).into_iter().chain(part)
        };
        entry.pictures.iter().flat_map(shown).map(|file| file.src.as_str())
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
        self.pieces.iter().map(|(_, entry)| entry).filter(is_theirs)
    }

    /// Published articles, the latest first.
    pub fn articles(&self) -> &EntryList {
        &self.articles
    }

    /// Published articles whose live coverage is running, the one with the latest post first.
    pub fn live(&self) -> &[Arc<EditionEntry>] {
        &self.live
    }

    /// The publication's own published pages, by headline.
    pub fn pages(&self) -> &[Arc<EditionEntry>] {
        &self.pages
    }

    /// Returns the articles of a section, the latest first.
    pub fn in_section(&self, slug: &str) -> &EntryList {
        self.by_section.get(slug).unwrap_or(&NO_ARTICLES)
    }

    /// Returns the articles on a topic, the latest first.
    pub fn on_topic(&self, slug: &str) -> &EntryList {
        self.by_topic.get(slug).unwrap_or(&NO_ARTICLES)
    }

    /// Returns the articles by an author, the latest first.
    pub fn by_author(&self, slug: &str) -> &EntryList {
        self.by_author.get(slug).unwrap_or(&NO_ARTICLES)
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

    /// Returns the slugs of the authors of articles who have this name, or this slug, in lower or upper case.
    pub fn authors_called(&self, name: &str) -> Vec<String> {
        let name = name.to_lowercase();
        let is_called = |slug: &&Arc<str>| {
            let author = self.authors.get(*slug);
            ***slug == *name || author.is_some_and(|author| author.name.to_lowercase() == name)
        };
        self.by_author
            .iter()
            .map(|(slug, _)| slug)
            .filter(is_called)
            .map(ToString::to_string)
            .collect()
    }

    /// Returns topics, those with the most articles first.
    pub fn topics(&self, most: usize) -> Vec<Topic> {
        let topic = |slug: &Arc<str>| self.topics.get(slug).map(|topic| Topic::clone(topic));
        most_used(&self.by_topic, most).filter_map(topic).collect()
    }

    /// Returns what the newsroom says about a topic. `None` if it has said nothing, also not that there is no description.
    pub fn topic_description(&self, slug: &str) -> Option<&str> {
        self.topic_descriptions.get(slug).map(AsRef::as_ref)
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

fn most_used(
    lists: &SharedMap<Arc<str>, EntryList>,
    most: usize,
) -> impl Iterator<Item = &Arc<str>> {
    let mut all: Vec<_> = lists.iter().collect();
    all.sort_by_key(|(slug, list)| (Reverse(list.len()), Arc::clone(slug)));
    all.into_iter().take(most).map(|(slug, _)| slug)
}
