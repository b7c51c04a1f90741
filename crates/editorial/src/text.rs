//! Plain text from sanitized HTML.

use std::borrow::Cow;

use lol_html::{RewriteStrSettings, element, rewrite_str, text};

/// Returns the text of `html` with entities decoded, one line per block element.
pub fn plain(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    {
        let plain = std::cell::RefCell::new(&mut plain);
        let settings = [
                text!("*", |chunk| {
                    plain.borrow_mut().push_str(chunk.as_str());
                    Ok(())
                }),
                element!(
                    "p, h2, h3, h4, h5, h6, li, dt, dd, blockquote, figure, figcaption, pre, table, tr, td, th, br, hr, div",
                    |_| {
                        plain.borrow_mut().push('\n');
                        Ok(())
                    }
                ),
            ].into_iter().fold(RewriteStrSettings::new(), RewriteStrSettings::append_element_content_handler);
        // Only the side effects of the handlers matter, and neither handler fails.
        drop(rewrite_str(&format!("<main>{html}</main>"), settings));
    }
    let decoded = html_escape::decode_html_entities(&plain);
    let lines = decoded.lines().map(collapse_whitespace).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Replaces each run of whitespace with one space and trims the ends.
pub fn collapse_whitespace(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the number of words in `text`.
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Returns `text` if it has at most `most` characters, or else the whole words that fit, with an
/// ellipsis.
pub fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().count() <= most {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().nth(most).map_or(text.len(), |(index, _)| index);
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    Cow::Owned(format!("{}…", text[..cut].trim_end_matches([',', ';', ':', ' ', '.'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_lines_and_entities_are_decoded() {
        let html = "<p>Fish &amp; chips,<br>twice.</p><ul><li>One</li><li>Two <em>and</em> a half</li></ul>";
        assert_eq!(plain(html), "Fish & chips,\ntwice.\nOne\nTwo and a half");
    }

    #[test]
    fn shortening_keeps_whole_words() {
        assert_eq!(shorten("short", 10), "short");
        assert_eq!(shorten("the harbour, again", 14), "the harbour…");
    }
}
