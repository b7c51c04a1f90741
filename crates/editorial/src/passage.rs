//! Passages of a text that comments are about. A passage is known by its words and those around it, so that it is found again
//! after the text was changed elsewhere.

use crate::text::collapse_whitespace;

/// The maximum length of the words of a passage in characters.
pub const MAX_QUOTE: usize = 500;
/// The maximum length of the words around a passage, on each side, in characters.
pub const MAX_CONTEXT: usize = 40;

/// The maximum number of places that are compared: more are only in texts that consist of one word.
const MAX_PLACES: usize = 20_000;

/// A text in which passages are looked for.
#[derive(Clone, Debug)]
pub struct PassageText(String);

impl PassageText {
    /// Prepares a plain text, so that looking for many passages reads it once for each.
    pub fn new(plain: &str) -> Self {
        Self(collapse_whitespace(plain))
    }
}

/// A passage of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// Its words. Empty if a comment is about all of the text.
    pub quote: String,
    /// The words before it.
    pub prefix: String,
    /// The words after it.
    pub suffix: String,
}

impl Passage {
    /// The passage with these words and those around it, without what is longer than is kept.
    pub fn new(quote: &str, prefix: &str, suffix: &str) -> Self {
        let prefix = collapse_whitespace(prefix);
        let skipped = prefix.chars().count().saturating_sub(MAX_CONTEXT);
        Self {
            quote: first(&collapse_whitespace(quote), MAX_QUOTE),
            prefix: prefix.chars().skip(skipped).collect::<String>().trim().to_owned(),
            suffix: first(&collapse_whitespace(suffix), MAX_CONTEXT),
        }
    }

    /// Whether it is about all of the text.
    pub fn is_whole(&self) -> bool {
        self.quote.is_empty()
    }

    /// Where the passage begins in a text, in bytes after whitespace was collapsed. If its words occur several times,
    /// those around them decide. Returns `None` if its words were changed.
    pub fn find(&self, PassageText(text): &PassageText) -> Option<usize> {
        if self.is_whole() {
            return None;
        }
        let score = |at: usize| {
            let (before, after) = (text.get(..at), text.get(at + self.quote.len()..));
            let before = common(
                before.unwrap_or_default().trim_end().chars().rev(),
                self.prefix.chars().rev(),
            );
            before + common(after.unwrap_or_default().trim_start().chars(), self.suffix.chars())
        };
        let all = self.prefix.chars().count() + self.suffix.chars().count();
        let mut best: Option<(usize, usize)> = None;
        for (at, _) in text.match_indices(&self.quote).take(MAX_PLACES) {
            let found = score(at);
            // Of equally good places the first.
            if best.is_none_or(|(known, _)| found > known) {
                best = Some((found, at));
            }
            if found == all {
                break;
            }
        }
        best.map(|(_, at)| at)
    }
}

fn first(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim().to_owned()
}

/// The number of characters that both begin with.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_found_after_changes_elsewhere() {
        let passage = Passage::new("the old ferry", "In spring ", " left at dawn.");
        let find = |text: &str| passage.find(&PassageText::new(text));
        assert_eq!(find("In spring the old ferry left at dawn."), Some(10));
        assert_eq!(find("New beginning.\nIn spring the  old\nferry left late."), Some(25));
        assert_eq!(find("In spring the new ferry left at dawn."), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn the_words_around_a_passage_tell_it_from_others() {
        let text = PassageText::new("The ferry left. Then the ferry came back. The ferry sank.");
        let of = |prefix: &str, suffix: &str| Passage::new("ferry", prefix, suffix).find(&text);
        assert_eq!(of("The ", " left."), Some(4));
        assert_eq!(of("Then the ", " came back"), Some(25));
        assert_eq!(of("back. The ", " sank."), Some(46));
        assert_eq!(of("", ""), Some(4));
        let text = PassageText::new(&"the a the b ".repeat(300).replacen("the b", "the c", 1));
        assert_eq!(Passage::new("the", "a ", " c").find(&text), Some(6));
        let late = PassageText::new(&format!("{}the end", "the a ".repeat(900)));
        assert_eq!(Passage::new("the", "the a ", " end").find(&late), Some(5400));
    }

    #[test]
    fn long_passages_are_cut_between_characters() {
        let long = "é".repeat(700);
        let passage = Passage::new(&long, &long, &long);
        assert_eq!(passage.quote.chars().count(), MAX_QUOTE);
        assert_eq!(passage.prefix.chars().count(), MAX_CONTEXT);
        assert_eq!(passage.suffix.chars().count(), MAX_CONTEXT);
        assert!(passage.find(&PassageText::new(&long)).is_some());
        assert!(Passage::default().is_whole());
        assert_eq!(Passage::default().find(&PassageText::new("Text")), None);
    }
}
