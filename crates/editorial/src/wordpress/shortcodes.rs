//! Finds shortcodes, in time proportional to the text.
//!
//! A bracket may be just a bracket, as in "[sic]". A shortcode is what has the name of one of WordPress's own, or attributes, or an ending
//! of its own: plugins bring any number of names.

use std::collections::{HashMap, HashSet};

use super::next_place::NextPlace;

/// Shortcodes of WordPress and its largest host. They need neither attributes nor an ending.
const NAMES: [&str; 16] = [
    "gallery",
    "audio",
    "video",
    "playlist",
    "embed",
    "caption",
    "wp_caption",
    "youtube",
    "vimeo",
    "twitter",
    "soundcloud",
    "slideshow",
    "googlemaps",
    "contact-form",
    "contact-field",
    "polldaddy",
];

/// Shortcodes whose content is not text of the article.
const ENCLOSING: [&str; 18] = [
    "caption",
    "wp_caption",
    "embed",
    "audio",
    "video",
    "gallery",
    "youtube",
    "vimeo",
    "twitter",
    "soundcloud",
    "contact-form",
    "contact-form-7",
    "polldaddy",
    "vc_raw_html",
    "vc_raw_js",
    "et_pb_code",
    "fusion_code",
    "googlemaps",
];

/// The maximum length of the attributes of a shortcode, in bytes.
const MAX_ATTRIBUTES: usize = 8 * 1024;

/// What is between brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShortcodePart<'a> {
    /// A shortcode without an ending, or the beginning of one.
    Opening {
        /// Whether its ending follows somewhere.
        wraps: bool,
    },
    /// The ending of one whose opening was before.
    Closing,
    /// One from its opening to its ending, with what is in between.
    Enclosing(&'a str),
    /// One in doubled brackets, which is shown as it is in single ones.
    Escaped,
}

/// A shortcode in a text, or its opening or ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shortcode<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: &'a str,
    pub(super) part: ShortcodePart<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The shortcodes of a text, in order.
pub(super) struct Shortcodes<'a> {
    text: &'a str,
    at: usize,
    /// The names that have an ending.
    ended: HashSet<&'a str>,
    opened: HashSet<&'a str>,
    endings: HashMap<&'a str, NextPlace>,
}

impl<'a> Shortcodes<'a> {
    /// The shortcodes of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        let ended = text.split("[/").skip(1).filter_map(|after| {
            let name = name_of(after);
            after[name.len()..].starts_with(']').then_some(name).filter(|name| !name.is_empty())
        });
        Self {
            text,
            at: 0,
            ended: ended.collect(),
            opened: HashSet::new(),
            endings: HashMap::new(),
        }
    }

    /// Reads what is at `start`, where there is a bracket.
    fn read(&mut self, start: usize) -> Option<Shortcode<'a>> {
        let text = self.text;
        let after = &text[start + 1..];
        if let Some(ending) = after.strip_prefix('/') {
            let name = name_of(ending);
            let end = start + 2 + name.len() + 1;
            let ends = ending[name.len()..].starts_with(']') && self.opened.contains(name);
            let part = ShortcodePart::Closing;
            return ends.then_some(Shortcode { name, attributes: "", part, start, end });
        }
        if after.starts_with('[') {
            let inner = self.opening(start + 1)?;
            let is_whole = text[inner.end..].starts_with(']');
            let part = ShortcodePart::Escaped;
            return is_whole.then_some(Shortcode { part, start, end: inner.end + 1, ..inner });
        }
        let opening = self.opening(start)?;
        self.opened.insert(opening.name);
        Some(self.enclosing(opening).unwrap_or(opening))
    }

    /// The whole of a shortcode that encloses what is not text.
    fn enclosing(&mut self, opening: Shortcode<'a>) -> Option<Shortcode<'a>> {
        if !ENCLOSING.contains(&opening.name) || !self.ended.contains(opening.name) {
            return None;
        }
        let ending = format!("[/{}]", opening.name);
        let place = self.endings.entry(opening.name).or_default();
        let at = place.at_or_after(self.text, opening.end, &ending)?;
        let part = ShortcodePart::Enclosing(&self.text[opening.end..at]);
        Some(Shortcode { part, end: at + ending.len(), ..opening })
    }

    /// The opening at `start`.
    fn opening(&self, start: usize) -> Option<Shortcode<'a>> {
        let after = &self.text[start + 1..];
        let name = name_of(after);
        let rest = &after[name.len()..];
        let length = attributes_length(rest)?;
        let attributes = &rest[..length];
        let wraps = self.ended.contains(name);
        let is_named = NAMES.contains(&name)
            && (attributes.is_empty() || attributes.starts_with([' ', '=', '/', '\n', '\t']));
        let is_shortcode = !name.is_empty()
            && (is_named
                || wraps && (attributes.is_empty() || begins_with_space(attributes))
                || has_attributes(attributes));
        let end = start + 1 + name.len() + length + 1;
        let part = ShortcodePart::Opening { wraps };
        is_shortcode.then_some(Shortcode { name, attributes, part, start, end })
    }
}

