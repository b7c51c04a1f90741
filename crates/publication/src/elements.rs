//! What elements of a text need on a page and not in the stored text: a frame in which a wide table scrolls, a label over
//! a link to another article, names for those who cannot see it, and a mark on what hangs in the margin.

use std::cell::Cell;

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str, text};

/// Opening quotation marks, in the languages that have them beside letters. Those of Chinese and Japanese have their own space.
const OPENING: [char; 9] = ['“', '„', '‘', '‚', '«', '»', '‹', '›', '"'];

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

/// Returns `html` with its tables in frames, with names for its footnotes and its links to other articles, and with a mark on the
/// quotation mark that a pull quote begins with.
pub fn show(html: &str, words: &ElementWords<'_>) -> String {
    const NAMED: [&str; 4] =
        ["<table", "class=\"footnotes\"", "class=\"related\"", "class=\"pullquote\""];
    if NAMED.iter().all(|named| !html.contains(named)) {
        return html.to_owned();
    }
    let name = html_escape::encode_double_quoted_attribute(words.table);
    let related = format!("<p class=\"label\">{}</p>", html_escape::encode_text(words.related));
    // The keyboard scrolls what it can reach.
    let open = format!("<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{name}\">");
    let begins = Cell::new(false);
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("blockquote.pullquote", |_| {
            begins.set(true);
            Ok(())
        }))
        .append_element_content_handler(text!("blockquote.pullquote", |text| {
            let words = text.as_str().trim_start();
            if begins.get() && !words.is_empty() {
                begins.set(false);
                if let Some(mark) = words.chars().next().filter(|mark| OPENING.contains(mark)) {
                    let rest = &words[mark.len_utf8()..];
                    let marked = format!("<span class=\"opening\">{mark}</span>{rest}");
                    text.replace(&marked, ContentType::Html);
                }
            }
            Ok(())
        }))
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
    fn the_quotation_mark_of_a_pull_quote_hangs() {
        assert_eq!(
            show(
                "<blockquote class=\"pullquote\"><p>“A “b” &amp; c”</p><p>“D”</p></blockquote>",
                &WORDS
            ),
            "<blockquote class=\"pullquote\"><p><span class=\"opening\">“</span>A “b” &amp; c”</p><p>“D”</p></blockquote>"
        );
        for same in [
            "<blockquote class=\"pullquote\"><p>A “b”</p></blockquote>",
            "<blockquote><p>“A”</p></blockquote>",
        ] {
            assert_eq!(show(same, &WORDS), same);
        }
    }

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
