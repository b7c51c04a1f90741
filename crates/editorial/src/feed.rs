//! Feeds of articles (RFC 4287): headlines, decks and addresses, and no text.

use std::borrow::Cow;

use atom_syndication as atom;
use jiff::Timestamp;
use masthead_access::{printable, unbroken};

/// A feed of the articles on a page.
#[derive(Clone, Debug)]
pub struct Feed<'a> {
    /// The title.
    pub title: &'a str,
    /// The subtitle; may be empty.
    pub subtitle: &'a str,
    /// The address of the page, without a slash at the end. That of the feed is `/feed.xml` below it.
    pub address: &'a str,
    /// The name of the publication, which is the author of articles without a byline.
    pub publication: &'a str,
    /// The language tag (BCP 47).
    pub language: &'a str,
    /// The articles, the latest first.
    pub entries: Vec<FeedEntry<'a>>,
}

/// An article in a feed.
#[derive(Clone, Debug)]
pub struct FeedEntry<'a> {
    /// The headline, marked if somebody paid for the article.
    pub title: Cow<'a, str>,
    /// The deck; may be empty.
    pub summary: &'a str,
    /// What identifies it (RFC 4151), wherever it is moved.
    pub id: String,
    /// The address.
    pub address: String,
    /// When it was published.
    pub published: Timestamp,
    /// When it last changed: readers show an entry again that is newer than what they have.
    pub updated: Timestamp,
    /// The names of its authors.
    pub authors: Vec<&'a str>,
    /// Its section, and what else it is marked as.
    pub categories: Vec<&'a str>,
}

impl Feed<'_> {
    /// Writes the feed as XML.
    pub fn to_xml(&self) -> String {
        let Self { title, subtitle, address, publication, language, entries } = self;
        let updated = entries.iter().map(|entry| entry.updated).max();
        let updated = updated.unwrap_or(Timestamp::UNIX_EPOCH);
        let feed = atom::Feed {
            title: (*title).into(),
            subtitle: (!subtitle.is_empty()).then(|| (*subtitle).into()),
            id: format!("{address}/"),
            updated: instant(updated),
            // Required if an entry has none (RFC 4287, section 4.1.1).
            authors: vec![person(publication)],
            links: vec![
                link("alternate", format!("{address}/")),
                link("self", format!("{address}/feed.xml")),
            ],
            lang: Some((*language).to_owned()),
            entries: entries.iter().map(entry).collect(),
            ..atom::Feed::default()
        };
        // What was stored by earlier versions may have characters that XML does not allow.
        unbroken(&printable(&feed.to_string())).into_owned()
    }
}

fn entry(entry: &FeedEntry<'_>) -> atom::Entry {
    let category =
        |term: &&str| atom::Category { term: (*term).to_owned(), ..atom::Category::default() };
    atom::Entry {
        title: entry.title.as_ref().into(),
        id: entry.id.clone(),
        updated: instant(entry.updated),
        published: Some(instant(entry.published)),
        authors: entry.authors.iter().map(|name| person(name)).collect(),
        categories: entry.categories.iter().map(category).collect(),
        links: vec![link("alternate", entry.address.clone())],
        summary: (!entry.summary.is_empty()).then(|| entry.summary.into()),
        ..atom::Entry::default()
    }
}

fn person(name: &str) -> atom::Person {
    atom::Person { name: name.to_owned(), ..atom::Person::default() }
}

fn link(rel: &str, href: String) -> atom::Link {
    atom::Link { href, rel: rel.to_owned(), ..atom::Link::default() }
}

fn instant(at: Timestamp) -> atom::FixedDateTime {
    // Both are RFC 3339.
    at.to_string().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was_written(title in any::<String>(), deck in "\\PC+", name in any::<String>()) {
            let entry = FeedEntry {
                title: title.as_str().into(),
                summary: &deck,
                id: "tag:paper.example,2026:article/1".to_owned(),
                address: "https://paper.example/a".to_owned(),
                published: Timestamp::UNIX_EPOCH,
                updated: Timestamp::UNIX_EPOCH,
                authors: vec![&name],
                categories: vec![&name],
            };
            let feed = Feed {
                title: &title,
                subtitle: &deck,
                address: "https://paper.example",
                publication: &name,
                language: "en",
                entries: vec![entry],
            };
            let read: atom::Feed = feed.to_xml().parse().expect("a feed");
            let entry = &read.entries()[0];
            let (title, name) = (printable(&title), printable(&name));
            let (title, name) = (unbroken(&title), unbroken(&name));
            prop_assert_eq!(entry.title().as_str().trim(), title.trim());
            prop_assert_eq!(entry.categories()[0].term(), &*name);
        }
    }
}
