//! The biographies of authors: entered as text with a little Markdown, and stored as HTML.

use crate::manuscript;

/// The HTML of a biography as it is entered. Pictures are left out.
///
/// # Errors
///
/// Returns what is wrong with the markup.
pub fn html(text: &str) -> Result<String, String> {
    let (html, _) = manuscript::text(text.trim(), &|_| None).map_err(|error| error.reason)?;
    Ok(html.trim().to_owned())
}

/// A biography as it is entered: paragraphs, links and emphasis become Markdown; what else there is stays HTML.
pub fn text(html: &str) -> String {
    let marks = [
        ("<p>", ""),
        ("</p>", "\n\n"),
        ("<em>", "*"),
        ("</em>", "*"),
        ("<strong>", "**"),
        ("</strong>", "**"),
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", "\u{a0}"),
    ];
    let marked = marks.iter().fold(links(html), |text, (tag, mark)| text.replace(tag, mark));
    let lines: Vec<&str> = marked.lines().map(str::trim_end).collect();
    let mut text = lines.join("\n");
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text.trim().to_owned()
}

/// Writes links as Markdown has them.
fn links(html: &str) -> String {
    let mut parts = html.split("<a ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match link(part) {
            Some(written) => text.push_str(&written),
            None => text.push_str(&format!("<a {part}")),
        }
    }
    text
}

fn link(part: &str) -> Option<String> {
    let (attributes, rest) = part.split_once('>')?;
    let (words, after) = rest.split_once("</a>")?;
    let (_, href) = attributes.split_once("href=\"")?;
    let (href, _) = href.split_once('"')?;
    let is_plain = !href.contains([' ', '(', ')']) && !words.contains(['[', ']']);
    is_plain.then(|| format!("[{words}]({href}){after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_biography_reads_as_it_was_entered() {
        for entered in [
            "Writes about the harbour.",
            "Two *kinds* of **weight**.\n\nA [page](https://example.org/a?b=1&c=2) of hers.",
        ] {
            let stored = html(entered).expect("a biography");
            assert!(stored.starts_with("<p>") && stored.ends_with("</p>"), "{stored}");
            assert_eq!(text(&stored), entered);
            assert_eq!(html(&text(&stored)).expect("again"), stored);
        }
        assert_eq!(html("").expect("none"), "");
    }

    #[test]
    fn nothing_runs() {
        let entered = "<script>alert(1)</script>\n\n[a](javascript:x) <b onclick=x>b</b>";
        let stored = html(entered).expect("a biography");
        for part in ["script", "alert", "onclick"] {
            assert!(!stored.contains(part), "{stored}");
        }
        assert!(stored.contains("a</") || stored.contains("<p>a"), "the words stay: {stored}");
    }

    #[test]
    fn what_is_no_markdown_stays() {
        let stored = "<p>One</p>\n<ul>\n<li>Two &lt;3</li>\n</ul>";
        assert_eq!(html(&text(stored)).expect("again"), stored);
    }
}
