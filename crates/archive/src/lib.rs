//! The file of a backup: a tar archive, compressed with Zstandard, and encrypted if there is a passphrase.
//!
//! The first entry says what the archive is ([`Manifest`]), the last has the SHA-256 of every other ([`Contents`]), so that
//! a file that was cut short or changed is recognised. An archive without a passphrase can be read with `tar --zstd`.
//!
//! | entry | what it is |
//! | --- | --- |
//! | `manifest.json` | the [`Manifest`] |
//! | `files/…` | settings, theme and keys |
//! | `tables/NAME/NUMBER.jsonl` | rows: a line with the names of the columns, then a line for each row |
//! | `pictures/NAME` | a picture |
//! | `contents.json` | the [`Contents`] |
//!
//! A change of the format takes a new [`FORMAT`]; entries of another kind do not, because readers ignore them.

#![warn(missing_docs)]

mod encryption;
mod error;
mod reader;
mod writer;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    encryption::MIN_PASSPHRASE,
    error::ArchiveError,
    reader::{ArchiveEntry, ArchiveReader, verify},
    writer::ArchiveWriter,
};

/// The version of the format that is written. Older ones are read.
pub const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";
const CONTENTS: &str = "contents.json";

/// What an archive is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// The version of Masthead that has written it.
    pub masthead: String,
    /// When, as RFC 3339.
    pub made: String,
    /// The migrations that made the tables.
    pub migrations: Vec<String>,
    /// Whether pictures are in it.
    pub pictures: bool,
}

/// What is in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The SHA-256 of every other entry, in hexadecimal.
    pub entries: BTreeMap<String, String>,
    /// The number of rows, by table.
    pub rows: BTreeMap<String, u64>,
    /// The highest number that was given to a row, by table.
    pub sequences: BTreeMap<String, i64>,
}

#[cfg(test)]
mod tests;
