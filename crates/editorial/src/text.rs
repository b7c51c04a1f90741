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

/// The characters after which a word counts as another one: no word of a language is longer, but text without spaces can be.
const LONGEST_WORD: usize = 40;

/// Returns the number of words in `text`, as `word_ends` finds them.
pub fn words(text: &str) -> usize {
    word_ends(text).count()
}

/// Returns where each word of `text` ends. Words are separated by whitespace. In scripts without spaces between words each character
/// is one, and a run of letters that is longer than any word is several. `text` may have entities, which are not cut.
pub(crate) fn word_ends(text: &str) -> impl Iterator<Item = usize> {
    let (mut length, mut is_entity) = (0, false);
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while let Some((at, character)) = characters.next() {
            if character.is_whitespace() {
                continue;
            }
            is_entity = character == '&' || (is_entity && character != ';');
            length += 1;
            let ends = match characters.peek() {
                None => true,
                Some((_, next)) => {
                    next.is_whitespace()
                        || is_unspaced(character)
                        || is_unspaced(*next)
                        || (length >= LONGEST_WORD && !is_entity)
                }
            };
            if ends {
                length = 0;
                return Some(at + character.len_utf8());
            }
        }
        None
    })
}

/// Whether a character belongs to a script that has no spaces between words: Chinese and Japanese, Thai, Lao, Tibetan, Burmese, Khmer.
fn is_unspaced(character: char) -> bool {
    is_ideograph(character)
        || matches!(character, '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{ff66}'..='\u{ff9d}')
}

/// Whether a character is kana or an ideograph.
fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Words that are read in a minute.
const WORDS_A_MINUTE: usize = 230;
/// Characters that are read in a minute in scripts without spaces between words.
const CHARACTERS_A_MINUTE: usize = 500;

/// Returns the minutes that it takes to read `html`, rounded, and at least 1; 0 for no text.
pub fn reading_minutes(html: &str) -> u16 {
    let plain = plain(html);
    let characters = plain.chars().filter(|c| is_ideograph(*c)).count();
    let spaced: String = plain.chars().map(|c| if is_ideograph(c) { ' ' } else { c }).collect();
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
    fn words_end_at_spaces_and_in_scripts_without_them_at_each_character() {
        assert_eq!(words("  one, two\u{a0}three "), 3);
        assert_eq!(words("潮汐は高い。"), 6);
        assert_eq!(words("ข่าว"), 4);
        assert_eq!(words("the 潮汐 of May"), 5);
        assert_eq!(words(&"x".repeat(400)), 10);
        assert_eq!(words(""), 0);
        assert_eq!(word_ends("one 潮 two").collect::<Vec<_>>(), [3, 7, 11]);
        let entity = format!("{}&amp;{}", "x".repeat(38), "y".repeat(5));
        assert_eq!(word_ends(&entity).collect::<Vec<_>>(), [43, 48]);
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
