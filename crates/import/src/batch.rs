//! The entries of an archive in batches, each of which is imported in one transaction.

use std::io;

use jiff::tz::TimeZone;
use masthead_editorial::{
    Section,
    clean::FindPicture,
    import::{ImportEntry, Importer},
};

use crate::addresses::{keep_in_sections, move_beside_sections};

/// The number of entries imported in one transaction.
pub const BATCH: usize = 100;
/// The number of bytes of texts after which a batch ends. Its texts are in memory together.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Converts the entries of an archive from the one with this number on, of which the first has 0: [`BATCH`] of them at most, fewer if
/// their texts are long, and none after the last. `sections` are those of the publication.
///
/// # Errors
///
/// If the archive cannot be read any more. It has to be opened again.
pub fn next_batch(
    archive: &(impl Importer + ?Sized),
    from: usize,
    zone: &TimeZone,
    find_picture: &FindPicture<'_>,
    sections: &[Section],
) -> io::Result<Vec<ImportEntry>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH && bytes < MAX_BYTES {
        let number = from.saturating_add(batch.len());
        let Some(entry) = archive.entry(number, zone, find_picture)? else { break };
        bytes += entry.result.as_ref().map_or(0, |piece| piece.body.len());
        batch.push(entry);
    }
    keep_in_sections(&mut batch, sections);
    move_beside_sections(&mut batch, sections);
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use masthead_editorial::{SlugScript, wordpress::WxrExport};

    use super::*;

    /// The sizes of the batches of an export of so many posts with texts of so many bytes.
    fn batches(posts: usize, bytes: usize) -> Vec<usize> {
        let words = "word ".repeat(bytes / 5);
        let post = format!(
            "<item><title>A</title><wp:post_id>1</wp:post_id><wp:post_type>post</wp:post_type>\
             <wp:status>draft</wp:status><content:encoded><![CDATA[{words}]]></content:encoded></item>"
        );
        let text = format!(
            "<rss xmlns:wp=\"w\" xmlns:content=\"c\"><channel>{}</channel></rss>",
            post.repeat(posts)
        );
        let export = WxrExport::open(text, SlugScript::Latin).expect("an export");
        let (mut from, mut sizes) = (0, Vec::new());
        loop {
            let batch = next_batch(&export, from, &TimeZone::UTC, &|_| None, &[]);
            let batch = batch.expect("read");
            if batch.is_empty() {
                return sizes;
            }
            from += batch.len();
            sizes.push(batch.len());
        }
    }

    #[test]
    fn a_batch_ends_after_many_entries_or_much_text() {
        assert_eq!(batches(101, 10), [100, 1]);
        assert_eq!(batches(5, 3 * 1024 * 1024), [3, 2]);
    }
}
