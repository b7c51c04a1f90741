//! Suggestions for misspelt names.

/// Returns the most similar of `names`, or `None` if none is similar to `word`.
pub fn suggest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
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
    fn only_similar_names_are_suggested() {
        let names = ["headline", "section", "picture"];
        assert_eq!(suggest("headlin", names.into_iter()), Some("headline"));
        assert_eq!(suggest("setcion", names.into_iter()), Some("section"));
        assert_eq!(suggest("zebra", names.into_iter()), None);
    }
}
