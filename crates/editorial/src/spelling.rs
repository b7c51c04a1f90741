//! What somebody may have meant who wrote a word that nobody knows.

/// The name most like `word`, if any is alike.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_is_offered_and_nothing_else() {
        let names = ["headline", "section", "picture"];
        assert_eq!(nearest("headlin", names.into_iter()), Some("headline"));
        assert_eq!(nearest("setcion", names.into_iter()), Some("section"));
        assert_eq!(nearest("zebra", names.into_iter()), None);
    }
}
