//! Passages of articles that contain the words that were searched for.

use std::ops::Range;

use tantivy::{
    schema::Field,
    snippet::{Snippet, SnippetGenerator},
    tokenizer::TextAnalyzer,
};

use crate::query::ParsedQuery;

/// The length of a passage, in characters.
const PASSAGE_CHARS: usize = 220;

/// The bytes at the beginning of a text in which a passage is looked for, about 15,000 words: the work for a hit does not grow with the
/// length of its article.
const PASSAGE_SOURCE: usize = 100_000;

/// A passage, with the matches in it as sorted byte ranges.
pub(super) struct Passage {
    pub text: String,
    pub marks: Vec<Range<usize>>,
}

/// Finds passages for one query.
pub(super) struct Passages(SnippetGenerator);

impl Passages {
    /// Every word counts alike: how rare a word is depends on the text of all articles, also of those that the reader cannot
    /// open.
    pub fn new(query: &ParsedQuery, analyzer: TextAnalyzer, field: Field) -> Self {
        let words = query.words().map(|word| (word.to_owned(), 1.0)).collect();
        Self(SnippetGenerator::new(words, analyzer, field, PASSAGE_CHARS))
    }

    /// Returns the passage near the beginning of `public` with most matches, or that of `full` if it has more.
    pub fn of<'a>(&self, public: &'a str, full: Option<&'a str>) -> Passage {
        let head = |text: &'a str| &text[..text.floor_char_boundary(PASSAGE_SOURCE)];
        let (public, full) = (head(public), full.map(head));
        let in_public = self.0.snippet(public);
        let in_full = full.map(|full| (full, self.0.snippet(full)));
        match in_full {
            Some((full, snippet))
                if snippet.highlighted().len() > in_public.highlighted().len() =>
            {
                marked(full, &snippet)
            }
            Some(_) | None => marked(public, &in_public),
        }
    }
}

fn marked(text: &str, snippet: &Snippet) -> Passage {
    let found = snippet.fragment_range();
    if found.is_empty() {
        // The matches are in other fields, so the beginning is shown.
        return Passage { text: cut(text, 0..beginning(text)).1, marks: Vec::new() };
    }
    let (before, text) = cut(text, found);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for mark in snippet.highlighted() {
        let mark = mark.start + before..mark.end + before;
        match marks.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            Some(_) | None => marks.push(mark),
        }
    }
    Passage { text, marks }
}

/// The end of a passage at the beginning of a text: that of its last whole word, if the text has spaces.
fn beginning(text: &str) -> usize {
    let Some((end, _)) = text.char_indices().nth(PASSAGE_CHARS) else { return text.len() };
    let passage = text.get(..end).unwrap_or_default();
    let is_cut = |text: &str| text.starts_with(char::is_alphanumeric);
    if text.get(end..).is_some_and(is_cut) {
        return passage.rfind(' ').unwrap_or(end);
    }
    passage.trim_end().len()
}

/// Cuts a part out of a text, with ellipses where the text continues with words. No line begins with the last one. Also returns the
/// length of the leading ellipsis.
fn cut(text: &str, mut part: Range<usize>) -> (usize, String) {
    if !text.get(part.end..).unwrap_or_default().contains(char::is_alphanumeric) {
        part.end = text.len();
    }
    let before = if part.start > 0 { "… " } else { "" };
    let after = if part.end < text.len() { "\u{a0}…" } else { "" };
    let part = text.get(part).unwrap_or_default();
    (before.len(), [before, part, after].concat())
}
