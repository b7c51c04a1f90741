//! What a transaction has found in the tables of names, so that an import asks for each author, topic and section once and not for each
//! article. It holds only what nothing in the same transaction changes: rows that are there.

use std::collections::HashSet;

use masthead_editorial::{Author, Topic};

/// Names that are stored as they are in articles.
#[derive(Default)]
pub(crate) struct KnownNames {
    authors: HashSet<(String, String)>,
    topics: HashSet<(String, String)>,
    sections: HashSet<String>,
}

impl KnownNames {
    /// Whether this author is stored with this name.
    pub(crate) fn has_author(&self, author: &Author) -> bool {
        !self.authors.is_empty()
            && self.authors.contains(&(author.slug.clone(), author.name.clone()))
    }

    /// Notes that an author is stored with this name.
    pub(crate) fn add_author(&mut self, author: &Author) {
        self.authors.insert((author.slug.clone(), author.name.clone()));
    }

    /// Whether this topic has its slug and its name already.
    pub(crate) fn has_topic(&self, topic: &Topic) -> bool {
        self.topics.contains(&(topic.slug.clone(), topic.name.clone()))
    }

    /// Notes that a topic has its slug and its name.
    pub(crate) fn add_topic(&mut self, topic: &Topic) {
        self.topics.insert((topic.slug.clone(), topic.name.clone()));
    }

    /// Notes a section. Returns whether it is new here.
    pub(crate) fn add_section(&mut self, slug: &str) -> bool {
        self.sections.insert(slug.to_owned())
    }
}
