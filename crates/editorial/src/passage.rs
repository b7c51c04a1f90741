//! Passages of a text that comments are about. A passage is known by its words and those around it, so that it is found again
//! after the text was changed elsewhere.

use crate::text::collapse_whitespace;

/// The maximum length of the words of a passage in characters.
pub const MAX_QUOTE: usize = 500;
/// The maximum length of the words around a passage, on each side, in characters.
pub const MAX_CONTEXT: usize = 40;

/// The maximum number of characters that are compared for all passages of a text. Only texts that repeat the same words over and
/// over need more; in those, passages that are looked for later are found at the first place with their words.
const MAX_COMPARED: usize = 2_000_000;

/// A text in which passages are looked for.
#[derive(Clone, Debug)]
pub struct PassageText {
    /// The text, with each run of whitespace as one space.
    text: String,
    /// The number of characters that may still be compared.
    left: usize,
}

impl PassageText {
    /// Prepares a plain text.
    pub fn new(plain: &str) -> Self {
        Self { text: collapse_whitespace(plain), left: MAX_COMPARED }
    }

    /// Where a passage begins, in bytes after whitespace was collapsed. If its words occur several times, those around them
    /// decide. Returns `None` if its words were changed.
    pub fn find(&mut self, passage: &Passage) -> Option<usize> {
        let Passage { quote, prefix, suffix } = passage;
        if passage.is_whole() {
            return None;
        }
        let text = self.text.as_str();
        let all = prefix.chars().count() + suffix.chars().count();
        let mut best: Option<(usize, usize)> = None;
        for (at, _) in text.match_indices(quote) {
            let before = text.get(..at).unwrap_or_default().trim_end().chars().rev();
            let after = text.get(at + quote.len()..).unwrap_or_default().trim_start().chars();
            let found = common(before, prefix.chars().rev()) + common(after, suffix.chars());
            // Of equally good places the first.
            if best.is_none_or(|(known, _)| found > known) {
                best = Some((found, at));
            }
            self.left = self.left.saturating_sub(found + 1);
            if found == all || self.left == 0 {
                break;
            }
        }
        best.map(|(_, at)| at)
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
        let find = |text: &str| PassageText::new(text).find(&passage);
        assert_eq!(find("In spring the old ferry left at dawn."), Some(10));
        assert_eq!(find("New beginning.\nIn spring the  old\nferry left late."), Some(25));
        assert_eq!(find("In spring the new ferry left at dawn."), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn the_words_around_a_passage_tell_it_from_others() {
        let mut text =
            PassageText::new("The ferry left. Then the ferry came back. The ferry sank.");
        let mut of = |prefix: &str, suffix: &str| text.find(&Passage::new("ferry", prefix, suffix));
        assert_eq!(of("The ", " left."), Some(4));
        assert_eq!(of("Then the ", " came back"), Some(25));
        assert_eq!(of("back. The ", " sank."), Some(46));
        assert_eq!(of("", ""), Some(4));
        let mut text = PassageText::new(&"the a the b ".repeat(300).replacen("the b", "the c", 1));
        assert_eq!(text.find(&Passage::new("the", "a ", " c")), Some(6));
        let mut late = PassageText::new(&format!("{}the end", "the a ".repeat(900)));
        assert_eq!(late.find(&Passage::new("the", "the a ", " end")), Some(5400));
    }

    #[test]
    fn long_passages_are_cut_between_characters() {
        let long = "é".repeat(700);
        let passage = Passage::new(&long, &long, &long);
        assert_eq!(passage.quote.chars().count(), MAX_QUOTE);
        assert_eq!(passage.prefix.chars().count(), MAX_CONTEXT);
        assert_eq!(passage.suffix.chars().count(), MAX_CONTEXT);
        assert!(PassageText::new(&long).find(&passage).is_some());
        assert!(Passage::default().is_whole());
        assert_eq!(PassageText::new("Text").find(&Passage::default()), None);
    }

    #[test]
    fn many_passages_of_a_repetitive_text_share_one_limit() {
        let mut text = PassageText::new(&"a ".repeat(30_000));
        // The words around it are nowhere, so that every place is compared.
        let (prefix, suffix) = (format!("b{}", " a".repeat(19)), format!("{}b", "a ".repeat(19)));
        let passage = Passage::new("a", &prefix, &suffix);
        assert_eq!(text.find(&passage), Some(40));
        assert_eq!(text.left, 0, "the first has used what there was");
        for _ in 0..500 {
            assert_eq!(text.find(&passage), Some(0));
        }
        assert_eq!(text.find(&Passage::new("b", "", "")), None);
    }
}
