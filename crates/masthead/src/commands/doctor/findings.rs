//! What doctor has found so far. It is printed as it is found, so that a check that waits is seen.

use super::{Finding, Level, print};

/// The findings of a run.
pub(super) struct Findings {
    found: Vec<Finding>,
    is_printed: bool,
}

impl Findings {
    /// No findings yet. Unless `is_printed`, they are only kept.
    pub(super) fn new(is_printed: bool) -> Self {
        Self { found: Vec::new(), is_printed }
    }

    /// Adds and prints what a check has found.
    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            if self.is_printed {
                print(&finding);
            }
            self.found.push(finding);
        }
    }

    /// Returns all of them, in the order in which they were found.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.found.iter()
    }

    /// Returns how many are errors.
    pub(super) fn errors(&self) -> usize {
        self.iter().filter(|finding| finding.level == Level::Error).count()
    }
}
