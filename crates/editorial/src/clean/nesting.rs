//! Nests the elements of untrusted HTML properly and not too deep.
//!
//! What parses HTML afterwards takes time in proportion to the depth of the elements, and misnested formatting can make it
//! create very many of them. Here each tag takes constant time, and the result is proportional to the input. What is nested
//! too deep keeps its text and loses its tags.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{
    allowed::{DROPPED, TAGS},
    anchors::Anchors,
    tags::{Token, Tokens},
};

/// The maximum depth of elements.
pub(super) const MAX_DEPTH: usize = 64;
/// The maximum number of elements that continue in the next block if they were not closed in theirs.
const MAX_CONTINUED: usize = 4;

/// Elements that are replaced, or removed with a report. The rest of what is not allowed is left out here.
const REPLACED: [&str; 12] = [
    "form", "input", "button", "textarea", "h1", "iframe", "embed", "object", "video", "audio",
    "script", "style",
];
const VOID: [&str; 5] = ["img", "br", "hr", "input", "embed"];
/// Formatting that continues in the next block if it was not closed, as in browsers.
const FORMATTING: [&str; 9] = ["b", "i", "u", "s", "em", "strong", "code", "small", "mark"];
const INLINE: [&str; 19] = [
    "q", "cite", "a", "del", "ins", "sub", "sup", "abbr", "kbd", "samp", "var", "img", "br",
    "time", "bdo", "ruby", "rt", "rp", "input",
];
/// Elements that are not allowed, and whose content is a block.
const LEFT_OUT_BLOCKS: [&str; 14] = [
    "div", "section", "article", "header", "footer", "aside", "main", "nav", "address", "center",
    "fieldset", "menu", "hgroup", "search",
];
/// The elements that a closing tag or a new block does not reach beyond.
const BOUNDARIES: [&str; 9] =
    ["td", "th", "caption", "table", "button", "object", "svg", "math", "template"];
const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

static KNOWN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| TAGS.into_iter().chain(DROPPED).chain(REPLACED).collect());

/// How long a text may be before it is cut, in bytes. The sanitizer takes time in proportion to its length for each character that it
/// may have to escape.
const MAX_TEXT: usize = 2048;

/// Returns `html` with properly nested elements, at most [`MAX_DEPTH`] deep.
pub(super) fn nest(html: &str) -> String {
    let mut nesting = Nesting {
        html: String::with_capacity(html.len()),
        anchors: Anchors::of(html),
        ..Nesting::default()
    };
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => nesting.text(text),
            Token::Start(name, attributes) => nesting.start(name, attributes),
            Token::End(name) => nesting.end(name),
        }
    }
    nesting.close_to(0);
    nesting.html
}

#[derive(Default)]
struct Nesting {
    html: String,
    anchors: Anchors,
    /// Where the text begins that is written last.
    text_from: usize,
    /// The elements that are open, from the outermost.
    open: Vec<&'static str>,
    /// Formatting that was not closed in the last block, and continues with the next text.
    continued: Vec<&'static str>,
    /// How many elements are open that were left out.
    left_out: HashMap<&'static str, usize>,
}

