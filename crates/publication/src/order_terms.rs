//! What a reader agrees to when ordering: the publication's own pages about it.
//!
//! A page is linked if it is published under its slug. To add one: add it to [`PAGES`], with a word that has the gap
//! `{link}`.

use crate::{
    contexts::{Link, LinkedSentence},
    edition::Target,
    snapshot::SiteSnapshot,
};

/// The address of each page, and the word that introduces it.
const PAGES: [(&str, &str); 3] = [
    ("/terms", "checkout_agree"),
    ("/privacy", "checkout_privacy"),
    ("/withdrawal", "checkout_withdrawal"),
];

impl SiteSnapshot {
    /// Returns a sentence for each page about orders that the publication has.
    pub fn order_terms(&self) -> Vec<LinkedSentence> {
        let pages = PAGES.into_iter().filter_map(|(address, word)| {
            let Some(Target::Piece(page)) = self.edition.find(address) else { return None };
            page.is_page().then(|| sentence(self.theme.word(word), address, page.lines.headline()))
        });
        pages.collect()
    }
}

fn sentence(word: &str, href: &str, name: &str) -> LinkedSentence {
    let (before, after) = word.split_once("{link}").unwrap_or((word, ""));
    LinkedSentence {
        before: before.to_owned(),
        link: Link::to(href, name),
        after: after.to_owned(),
    }
}
