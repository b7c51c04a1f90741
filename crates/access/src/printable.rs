//! The one place where texts from outside are made fit to be stored: manuscripts, archives, forms, the API and the configuration.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns `text` without characters that XML 1.0 (section 2.2) forbids and in Normalization Form C (Unicode Standard Annex 15), in which
/// a letter and its accent are one character.
///
/// The forbidden characters are in no feed, because one of them makes a feed unreadable, and in no page, because the assembler of pages
/// uses some of them as markers. A space takes their place, so that the words beside them stay apart. The same happens to the characters
/// that override the direction of what follows (Unicode Standard Annex 9, section 2.2): no language needs them, and a name with one would
/// reverse the text beside it.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !has_unprintable(text) {
        return Cow::Borrowed(text);
    }
    let is_composed = is_nfc(text);
    match (has_unprintable(text), is_composed) {
        (false, true) => Cow::Borrowed(text),
        (true, true) => Cow::Owned(without_forbidden(text)),
        (true, false) => Cow::Owned(composed(&without_forbidden(text))),
        (false, false) => Cow::Owned(composed(text)),
    }
}

/// Whether `text` has characters that [`printable`] replaces. How its letters and accents are composed does not matter.
pub fn has_unprintable(text: &str) -> bool {
    text.contains(is_forbidden)
}

fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{202d}' | '\u{202e}' | '\u{fffe}' | '\u{ffff}')
}

fn without_forbidden(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for part in text.split(is_forbidden).filter(|part| !part.is_empty()) {
        let joins = kept.ends_with(|c: char| !c.is_whitespace())
            && part.starts_with(|c: char| !c.is_whitespace());
        if joins {
            kept.push(' ');
        }
        kept.push_str(part);
    }
    kept
}

/// Composes letters and their accents. Signs of HTML are never composed with what follows them: `>` and U+0338 would become `≯`.
fn composed(text: &str) -> String {
    text.split_inclusive(['<', '=', '>']).flat_map(UnicodeNormalization::nfc).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_become_a_space() {
        assert_eq!(printable("a\u{1e}b\u{1f}c\0\u{b}\u{fffe}d\u{202d}\u{202e}"), "a b c d");
        assert_eq!(
            printable("\u{1}Harbour\u{b} fees\u{2}\n\u{3}rise\u{ffff}"),
            "Harbour fees\nrise"
        );
        assert_eq!(printable("\u{1e}\u{1f}"), "");
        for kept in ["", "a\tb\r\nc", "Łódź 東京 \u{1f600}\u{fffd}\u{7f}\u{85}", "a\u{ad}b\u{200b}"]
        {
            assert!(matches!(printable(kept), Cow::Borrowed(same) if same == kept));
        }
    }

    #[test]
    fn letters_and_their_accents_are_one_character() {
        assert_eq!(printable("Bu\u{308}rgermeister Žižek"), "Bürgermeister Žižek");
        assert_eq!(printable("か\u{3099}\u{1}u\u{308}"), "が ü");
        assert_eq!(printable("<p>\u{338}a\u{301}</p>"), "<p>\u{338}á</p>");
    }
}
