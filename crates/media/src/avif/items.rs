//! The items of a file: its pictures, and what is kept beside them, such as metadata (ISO/IEC 14496-12, section 8.11).

use std::{collections::HashSet, ops::Range};

use super::{
    boxes::{Boxes, number},
    find,
};

/// The kinds of items that are shown (ISO/IEC 23008-12; AVIF 1.1).
const SHOWN: [&[u8]; 5] = [b"av01", b"grid", b"iovl", b"tmap", b"iden"];
/// The maximum number of parts that the data of all items has. They can take no space in the file.
const MAX_EXTENTS: usize = 65_536;

/// Returns where the data of the items is that are not shown. `meta` is where the boxes that describe them are. Returns `None` if they
/// cannot be read, if the data is not in this file, or if it has too many parts or parts that overlap.
pub(super) fn hidden(content: &[u8], meta: Range<usize>) -> Option<Vec<Range<usize>>> {
    let shown = shown(content, find(content, meta.clone(), *b"iinf")?)?;
    let data = find(content, meta.clone(), *b"idat").unwrap_or(0..0);
    let mut reader = Reader { content, rest: find(content, meta, *b"iloc")? };
    let version = reader.number(1)?;
    reader.number(3)?;
    let sizes = reader.number(2)?;
    let [of_offset, of_length, of_base, of_index] = [12, 8, 4, 0].map(|shift| sizes >> shift & 15);
    let of_id = if version < 2 { 2 } else { 4 };
    let items = reader.number(of_id)?;
    let mut hidden = Vec::new();
    let (mut extents_left, mut bytes_left) = (MAX_EXTENTS, content.len());
    for _ in 0..items {
        let id = reader.number(of_id)?;
        let method = if version == 0 { 0 } else { reader.number(2)? & 15 };
        let (file, base) = (reader.number(2)?, reader.number(of_base)?);
        if file != 0 {
            return None;
        }
        let extents = reader.number(2)?;
        extents_left = extents_left.checked_sub(extents)?;
        for _ in 0..extents {
            if version > 0 {
                reader.number(of_index)?;
            }
            let (offset, length) = (reader.number(of_offset)?, reader.number(of_length)?);
            let start = base.checked_add(offset)?;
            let start = match method {
                0 => start,
                1 => start.checked_add(data.start)?,
                _ if shown.contains(&id) => continue,
                _ => return None,
            };
            if !shown.contains(&id) {
                // Without a length it lasts until the end, and has the pictures in it.
                let end = start.checked_add((length > 0).then_some(length)?)?;
                // Parts that overlap would be overwritten again and again.
                bytes_left = bytes_left.checked_sub(length)?;
                hidden.push(start..end);
            }
        }
    }
    Some(hidden)
}

/// The numbers of the items that are shown.
fn shown(content: &[u8], descriptions: Range<usize>) -> Option<HashSet<usize>> {
    let is_long = *content.get(descriptions.start)? > 0;
    let entries = descriptions.start + if is_long { 8 } else { 6 }..descriptions.end;
    let mut shown = HashSet::new();
    for entry in Boxes::new(content, entries).filter(|part| part.kind == *b"infe") {
        let at = entry.payload.start;
        // Earlier versions have no kind, and describe no pictures.
        let of_id = match content.get(at)? {
            2 => 2,
            3 => 4,
            _ => continue,
        };
        let id = number(content, at + 4..at + 4 + of_id)?;
        if SHOWN.contains(&content.get(at + 6 + of_id..at + 10 + of_id)?) {
            shown.insert(id);
        }
    }
    Some(shown)
}

/// Reads one number after another.
struct Reader<'a> {
    content: &'a [u8],
    rest: Range<usize>,
}

impl Reader<'_> {
    fn number(&mut self, bytes: usize) -> Option<usize> {
        let start = self.rest.start;
        let after = start.checked_add(bytes).filter(|after| *after <= self.rest.end)?;
        self.rest.start = after;
        number(self.content, start..after)
    }
}
