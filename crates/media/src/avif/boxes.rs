//! The boxes of a file (ISO/IEC 14496-12, section 4.2).

use std::ops::Range;

/// A part of a file.
pub(super) struct FileBox {
    pub kind: [u8; 4],
    /// Where its header is, which has its size and kind.
    header: Range<usize>,
    /// Where its content is.
    pub payload: Range<usize>,
}

/// The boxes in a range, as far as they are whole.
pub(super) struct Boxes<'a> {
    content: &'a [u8],
    rest: Range<usize>,
}

impl<'a> Boxes<'a> {
    pub fn new(content: &'a [u8], within: Range<usize>) -> Self {
        Self { content, rest: within.start..within.end.min(content.len()) }
    }
}

impl Iterator for Boxes<'_> {
    type Item = FileBox;

    fn next(&mut self) -> Option<FileBox> {
        let Range { start, end } = self.rest;
        let kind = self.content.get(start + 4..start + 8)?.try_into().ok()?;
        let (header, size) = match number(self.content, start..start + 4)? {
            // It lasts until the end.
            0 => (8, end.checked_sub(start)?),
            1 => (16, number(self.content, start + 8..start + 16)?),
            size => (8, size),
        };
        let after = start.checked_add(size)?;
        if size < header || after > end {
            return None;
        }
        self.rest.start = after;
        Some(FileBox { kind, header: start..start + header, payload: start + header..after })
    }
}

/// Reads an unsigned number, of at most eight bytes.
pub(super) fn number(content: &[u8], at: Range<usize>) -> Option<usize> {
    content
        .get(at)?
        .iter()
        .try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))
}

/// Whether boxes fill the whole file.
pub(super) fn is_complete(content: &[u8]) -> bool {
    Boxes::new(content, 0..content.len())
        .last()
        .is_some_and(|last| last.payload.end == content.len())
}

/// Makes every box in a range empty space whose kind is hidden.
pub(super) fn blank(
    content: &mut [u8],
    within: Range<usize>,
    is_hidden: impl Fn(&[u8; 4]) -> bool,
) {
    let mut rest = within;
    // A file can have millions of boxes, so they are not collected.
    while let Some(FileBox { kind, header, payload }) = Boxes::new(content, rest.clone()).next() {
        rest.start = payload.end;
        if is_hidden(&kind) {
            content[header.start + 4..header.start + 8].copy_from_slice(b"free");
            content[payload].fill(0);
        }
    }
}
