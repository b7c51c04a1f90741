//! Teasers: the part of a locked article that everyone may read.

use std::{cell::RefCell, fmt, str::FromStr};

use lol_html::{
    HtmlRewriter, RewriteStrSettings, Settings, element, html_content::ContentType, rewrite_str,
    text,
};

/// The maximum length of a teaser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeaserLength {
    /// This many top-level blocks, such as paragraphs.
    Paragraphs(usize),
    /// This many words. The cut is never within a word or a tag. In scripts without spaces between words each character is a word.
    Words(usize),
}

/// The error for a text that is not a teaser length.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no teaser length \"{0}\"; use paragraphs:N or words:N")]
pub struct ParseTeaserLengthError(String);

impl FromStr for TeaserLength {
    type Err = ParseTeaserLengthError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || ParseTeaserLengthError(text.to_owned());
        let (unit, number) = text.split_once(':').ok_or_else(unknown)?;
        let number = number.parse().map_err(|_| unknown())?;
        match unit {
            "paragraphs" => Ok(Self::Paragraphs(number)),
            "words" => Ok(Self::Words(number)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for TeaserLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paragraphs(number) => write!(f, "paragraphs:{number}"),
            Self::Words(number) => write!(f, "words:{number}"),
        }
    }
}

/// Blocks that are never cut: they are in a teaser as a whole or not at all.
const WHOLE: &str = "main > aside, main > figure, main > table, main > dl, main > details";

/// Cuts a teaser from a sanitized body. A teaser has at most half of the body's words, so that even
/// a short article has something to lock. It ends before a box, figure or table that does not fit, and has
/// no references to footnotes, which may be in the locked part.
pub fn teaser(body: &str, length: TeaserLength) -> String {
    let whole = crate::text::words(&crate::text::plain(body));
    let by_words = |words: usize| cut(body, usize::MAX, words.min(whole / 2));
    match length {
        TeaserLength::Words(words) => by_words(words),
        TeaserLength::Paragraphs(blocks) => {
            let teaser = cut(body, blocks, usize::MAX);
            if crate::text::words(&crate::text::plain(&teaser)) > whole / 2 {
                by_words(whole / 2)
            } else {
                teaser
            }
        }
    }
}

struct Budget {
    blocks: usize,
    words: usize,
    /// The current text node. Nodes arrive in chunks, which may end within a word.
    pending: String,
}

/// Returns the first `blocks` top-level blocks of `body`, and at most `words` words of them.
/// Elements that are open at the cut are closed.
fn cut(body: &str, blocks: usize, words: usize) -> String {
    let budget = RefCell::new(Budget { blocks, words, pending: String::new() });
    let lengths = RefCell::new(whole_block_lengths(body).into_iter());
    let mut output = Vec::with_capacity(body.len());
    let settings = [
        element!(WHOLE, |_| {
            let mut budget = budget.borrow_mut();
            if lengths.borrow_mut().next().is_none_or(|length| length > budget.words) {
                budget.words = 0;
            }
            Ok(())
        }),
        element!("sup.footnote", |reference| {
            reference.remove();
            Ok(())
        }),
        element!("main > *", |element| {
            let mut budget = budget.borrow_mut();
            if budget.blocks == 0 || budget.words == 0 {
                element.remove();
            } else {
                budget.blocks -= 1;
            }
            Ok(())
        }),
        element!("main > * *", |element| {
            if budget.borrow().words == 0 {
                element.remove();
            }
            Ok(())
        }),
        text!("main", |chunk| {
            let mut budget = budget.borrow_mut();
            budget.pending.push_str(chunk.as_str());
            if !chunk.last_in_text_node() {
                chunk.remove();
                return Ok(());
            }
            let text = with_spaces(&std::mem::take(&mut budget.pending));
            let kept = first_words(&text, &mut budget.words);
            chunk.replace(&kept, ContentType::Html);
            Ok(())
        }),
        element!("main", |element| {
            element.remove_and_keep_content();
            Ok(())
        }),
    ]
    .into_iter()
    .fold(Settings::new(), Settings::append_element_content_handler);
    let mut rewriter = HtmlRewriter::new(settings, |bytes: &[u8]| output.extend_from_slice(bytes));
    let wrapped = format!("<main>{body}</main>");
    // An unreadable body gets no teaser, because it could leak locked text.
    if rewriter.write(wrapped.as_bytes()).and_then(|()| rewriter.end()).is_err() {
        return String::new();
    }
    String::from_utf8(output).unwrap_or_default().trim_end().to_owned()
}