impl Nesting {
    fn text(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.continue_formatting();
        }
        // What the tokenizer took for text must not become a tag together with what follows.
        let text = text.replace('<', "&lt;");
        let mut written = 0;
        for (at, _) in text.match_indices(is_searched) {
            self.html.push_str(&text[written..at]);
            self.cut_long_text();
            written = at;
        }
        self.html.push_str(&text[written..]);
    }

    /// Begins another text, if this one is long, by a comment, which the sanitizer removes.
    fn cut_long_text(&mut self) {
        if self.html.len() - self.text_from > MAX_TEXT {
            self.html.push_str("<!---->");
            self.text_from = self.html.len();
        }
    }

    fn start(&mut self, name: &str, attributes: &str) {
        let lower = name.to_ascii_lowercase();
        let Some(name) = KNOWN.get(lower.as_str()).copied() else {
            self.left_out_block(&lower);
            return self.keep_target(attributes);
        };
        let is_formatting = FORMATTING.contains(&name);
        if is_formatting && (self.open.contains(&name) || self.continued.contains(&name)) {
            // It changes nothing.
            return self.leave_out(name);
        }
        self.close_before(name);
        if is_formatting || INLINE.contains(&name) {
            self.continue_formatting();
        }
        let is_void = VOID.contains(&name);
        if !is_void && self.open.len() >= MAX_DEPTH {
            return self.leave_out(name);
        }
        self.push_tag("<", name, attributes);
        if !is_void {
            self.open.push(name);
        }
    }

    /// The beginning or end of a block that is left out: what is in it does not run into what is beside it.
    fn left_out_block(&mut self, name: &str) {
        if LEFT_OUT_BLOCKS.contains(&name) {
            self.close_nearest(&["p"], &BOUNDARIES);
            self.html.push('\n');
        }
    }

    /// Keeps what links of the text lead to, of an element that is left out.
    fn keep_target(&mut self, attributes: &str) {
        let id = attributes.split_once("id=").map(|(_, id)| id.trim_start_matches(['"', '\'']));
        let id = id.and_then(|id| id.split(['"', '\'', ' ']).next()).unwrap_or_default();
        if let Some(id) = self.anchors.target(id)
            && !self.open.contains(&"a")
        {
            self.push_tag("<", "a", &format!(" id=\"{id}\""));
            self.push_tag("</", "a", "");
        }
    }

    fn leave_out(&mut self, name: &'static str) {
        *self.left_out.entry(name).or_default() += 1;
        if !FORMATTING.contains(&name) && !INLINE.contains(&name) {
            self.html.push(' ');
        }
    }

    /// Closes the elements that end where `name` begins.
    fn close_before(&mut self, name: &str) {
        match name {
            "a" => self.close_nearest(&["a"], &BOUNDARIES),
            "li" => self.close_nearest(&["li"], &["ul", "ol", "table"]),
            "dt" | "dd" => self.close_nearest(&["dt", "dd"], &["dl", "table"]),
            "td" | "th" => self.close_nearest(&["td", "th"], &["tr", "table"]),
            "tr" => self.close_nearest(&["tr"], &["table"]),
            "caption" | "thead" | "tbody" | "tfoot" => {
                self.close_nearest(&["caption", "thead", "tbody", "tfoot"], &["table"]);
            }
            "rt" | "rp" => self.close_nearest(&["rt", "rp"], &["ruby"]),
            _ if HEADINGS.contains(&name)
                && self.open.last().is_some_and(|last| HEADINGS.contains(last)) =>
            {
                self.close_to(self.open.len() - 1);
            }
            _ => {}
        }
        let is_block = TAGS.contains(&name) || matches!(name, "h1" | "form");
        if is_block && !FORMATTING.contains(&name) && !INLINE.contains(&name) {
            self.close_nearest(&["p"], &BOUNDARIES);
        }
    }

    fn end(&mut self, name: &str) {
        let lower = name.to_ascii_lowercase();
        let Some(name) = KNOWN.get(lower.as_str()).copied() else {
            return self.left_out_block(&lower);
        };
        if let Some(count) = self.left_out.get_mut(name).filter(|count| **count > 0) {
            *count -= 1;
        } else if self.continued.contains(&name) {
            self.continued.retain(|continued| *continued != name);
        } else if BOUNDARIES.contains(&name) || matches!(name, "tr" | "thead" | "tbody" | "tfoot") {
            self.close_nearest(&[name], &["table"]);
        } else {
            self.close_nearest(&[name], &BOUNDARIES);
        }
    }

    /// Closes the innermost element with one of these names, and all that is in it, unless a boundary is in between.
    fn close_nearest(&mut self, names: &[&str], boundaries: &[&str]) {
        let stops = |name: &&str| names.contains(name) || boundaries.contains(name);
        if let Some(index) = self.open.iter().rposition(stops)
            && names.contains(&self.open[index])
        {
            self.close_to(index);
        }
    }

    /// Closes the elements from this one on. Formatting inside of it continues.
    fn close_to(&mut self, index: usize) {
        let mut unclosed: Vec<&'static str> = Vec::new();
        while self.open.len() > index
            && let Some(name) = self.open.pop()
        {
            self.push_tag("</", name, "");
            if BOUNDARIES.contains(&name) {
                unclosed.clear();
                self.continued.clear();
            } else if FORMATTING.contains(&name) && self.open.len() > index {
                unclosed.push(name);
            }
        }
        self.continued.extend(unclosed.into_iter().rev());
        self.continued.truncate(MAX_CONTINUED);
    }

    fn continue_formatting(&mut self) {
        for name in std::mem::take(&mut self.continued) {
            if self.open.len() < MAX_DEPTH {
                self.push_tag("<", name, "");
                self.open.push(name);
            }
        }
    }

    fn push_tag(&mut self, opening: &str, name: &str, attributes: &str) {
        for part in [opening, name, attributes, ">"] {
            self.html.push_str(part);
        }
        self.text_from = self.html.len();
    }
}

