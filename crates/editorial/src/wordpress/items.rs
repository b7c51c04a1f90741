//! Finds the items of an export, also in a file with broken XML.
//!
//! Each item is read for itself, so that a broken one takes no other with it. Markup in CDATA sections and comments is text: posts about
//! feeds show it, and plugins keep whole feeds as metadata.

use std::io;

use super::{next_in_file::NextInFile, wxr::WxrError};
use crate::import::source::{ArchiveText, TextScanner};

/// The maximum number of items of a file. Where each is, is in memory while the file is open.
const MAX_ITEMS: usize = 5_000_000;
const CDATA: &str = "<![CDATA[";
const COMMENT: &str = "<!--";
const SECTION_END: &str = "]]>";
const ITEM_END: &str = "</item>";
/// How WordPress continues a section whose text has the end of a section in it.
const CONTINUED: &str = "<![CDATA[>";

/// The position of an item in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ItemLocation {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The line on which it starts, from 1.
    pub(super) line: usize,
}

/// Finds every `<item>`, in time proportional to the text. One without an end ends where the next begins.
///
/// # Errors
///
/// If the text cannot be read, or has more than [`MAX_ITEMS`].
pub(super) fn item_locations(text: &dyn ArchiveText) -> Result<Vec<ItemLocation>, WxrError> {
    locations(text, MAX_ITEMS)
}

fn locations(text: &dyn ArchiveText, most: usize) -> Result<Vec<ItemLocation>, WxrError> {
    let (mut tags, mut ends) = (TextScanner::new(text), SectionEnds::new(text));
    let mut found: Vec<ItemLocation> = Vec::new();
    let (mut at, mut open) = (0, None);
    while let Some(tag) = tags.find(at, "<")? {
        let begins = tags.at(tag, CDATA.len())?;
        let (is_start, is_end) = (is_start(begins), begins.starts_with(ITEM_END.as_bytes()));
        at = ends.after(begins, tag)?.unwrap_or(tag + 1);
        if is_start {
            found.extend(open.replace(tag).map(|start| located(start, tag)));
        } else if is_end {
            found.extend(open.take().map(|start| located(start, tag + ITEM_END.len() as u64)));
        }
        if found.len() > most {
            return Err(WxrError::TooMany(most));
        }
    }
    found.extend(open.map(|start| located(start, text.length())));
    number_lines(text, &mut found)?;
    Ok(found)
}

fn located(start: u64, end: u64) -> ItemLocation {
    ItemLocation { start, end, line: 0 }
}

fn is_start(tag: &[u8]) -> bool {
    let after = tag.strip_prefix(b"<item").and_then(|after| after.first());
    after.is_some_and(|next| *next == b'>' || next.is_ascii_whitespace())
}

fn number_lines(text: &dyn ArchiveText, found: &mut [ItemLocation]) -> io::Result<()> {
    let mut scanner = TextScanner::new(text);
    let (mut at, mut line) = (0, 1);
    for location in found {
        line += scanner.count_lines(at, location.start)?;
        location.line = line;
        at = location.start;
    }
    Ok(())
}

/// Where CDATA sections and comments end.
struct SectionEnds<'a> {
    section: NextInFile<'a>,
    comment: NextInFile<'a>,
    item: NextInFile<'a>,
    /// The beginning of a section after the end of an item.
    next_section: NextInFile<'a>,
    /// What is around the end of a section.
    around: TextScanner<'a>,
}

impl<'a> SectionEnds<'a> {
    fn new(text: &'a dyn ArchiveText) -> Self {
        Self {
            section: NextInFile::new(text, SECTION_END),
            comment: NextInFile::new(text, "-->"),
            item: NextInFile::new(text, ITEM_END),
            next_section: NextInFile::new(text, CDATA),
            around: TextScanner::new(text),
        }
    }

    /// Returns where the section or comment ends that begins at `tag`. `None` if there is none, or if it has no end of its own.
    fn after(&mut self, begins: &[u8], tag: u64) -> io::Result<Option<u64>> {
        if begins.starts_with(COMMENT.as_bytes()) {
            let end = self.comment.at_or_after(tag)?;
            return Ok(end.map(|end| end + "-->".len() as u64));
        }
        if !begins.starts_with(CDATA.as_bytes()) {
            return Ok(None);
        }
        let Some(end) = self.section.at_or_after(tag + CDATA.len() as u64)? else {
            return Ok(None);
        };
        let runs_on = self.runs_on(tag, end)?;
        Ok((!runs_on).then_some(end + SECTION_END.len() as u64))
    }

    /// Whether a section lacks its end, so that the one of a later item was found: then the end of an item is in it, and the beginning
    /// of a section, which could only be there if the section was continued after it.
    fn runs_on(&mut self, tag: u64, end: u64) -> io::Result<bool> {
        let begins = match self.item.at_or_after(tag)? {
            Some(item) => self.next_section.at_or_after(item)?,
            None => None,
        };
        if begins.is_none_or(|begins| begins >= end) {
            return Ok(false);
        }
        let is_continued = end >= 2
            && self.around.starts_with(end - 2, "]]")?
            && self.around.starts_with(end + SECTION_END.len() as u64, CONTINUED)?;
        Ok(!is_continued)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn found(text: &str) -> Vec<(&str, usize)> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        let all = item_locations(&text).expect("read");
        all.into_iter().map(|l| (&text[place(l.start)..place(l.end)], l.line)).collect()
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
    fn too_many_items_are_refused() {
        let text = "<item></item>".repeat(4);
        assert_eq!(locations(&text.as_str(), 4).map(|found| found.len()), Ok(4));
        assert_eq!(locations(&text.as_str(), 3), Err(WxrError::TooMany(3)));
    }

    #[test]
    fn floods_take_linear_time() {
        for flood in ["<", "<item>", "<![CDATA[", "<!--", "<![CDATA[</item>", "]]>", "</item>"] {
            let text = format!("{}</item><![CDATA[]]>", flood.repeat(2_000_000 / flood.len()));
            let begun = Instant::now();
            item_locations(&text.as_str()).expect("read");
            assert!(begun.elapsed() < Duration::from_secs(10), "{flood}: {:?}", begun.elapsed());
        }
    }
}
