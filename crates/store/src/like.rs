//! Patterns of `LIKE`.

use sea_orm::sea_query::LikeExpr;

/// The maximum length of a text that is searched for, in characters. No headline, name or address is as long. SQLite refuses
/// patterns of more than 50,000 bytes (<https://www.sqlite.org/limits.html>, section 9), and an escaped character has up to eight.
const MAX_CHARACTERS: usize = 1_000;

/// The pattern of texts that contain this one: `%`, `_` and the escape character itself are matched literally. Of a text with more
/// than [`MAX_CHARACTERS`], the rest is not compared.
pub(crate) fn containing(text: &str) -> LikeExpr {
    let text: String = text.chars().take(MAX_CHARACTERS).collect();
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

/// The most words of one search: each is a scan of its own.
const MAX_WORDS: usize = 12;

/// The words of a search, in lower case. Those after the first twelve are left out.
pub(crate) fn search_words(text: &str) -> Vec<String> {
    text.split_whitespace().take(MAX_WORDS).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_a_limited_number_of_words() {
        assert_eq!(search_words(" Ärne  B"), ["ärne", "b"]);
        assert_eq!(search_words(&"a ".repeat(5000)).len(), MAX_WORDS);
    }
}
