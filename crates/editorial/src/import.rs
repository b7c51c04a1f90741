//! What importers are, and what they produce.
//!
//! To add one: a module of this crate with an [`Importer`], and a variant of `masthead_import::ArchiveFormat` that opens it. The
//! batches and the report are those of every importer, from the command line and at the desk.

mod decoding;
pub(crate) mod source;

use std::{collections::BTreeMap, io};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use self::{
    decoding::{RepairedLines, decode},
    source::ArchiveText,
};
use crate::{clean::FindPicture, draft::Embargoed, piece::Piece};

/// What is counted for a picture of a text that was not found.
pub const MISSING_PICTURE: &str = "picture not at hand, replaced by a link";
/// What is counted for a lead picture that was not found.
pub const MISSING_LEAD: &str = "lead picture not at hand, left out";
/// What is counted for a lead picture of which the file does not say where it is.
pub const UNLISTED_LEAD: &str =
    "lead picture not in this file, left out; export posts and media in one file";

/// The opened archive of another system.
pub trait Importer {
    /// Returns the number of entries of all kinds.
    fn len(&self) -> usize;

    /// Returns `true` if there are no entries.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Converts an entry, of which the first has the number 0, into a piece, or into the reason why it is skipped. Times without a zone
    /// are those of `zone`. Returns `None` if there is no such entry.
    ///
    /// # Errors
    ///
    /// If the archive cannot be read any more. It has to be opened again.
    fn entry(
        &self,
        number: usize,
        zone: &TimeZone,
        find_picture: &FindPicture<'_>,
    ) -> io::Result<Option<ImportEntry>>;

    /// Converts every entry, see [`entry`](Self::entry).
    fn entries<'a>(
        &'a self,
        zone: &'a TimeZone,
        find_picture: &'a FindPicture<'a>,
    ) -> Box<dyn Iterator<Item = io::Result<ImportEntry>> + 'a> {
        Box::new((0..).map_while(move |number| self.entry(number, zone, find_picture).transpose()))
    }

    /// Returns where the picture with this address may be below the other system's folder of pictures, the likeliest place first.
    /// Empty if it is not among its pictures.
    fn picture_paths(&self, address: &str) -> Vec<String>;
}

/// One entry of an imported archive.
#[derive(Debug)]
pub struct ImportEntry {
    /// A stable identifier of the entry, the same in every run, so that a later import updates the
    /// entry.
    pub origin: String,
    /// The address of the entry in the other system, as the archive names it; empty if it names none.
    pub address: String,
    /// The imported piece, or the reason why the entry was skipped.
    pub result: Result<Piece, SkippedEntry>,
    /// What was changed in the piece.
    pub changes: Changes,
}

impl ImportEntry {
    /// Returns `true` if pictures of the piece were not found, so that it must not take the place of one that has them.
    pub fn lacks_pictures(&self) -> bool {
        [MISSING_PICTURE, MISSING_LEAD, UNLISTED_LEAD].iter().any(|what| self.changes.has(what))
    }
}

/// Why an entry did not replace the piece that was imported from it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptPiece {
    /// It was changed or withdrawn here since.
    ChangedHere,
    /// It has pictures that were not found this time.
    HasMorePictures,
    /// Its draft at the desk is under embargo.
    Embargoed(Embargoed),
}

/// An entry that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedEntry {
    /// The entry, as the other system names it.
    pub what: String,
    /// The reason, and what can be done about it.
    pub why: String,
}

/// What was changed during an import, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<String, usize>);

impl Changes {
    /// Counts one change.
    pub fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    /// Counts a change that was made several times.
    pub fn count_times(&mut self, what: &str, times: usize) {
        match self.0.get_mut(what) {
            Some(number) => *number += times,
            None => {
                self.0.insert(what.to_owned(), times);
            }
        }
    }

    /// Returns `true` if this was counted.
    pub fn has(&self, what: &str) -> bool {
        self.0.contains_key(what)
    }

    /// Iterates over the changes and their counts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(what, times)| (what.as_str(), *times))
    }

    /// Returns the total number of changes.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }
}
