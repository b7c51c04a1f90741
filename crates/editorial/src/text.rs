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
                    "p, h2, h3, h4, h5, h6, li, dt, dd, blockquote, figure, figcaption, aside, pre, table, tr, td, th, br, hr, div",
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

/// Words that are read in a minute.
const WORDS_A_MINUTE: usize = 230;
/// Characters that are read in a minute in scripts without spaces between words.
const CHARACTERS_A_MINUTE: usize = 500;

/// Returns the minutes that it takes to read `html`, rounded, and at least 1; 0 for no text.
pub fn reading_minutes(html: &str) -> u16 {
    let plain = plain(html);
    let is_ideograph = |c: &char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let characters = plain.chars().filter(is_ideograph).count();
    let spaced: String = plain.chars().map(|c| if is_ideograph(&c) { ' ' } else { c }).collect();
    let has_letters = |word: &&str| word.contains(char::is_alphanumeric);
    let words = spaced.split_whitespace().filter(has_letters).count();
    if characters + words == 0 {
        return 0;
    }
    // In units of which both rates are whole numbers, so that a text in both scripts is rounded once.
    let minute = WORDS_A_MINUTE * CHARACTERS_A_MINUTE;
    let units = words * CHARACTERS_A_MINUTE + characters * WORDS_A_MINUTE;
    u16::try_from(((units + minute / 2) / minute).max(1)).unwrap_or(u16::MAX)
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
    fn reading_time_counts_words_or_characters() {
        let words = |count: usize| format!("<p>{}</p>", "word ".repeat(count));
        let times = [0, 1, 344, 345, 2300].map(|count| reading_minutes(&words(count)));
        assert_eq!(times, [0, 1, 1, 2, 10]);
        assert_eq!(reading_minutes(&format!("<p>{}。</p>", "潮汐は".repeat(500))), 3);
        let mixed = format!("<p>{} {}</p>", "word ".repeat(230), "潮".repeat(500));
        assert_eq!(reading_minutes(&mixed), 2);
        assert_eq!(reading_minutes("<p>— …</p>"), 0);
    }

    #[test]
    fn shortening_keeps_whole_words() {
        assert_eq!(shorten("short", 10), "short");
        assert_eq!(shorten("the harbour, again", 14), "the harbour…");
    }
}