impl<'a> Iterator for Shortcodes<'a> {
    type Item = Shortcode<'a>;

    fn next(&mut self) -> Option<Shortcode<'a>> {
        while let Some(offset) = self.text[self.at..].find('[') {
            let start = self.at + offset;
            if let Some(code) = self.read(start) {
                self.at = code.end;
                return Some(code);
            }
            self.at = start + 1;
        }
        None
    }
}

/// The name that a text begins with; empty if it begins with none.
fn name_of(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) { &text[..end] } else { "" }
}

fn begins_with_space(attributes: &str) -> bool {
    attributes.starts_with(char::is_whitespace)
}

/// Whether a text has the form of attributes: ` name="value"`, or a slash that ends the shortcode.
fn has_attributes(text: &str) -> bool {
    let trimmed = text.trim();
    let name = name_of(trimmed);
    let is_attribute = !name.is_empty() && trimmed[name.len()..].trim_start().starts_with('=');
    begins_with_space(text) && is_attribute || trimmed == "/"
}

/// The length of a text up to the bracket that ends it. Brackets in quoted values do not.
fn attributes_length(text: &str) -> Option<usize> {
    let bytes = &text.as_bytes()[..text.len().min(MAX_ATTRIBUTES)];
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|byte| matches!(byte, b']' | b'[' | b'='))
    {
        at += offset;
        match (bytes[at], bytes.get(at + 1)) {
            (b']', _) => return Some(at),
            (b'=', Some(quote @ (b'"' | b'\''))) => {
                let value = at + 2;
                let length = bytes[value..].iter().position(|byte| byte == quote);
                at = length.map_or(value, |length| value + length + 1);
            }
            (b'[', _) => return None,
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{ShortcodePart::*, *};

    fn found(text: &str) -> Vec<(&str, &str, ShortcodePart<'_>)> {
        Shortcodes::new(text).map(|code| (code.name, code.attributes, code.part)).collect()
    }

    const ALONE: ShortcodePart<'_> = Opening { wraps: false };
    const WRAPS: ShortcodePart<'_> = Opening { wraps: true };

    #[test]
    fn shortcodes_end_with_their_ending_or_their_bracket() {
        assert_eq!(found("a [gallery ids=\"1\"] b"), [("gallery", " ids=\"1\"", ALONE)]);
        assert_eq!(
            found("[embed]x[/embed][video/]"),
            [("embed", "", Enclosing("x")), ("video", "/", ALONE)]
        );
        // The ending of one is not that of an earlier one.
        assert_eq!(
            found("[audio]1[/audio][audio]2"),
            [("audio", "", Enclosing("1")), ("audio", "", WRAPS)]
        );
    }

    #[test]
    fn those_of_plugins_have_attributes_or_an_ending() {
        assert_eq!(
            found("[vc_row css=\".a[b]{}\"][su_x]In[/su_x] [ad id=1][/vc_row]"),
            [
                ("vc_row", " css=\".a[b]{}\"", WRAPS),
                ("su_x", "", WRAPS),
                ("su_x", "", Closing),
                ("ad", " id=1", ALONE),
                ("vc_row", "", Closing),
            ]
        );
        assert_eq!(found("[my-form /]"), [("my-form", " /", ALONE)]);
    }

    #[test]
    fn brackets_of_prose_stay() {
        for prose in [
            "he said [sic] so",
            "on [date]",
            "[1] and [a, b]",
            "[They] went [home again]",
            "[x = 1] [2 b=\"c\"]",
            "[/b] [galleryx] [gallery",
            "[note: it’s = \"so\"]",
        ] {
            let all = found(prose);
            assert!(all.is_empty(), "{prose}: {all:?}");
        }
    }

    #[test]
    fn doubled_brackets_show_a_shortcode() {
        assert_eq!(found("[[gallery]] [[x a=1]] [[sic]]").len(), 2);
        assert_eq!(found("[[gallery]]"), [("gallery", "", Escaped)]);
    }

    #[test]
    fn floods_of_brackets_take_linear_time() {
        for flood in [
            "[",
            "[gallery",
            "[gallery]",
            "[caption][video]",
            "[/embed]",
            "[[",
            "[a b=\"",
            "[a][/a]",
            "[a b='x' ",
            "[caption][/b]",
        ] {
            let text = flood.repeat(2_000_000 / flood.len());
            let begun = Instant::now();
            Shortcodes::new(&text).for_each(drop);
            assert!(begun.elapsed() < Duration::from_secs(10), "{flood}: {:?}", begun.elapsed());
        }
    }
}
