//! Finds the items of an export, also in a file with broken XML.
//!
//! Each item is read for itself, so that a broken one takes no other with it. Markup in CDATA sections and comments is text: posts about
//! feeds show it, and plugins keep whole feeds as metadata.

use super::next_place::NextPlace;

const CDATA: &str = "<![CDATA[";
const COMMENT: &str = "<!--";
/// How WordPress continues a section whose text has the end of a section in it.
const CONTINUED: &str = "<![CDATA[>";

/// The position of an item in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ItemLocation {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The line on which it starts, from 1.
    pub(super) line: usize,
}

/// Finds every `<item>`, in time proportional to the text. One without an end ends where the next begins.
pub(super) fn item_locations(text: &str) -> Vec<ItemLocation> {
    let mut ends = SectionEnds::default();
    let mut found: Vec<ItemLocation> = Vec::new();
    let (mut at, mut open) = (0, None);
    while let Some(offset) = text[at..].find('<') {
        let tag = at + offset;
        at = ends.after(text, tag).unwrap_or(tag + 1);
        if is_start(&text[tag..]) {
            found.extend(open.replace(tag).map(|start| located(start, tag)));
        } else if text[tag..].starts_with("</item>") {
            found.extend(open.take().map(|start| located(start, tag + "</item>".len())));
        }
    }
    found.extend(open.map(|start| located(start, text.len())));
    number_lines(text, &mut found);
    found
}

fn located(start: usize, end: usize) -> ItemLocation {
    ItemLocation { start, end, line: 0 }
}

fn is_start(tag: &str) -> bool {
    let after = tag.strip_prefix("<item").and_then(|after| after.chars().next());
    after.is_some_and(|next| next == '>' || next.is_ascii_whitespace())
}

fn number_lines(text: &str, found: &mut [ItemLocation]) {
    let (mut at, mut line) = (0, 1);
    for location in found {
        line += text[at..location.start].matches('\n').count();
        location.line = line;
        at = location.start;
    }
}

/// Where CDATA sections and comments end.
#[derive(Default)]
struct SectionEnds {
    section: NextPlace,
    comment: NextPlace,
    item: NextPlace,
    /// The beginning of a section after the end of an item.
    next_section: NextPlace,
}

impl SectionEnds {
    /// Returns where the section or comment ends that begins at `tag`. `None` if there is none, or if it has no end of its own.
    fn after(&mut self, text: &str, tag: usize) -> Option<usize> {
        if text[tag..].starts_with(COMMENT) {
            let end = self.comment.at_or_after(text, tag, "-->");
            return end.map(|end| end + "-->".len());
        }
        if !text[tag..].starts_with(CDATA) {
            return None;
        }
        let end = self.section.at_or_after(text, tag + CDATA.len(), "]]>")?;
        (!self.runs_on(text, tag, end)).then_some(end + "]]>".len())
    }

    /// Whether a section lacks its end, so that the one of a later item was found: then the end of an item is in it, and the beginning
    /// of a section, which could only be there if the section was continued after it.
    fn runs_on(&mut self, text: &str, tag: usize, end: usize) -> bool {
        let item = self.item.at_or_after(text, tag, "</item>");
        let begins = item.and_then(|item| self.next_section.at_or_after(text, item, CDATA));
        let is_continued =
            text[..end].ends_with("]]") && text[end + "]]>".len()..].starts_with(CONTINUED);
        begins.is_some_and(|begins| begins < end) && !is_continued
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn found(text: &str) -> Vec<(&str, usize)> {
        item_locations(text).into_iter().map(|l| (&text[l.start..l.end], l.line)).collect()
    }

    #[test]
    fn items_are_found_with_their_lines() {
        assert_eq!(
            found("<rss>\n<item>a</item>\n\n<item x=\"1\">b</item><items>c</items>"),
            [("<item>a</item>", 2), ("<item x=\"1\">b</item>", 4)]
        );
    }

    #[test]
    fn items_in_sections_and_comments_are_text() {
        let shown = "<item><![CDATA[See <item>b</item>]]></item>";
        assert_eq!(found(shown), [(shown, 1)]);
        let cached = "<item><![CDATA[<item><t><![CDATA[b]]]]><![CDATA[></t></item>]]></item>";
        assert_eq!(found(&format!("{cached}{cached}")), [(cached, 1), (cached, 1)]);
        let commented = "<item><!-- <item> --></item>";
        assert_eq!(found(commented), [(commented, 1)]);
    }

    #[test]
    fn a_broken_item_takes_no_other_with_it() {
        let sound = "<item><t><![CDATA[b]]></t></item>";
        for broken in ["<item><t><![CDATA[a</t></item>", "<item><t>a", "<item><!-- a</item>"] {
            let all = found(&[broken, sound].concat()).len();
            assert_eq!(all, 2, "{broken}");
        }
    }

    #[test]
    fn floods_take_linear_time() {
        for flood in ["<", "<item>", "<![CDATA[", "<!--", "<![CDATA[</item>", "]]>", "</item>"] {
            let text = format!("{}</item><![CDATA[]]>", flood.repeat(2_000_000 / flood.len()));
            let begun = Instant::now();
            item_locations(&text);
            assert!(begun.elapsed() < Duration::from_secs(10), "{flood}: {:?}", begun.elapsed());
        }
    }
}
