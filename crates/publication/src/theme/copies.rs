//! Templates that were copied from the built-in theme of an earlier version, and lack what pages need since then.

/// The templates with the text of an article or page.
const WITH_TEXT: [&str; 2] = ["article.html", "page.html"];

/// Returns a warning if a template that shows a text does not set its direction. The page has the direction of the publication,
/// which is wrong for an article in a language that is written the other way.
pub(super) fn without_direction(name: &str, source: &str) -> Option<String> {
    let lacks_it = WITH_TEXT.contains(&name) && !source.contains("text_direction");
    lacks_it.then(|| {
        format!(
            "{name} does not use text_direction: articles in another language than the publication have the wrong direction. Copy \
             it from the built-in theme again, or give the text dir=\"{{{{ text_direction }}}}\"."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_without_the_direction_of_the_text_are_pointed_out() {
        let warning = without_direction("article.html", "<div>{{ body | safe }}</div>");
        assert!(warning.is_some_and(|warning| warning.ends_with("dir=\"{{ text_direction }}\".")));
        assert_eq!(without_direction("page.html", "<div dir=\"{{ text_direction }}\">"), None);
        assert_eq!(without_direction("home.html", "<div>"), None);
    }
}
