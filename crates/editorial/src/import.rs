//! What importers produce.

use std::collections::BTreeMap;

use crate::piece::Piece;

/// One entry of an imported archive.
#[derive(Debug)]
pub struct ImportEntry {
    /// A stable identifier of the entry, the same in every run, so that a later import updates the
    /// entry.
    pub origin: String,
    /// The imported piece, or the reason why the entry was skipped.
    pub result: Result<Piece, SkippedEntry>,
    /// What was changed in the piece.
    pub changes: Changes,
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

    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what.clone()).or_default() += times;
        }
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