/// Returns the number of words in each block that is never cut.
fn whole_block_lengths(body: &str) -> Vec<usize> {
    let texts: RefCell<Vec<String>> = RefCell::default();
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!(WHOLE, |_| {
            texts.borrow_mut().push(String::new());
            Ok(())
        }))
        .append_element_content_handler(text!(WHOLE, |chunk| {
            if let Some(text) = texts.borrow_mut().last_mut() {
                text.push_str(chunk.as_str());
                // Words of neighbouring cells are not one word.
                text.push_str(if chunk.last_in_text_node() { " " } else { "" });
            }
            Ok(())
        }));
    // A body that cannot be read has no teaser: see `cut`.
    drop(rewrite_str(&format!("<main>{body}</main>"), settings));
    texts.into_inner().iter().map(|text| crate::text::words(&with_spaces(text))).collect()
}

/// Returns `text`, which may have entities, with the characters for those that are spaces.
fn with_spaces(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}")
}

/// Returns the first words of `text` that fit into `budget`, and subtracts them from it.
fn first_words(text: &str, budget: &mut usize) -> String {
    let words = crate::text::words(text);
    if words <= *budget && *budget > 0 {
        *budget -= words;
        return text.to_owned();
    }
    let keep = std::mem::take(budget);
    let Some(end) = keep.checked_sub(1).and_then(|last| crate::text::word_ends(text).nth(last))
    else {
        return String::new();
    };
    let lead = if text.starts_with(char::is_whitespace) { " " } else { "" };
    format!("{lead}{}…", crate::text::collapse_whitespace(&text[..end]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = "<p>One two <em>three four</em> five.</p>\n<h2>Six</h2>\n<p>Seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.</p>\n<p>Seventeen.</p>";

    #[test]
    fn paragraphs_are_kept_whole() {
        assert_eq!(
            teaser(BODY, TeaserLength::Paragraphs(1)),
            "<p>One two <em>three four</em> five.</p>"
        );
    }

    #[test]
    fn words_are_not_cut_within_tags() {
        assert_eq!(teaser(BODY, TeaserLength::Words(3)), "<p>One two <em>three…</em></p>");
    }

    #[test]
    fn a_short_article_keeps_half_of_it_locked() {
        let body = "<p>One two three four.</p>";
        assert_eq!(teaser(body, TeaserLength::Paragraphs(3)), "<p>One two…</p>");
    }

    #[test]
    fn half_of_a_text_without_spaces_stays_locked() {
        let sentence = "潮汐表は毎朝八時に公表される。";
        for (text, rest, inexact) in [
            (sentence.repeat(60), "<p>終。</p><p>了。</p>", 4),
            ("ข่าวน้ำขึ้นน้ำลง".repeat(60), "<p>จบ</p>", 4),
            ("long-and-longer/".repeat(60), "<p>The end.</p>", 41),
        ] {
            let body = format!("<p>{text}</p>{rest}");
            for length in [TeaserLength::Paragraphs(1), TeaserLength::Words(10_000)] {
                let characters = crate::text::plain(&teaser(&body, length)).chars().count();
                let half = text.chars().count() / 2;
                assert!(characters > half / 2 && characters <= half + inexact, "{characters}");
            }
        }
        let body = format!("<p>{}</p>", sentence.repeat(60));
        assert_eq!(teaser(&body, TeaserLength::Words(5)), "<p>潮汐表は毎…</p>");
    }

    #[test]
    fn words_with_spaces_that_do_not_break_are_words() {
        for body in [
            format!("<p>{}end.</p>", "word&nbsp;".repeat(299)),
            format!("<figure><figcaption>{}end.</figcaption></figure>", "word&nbsp;".repeat(300)),
        ] {
            for length in [TeaserLength::Paragraphs(1), TeaserLength::Words(10_000)] {
                let shown = teaser(&body, length);
                assert!(shown.matches("word").count() <= 150, "{shown}");
                assert!(!shown.contains("end."), "{shown}");
            }
        }
        let body = format!("<p>{}end.</p>", "word&nbsp;".repeat(299));
        assert_eq!(teaser(&body, TeaserLength::Words(2)), "<p>word word…</p>");
    }

    #[test]
    fn boxes_figures_and_tables_are_never_cut() {
        let table = "<table><tbody><tr><td>Three</td><td>four five six</td></tr></tbody></table>";
        let rest = "<p>Seven eight nine ten eleven twelve thirteen fourteen.</p>";
        for whole in [
            table.to_owned(),
            "<aside class=\"fact\"><p>Three four</p><ul><li>five six</li></ul></aside>".to_owned(),
            "<figure><img src=\"a\"><figcaption>Three four five six</figcaption></figure>"
                .to_owned(),
        ] {
            let body = format!("<p>One two.</p>{whole}{rest}");
            assert_eq!(teaser(&body, TeaserLength::Words(5)), "<p>One two.</p>");
            let all = format!("<p>One two.</p>{whole}");
            assert_eq!(teaser(&body, TeaserLength::Words(6)), all);
            assert_eq!(teaser(&body, TeaserLength::Paragraphs(2)), all);
        }
    }

    #[test]
    fn references_to_footnotes_stay_in_the_locked_part() {
        let body = "<p>One<sup class=\"footnote\"><a href=\"#fn-1\">1</a></sup> two.</p><p>Three four five six.</p><ol class=\"footnotes\"><li id=\"fn-1\">Locked</li></ol>";
        assert_eq!(teaser(body, TeaserLength::Paragraphs(1)), "<p>One two.</p>");
    }

    fn any_body() -> impl Strategy<Value = String> {
        let word = "[a-z]{1,8}( &amp; [a-z]{1,5})?";
        let inline = prop_oneof![
            word.prop_map(String::from),
            word.prop_map(|word| format!("<em>{word}</em>")),
            word.prop_map(|word| format!("<a href=\"/x\">{word} <strong>{word}</strong></a>")),
        ];
        let block = prop::collection::vec(inline, 1..12).prop_map(|words| words.join(" "));
        let block = (block, prop::sample::select(&["p", "h2", "blockquote"][..]))
            .prop_map(|(text, tag)| format!("<{tag}>{text}</{tag}>"));
        prop::collection::vec(block, 0..8).prop_map(|blocks| blocks.join("\n"))
    }

    proptest! {
        /// A teaser is a prefix of the text, no longer than requested, with all tags closed.
        #[test]
        fn a_teaser_is_a_prefix_with_closed_tags(body in any_body(), n in 0_usize..20, by_words: bool) {
            let length = if by_words { TeaserLength::Words(n) } else { TeaserLength::Paragraphs(n) };
            let teaser = teaser(&body, length);
            let words = |html: &str| -> Vec<String> {
                crate::text::plain(html).replace('…', "").split_whitespace().map(String::from).collect()
            };
            let (all, some) = (words(&body), words(&teaser));
            prop_assert!(all.starts_with(&some), "{body}\n{teaser}");
            prop_assert!(some.len() <= all.len() / 2);
            if by_words {
                prop_assert!(some.len() <= n);
            }
            for tag in ["p", "h2", "blockquote", "em", "a", "strong"] {
                let opened = teaser.matches(&format!("<{tag}>")).count() + teaser.matches(&format!("<{tag} ")).count();
                prop_assert_eq!(opened, teaser.matches(&format!("</{tag}>")).count());
            }
        }
    }
}
