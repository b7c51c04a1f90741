//! A feed of any articles is well-formed XML, and a program that reads it finds what was written.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use masthead_access::printable;
use masthead_editorial::feed::{Feed, FeedEntry};
use quick_xml::{Reader, events::Event};

/// The lines of an article: headline, deck, the end of its address, author and section.
const LINES: usize = 5;

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.lines().collect();
    let articles: Vec<&[&str]> = lines.chunks_exact(LINES).collect();
    let entries = articles.iter().map(|article| FeedEntry {
        title: article[0],
        summary: article[1],
        address: format!("https://paper.example/{}", article[2]),
        published: Timestamp::UNIX_EPOCH,
        authors: vec![article[3]],
        categories: vec![article[4]],
    });
    let feed = Feed {
        title: lines.first().copied().unwrap_or("Paper"),
        subtitle: lines.last().copied().unwrap_or_default(),
        address: "https://paper.example",
        language: "en",
        entries: entries.collect(),
    };
    let xml = feed.to_xml();
    assert!(xml.chars().all(is_allowed), "{xml:?}");
    assert_nested(&xml);
    let read: atom_syndication::Feed = xml.parse().expect("a feed");
    assert_eq!(read.entries().len(), articles.len(), "{xml}");
    for (entry, article) in read.entries().iter().zip(&articles) {
        assert_eq!(entry.title().as_str().trim(), printable(article[0]).trim(), "{xml}");
        assert_eq!(entry.categories()[0].term(), printable(article[4]), "{xml}");
    }
});

/// XML 1.0, production 2.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Reads to the end, which fails if a tag is not closed or an entity is none.
fn assert_nested(xml: &str) {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{xml}");
}
