//! What elements of a text need on a page and not in the stored text: a frame in which a wide table scrolls, a label over
//! a link to another article, and names for those who cannot see it.

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};

/// The names that are said for elements.
pub struct ElementWords<'a> {
    /// A table that scrolls.
    pub table: &'a str,
    /// The list of footnotes.
    pub footnotes: &'a str,
    /// The link from a footnote to where it is named.
    pub back: &'a str,
    /// A link to another article.
    pub related: &'a str,
}

/// Returns `html` with its tables in frames, and with names for its footnotes and its links to other articles.
pub fn show(html: &str, words: &ElementWords<'_>) -> String {
    const NAMED: [&str; 3] = ["<table", "class=\"footnotes\"", "class=\"related\""];
    if NAMED.iter().all(|named| !html.contains(named)) {
        return html.to_owned();
    }
    let name = html_escape::encode_double_quoted_attribute(words.table);
    let related = format!("<p class=\"label\">{}</p>", html_escape::encode_text(words.related));
    // The keyboard scrolls what it can reach.
    let open = format!("<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{name}\">");
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("table", |table| {
            table.before(&open, ContentType::Html);
            table.after("</div>", ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("aside.related", |link| {
            link.prepend(&related, ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("ol.footnotes", |list| {
            list.set_attribute("aria-label", words.footnotes).map_err(Into::into)
        }))
        .append_element_content_handler(element!("ol.footnotes a[href^='#fnref-']", |link| {
            link.set_attribute("aria-label", words.back).map_err(Into::into)
        }));
    // Clean HTML can be rewritten; what cannot is shown as it is.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: ElementWords<'_> = ElementWords {
        table: "Table",
        footnotes: "Notes",
        back: "Back \"up\"",
        related: "Read & more",
    };

    #[test]
    fn tables_get_a_frame_and_footnotes_their_names() {
        assert_eq!(
            show("<table><tbody></tbody></table>", &WORDS),
            "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"Table\"><table><tbody></tbody></table></div>"
        );
        let notes = "<ol class=\"footnotes\"><li><a href=\"#fnref-1\">↩</a></li></ol>";
        assert_eq!(
            show(notes, &WORDS),
            "<ol class=\"footnotes\" aria-label=\"Notes\"><li><a href=\"#fnref-1\" aria-label=\"Back &quot;up&quot;\">↩</a></li></ol>"
        );
        assert_eq!(
            show("<aside class=\"related\" role=\"note\"><p>A</p></aside>", &WORDS),
            "<aside class=\"related\" role=\"note\"><p class=\"label\">Read &amp; more</p><p>A</p></aside>"
        );
        assert_eq!(show("<p>Plain</p>", &WORDS), "<p>Plain</p>");
    }
}
