//! Texts without the characters that only say where a line may break, for everything but the page itself: searches, titles, feeds,
//! subjects of emails and data for other programs would show them as signs, or not find the word.

use std::borrow::Cow;

/// Returns `text` without soft hyphens, zero-width spaces, word joiners and byte order marks. Zero-width joiners and non-joiners stay:
/// they change what is seen, as in Persian words and in emoji.
pub fn unbroken(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_break) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_break, ""))
}

/// Returns `text` as it is searched, without the joiners that [`unbroken`] leaves: few people type them.
pub fn searchable(text: &str) -> Cow<'_, str> {
    let is_invisible = |character| is_break(character) || is_joiner(character);
    if text.is_ascii() || !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_invisible, ""))
}

fn is_break(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_breaks_lines_is_left_out() {
        assert_eq!(unbroken("Ha\u{ad}fen\u{ad}ge\u{ad}bühr"), "Hafengebühr");
        assert_eq!(unbroken("\u{feff}a\u{200b}b\u{2060}c"), "abc");
        let persian = "می\u{200c}خواهم";
        assert_eq!(unbroken(persian), persian);
        assert!(matches!(unbroken("Łódź"), Cow::Borrowed("Łódź")));
    }

    #[test]
    fn joiners_are_not_searched() {
        assert_eq!(searchable("می\u{200c}خواهم"), "میخواهم");
        assert_eq!(searchable("Ha\u{ad}fen"), "Hafen");
        assert!(matches!(searchable("Łódź"), Cow::Borrowed("Łódź")));
    }
}
