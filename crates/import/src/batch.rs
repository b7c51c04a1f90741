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

/// Converts the entries of an archive from the one with this number on, of which the first has 0: [`BATCH`] of them at most, and none
/// after the last. `sections` are those of the publication.
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
    let numbers = from..from.saturating_add(BATCH);
    let entries = numbers.map_while(|number| archive.entry(number, zone, find_picture).transpose());
    let mut batch = entries.collect::<io::Result<Vec<ImportEntry>>>()?;
    keep_in_sections(&mut batch, sections);
    move_beside_sections(&mut batch, sections);
    Ok(batch)
}
