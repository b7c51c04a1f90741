//! What is known of a file of readers once it is checked, and how it is imported, as it is stored.

use serde::{Deserialize, Serialize};

use super::{row::RowFault, table::ReaderTable};

/// Faults that are stored. A file with more is corrected first.
pub(super) const MAX_FAULTS: usize = 500;

/// What the check of a file has found.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct ImportDetails {
    /// The headings that are read.
    pub read: Vec<String>,
    /// Those that are not.
    pub ignored: Vec<String>,
    /// The first faults.
    pub faults: Vec<RowFault>,
    /// Readers who get a subscription.
    pub subscriptions: u64,
    /// Readers whose subscription has ended.
    pub ended: u64,
}

impl ImportDetails {
    pub fn of(table: &ReaderTable<'_>) -> Self {
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let headings = table.headings.iter().enumerate();
        let read = headings.filter(|(place, _)| table.columns.reads(*place));
        Self {
            read: read.map(|(_, heading)| heading.clone()).collect(),
            ignored: owned(table.ignored()),
            ..Self::default()
        }
    }
}

/// How a file is imported.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct ImportOptions {
    /// A label that every reader gets; empty for none.
    pub label: String,
    /// Whether readers who get a subscription get an email about it.
    pub emails: bool,
    /// The reason in the history of subscriptions, in the language of who has started it.
    pub reason: String,
}
