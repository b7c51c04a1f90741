//! Cleaning a draft before it is stored.

use masthead_access::printable;

use super::Draft;
use crate::{
    clean::{FindPicture, clean},
    import::Changes,
    piece::Picture,
    slug::slugify,
};

/// The maximum number of characters in a single-line field.
const MAX_LINE: usize = 1000;

/// The maximum number of authors, and of topics.
const MAX_NAMES: usize = 30;

impl Draft {
    /// Normalizes the draft for storage: single-line fields without line breaks, names without
    /// duplicates, and a sanitized body. No words are lost.
    #[must_use]
    pub fn cleaned(self, find_picture: &FindPicture<'_>) -> Self {
        let picture = self.picture.and_then(|picture| {
            let kept = find_picture(&picture.src)?;
            Some(Picture {
                src: kept.src,
                width: kept.width,
                height: kept.height,
                alt: line(&picture.alt),
                caption: line(&picture.caption),
                credit: line(&picture.credit),
                focus: picture.focus.filter(|focus| focus.across <= 100 && focus.down <= 100),
            })
        });
        Self {
            kind: line(&self.kind),
            design: line(&self.design),
            section: line(&self.section),
            kicker: line(&self.kicker),
            headline: line(&self.headline),
            deck: line(&self.deck),
            authors: names(&self.authors),
            dateline: line(&self.dateline),
            picture,
            body: clean(&self.body, find_picture, &mut Changes::default()),
            topics: names(&self.topics),
            tier: line(&self.tier),
            sponsor: line(&self.sponsor),
            disclosure: line(&self.disclosure),
            slug: line(&self.slug),
            appearance: self.appearance.cleaned(find_picture),
            canonical: self.canonical.map(|address| line(&address)),
            embargo: self.embargo,
        }
    }
}

fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" ")).chars().filter(|c| !c.is_control()).take(MAX_LINE).collect()
}

fn names(all: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in all.iter().map(|name| line(name)) {
        if !slugify(&name).is_empty() && !names.contains(&name) && names.len() < MAX_NAMES {
            names.push(name);
        }
    }
    names
}