/// Whether the sanitizer, where it writes a text, looks from this character to the end of the text.
fn is_searched(character: char) -> bool {
    // Those whose first byte in UTF-8 is that of a no-break space.
    matches!(character, '&' | '\u{80}'..='\u{bf}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn proper_html_stays_as_it_is() {
        for html in [
            "<p>One <em class=\"x\">two</em>.</p>\n<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td><p>b</p></td></tr></tbody></table>",
            "<figure><img src=\"a\"><figcaption>b<br>c</figcaption></figure><pre>a\n b</pre>",
            "<blockquote><p>a</p></blockquote><b><p>a</p></b>",
        ] {
            assert_eq!(nest(html), html);
        }
    }

    #[test]
    fn missing_end_tags_are_added_where_browsers_end_elements() {
        assert_eq!(nest("<P>a<p>b<ul><li>c<li>d"), "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>");
        assert_eq!(
            nest("<table><tr><td>a<td>b<tr><td>c"),
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
        );
        assert_eq!(nest("<p><b>a<p>b</b>c"), "<p><b>a</b></p><p><b>b</b>c</p>");
        assert_eq!(nest("<b>a<i>b</b>c</i>d"), "<b>a<i>b</i></b><i>c</i>d");
        assert_eq!(nest("<div>a</div><div>b</div></p></b>"), "\na\n\nb\n");
    }

    #[test]
    fn long_texts_are_cut_before_what_is_searched() {
        for text in ["&amp;", "£", "&amp;<zz>", "x&lt;"] {
            let nested = nest(&format!("<p>{}</p>", text.repeat(20_000)));
            let longest = nested.split("<!---->").map(str::len).max();
            assert!(longest.is_some_and(|longest| longest <= MAX_TEXT + 20), "{text}: {longest:?}");
            assert_eq!(
                nested.replace("<!---->", ""),
                format!("<p>{}</p>", text.replace("<zz>", "").repeat(20_000))
            );
        }
        let words = format!("<p>{}</p>", "word ".repeat(20_000));
        assert_eq!(nest(&words), words);
    }

    #[test]
    fn deep_elements_lose_their_tags_and_keep_their_text() {
        let deep = format!("{}x{}", "<blockquote>".repeat(100), "</blockquote>".repeat(100));
        let nested = nest(&format!("{deep}<p>y</p>"));
        assert_eq!(nested.matches("<blockquote>").count(), MAX_DEPTH);
        assert_eq!(nested.matches("</blockquote>").count(), MAX_DEPTH);
        assert!(nested.contains('x') && nested.ends_with("</blockquote><p>y</p>"), "{nested}");
    }

    proptest! {
        /// Whatever comes in, the elements are nested properly and the result is proportional to the input.
        #[test]
        fn the_result_is_balanced_bounded_and_linear(
            parts in prop::collection::vec(prop::sample::select(&[
                "<b>", "</b>", "<i x=1>", "</i>", "<p>", "</p>", "<li>", "</ul>", "<ul>", "<table>", "<td>",
                "</table>", "<a href=x>", "</a>", "<svg>", "<small>", "<em>", "<strong>", "a", " ", "<br/>", "<", "<!--",
                "-->", "<h2>", "<div>", "</div>", "<blockquote>", "</blockquote>", "<button>",
            ][..]), 0..400),
        ) {
            let html = parts.concat();
            let nested = nest(&html);
            prop_assert!(nested.len() <= 32 * html.len() + 64);
            let mut open: Vec<&str> = Vec::new();
            for token in Tokens::new(&nested) {
                match token {
                    Token::Start(name, _) if !VOID.contains(&name) => open.push(name),
                    Token::End(name) => prop_assert_eq!(open.pop(), Some(name)),
                    Token::Start(..) | Token::Text(_) => {}
                }
                prop_assert!(open.len() <= MAX_DEPTH);
            }
            prop_assert!(open.is_empty());
        }
    }
}
