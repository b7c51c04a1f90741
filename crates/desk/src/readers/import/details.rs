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

/// What came of one line.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct RowReport {
    pub line: u64,
    pub result: RowResult,
    /// The reader's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<RowRemark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RowResult {
    Added,
    Changed,
    Unchanged,
    Refused,
}

/// What is said about a line besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RowRemark {
    /// They have deleted their account.
    HasLeft,
    /// They have another subscription, which stays as it is.
    HasSubscription,
    /// The subscription of the file has ended, so none was given.
    Ended,
    /// The price is not sold any more.
    NoPrice,
    /// Something went wrong; the log has the reason.
    Failed,
}
