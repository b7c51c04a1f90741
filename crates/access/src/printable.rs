//! Texts from outside without the characters that no document may contain.

use std::borrow::Cow;

/// Removes the characters that XML 1.0 forbids (<https://www.w3.org/TR/xml/#charsets>): control characters except tab and
/// line ends, and noncharacters. Feeds would be invalid with them. Also removes the characters that override the direction of the
/// text after them (<https://www.unicode.org/reports/tr9/#Explicit_Directional_Overrides>): no language needs them, and a name
/// with one would reverse what stands beside it. Every text from outside goes through this before it is stored.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        Cow::Owned(text.replace(is_forbidden, ""))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{202d}' | '\u{202e}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forbidden_characters_are_removed() {
        assert_eq!(printable("a\u{1e}b\u{1f}c\0\u{b}\u{fffe}d\u{202d}\u{202e}"), "abcd");
        for kept in ["", "a\tb\r\nc", "Łódź 東京 \u{1f600}\u{fffd}\u{7f}\u{85}"] {
            assert!(matches!(printable(kept), Cow::Borrowed(same) if same == kept));
        }
    }
}
