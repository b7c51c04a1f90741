//! What every importer yields, and how it tells what it did.

use std::collections::BTreeMap;

use crate::piece::Piece;

/// One thing from another system.
#[derive(Debug)]
pub struct Entry {
    /// Where it comes from, the same in every run: a second import finds the first by it.
    pub origin: String,
    /// What became of it.
    pub result: Result<Piece, LeftOut>,
    /// What was changed on the way in.
    pub changes: Changes,
}

/// Why a thing did not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it was, as the other system called it.
    pub what: String,
    /// Why, and what can be done.
    pub why: String,
}

/// What was changed, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<String, usize>);

impl Changes {
    /// Counts one change.
    pub fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    /// Adds what another count has.
    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what.clone()).or_default() += times;
        }
    }

    /// Every change with its number of times, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().map(|(what, times)| (what.as_str(), *times))
    }

    /// How many changes there were in all.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }
}
