//! The context of live coverage, a part of that of an article.

use serde::Serialize;

/// The live coverage of an article.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageContext {
    /// Whether it is running. Then the latest post comes first, and otherwise last; pinned posts come before all others.
    pub running: bool,
    /// When it began, written out.
    pub started: String,
    /// The same for machines.
    pub started_datetime: String,
    /// When it ended, written out; empty while it is running.
    pub ended: String,
    /// The same for machines.
    pub ended_datetime: String,
    /// The revision that the page shows: scripts ask for what came after it.
    pub revision: i64,
    /// Where scripts ask for it.
    pub updates: String,
    /// The posts; empty if the article is locked.
    pub posts: Vec<PostContext>,
}

/// A post of live coverage.
#[derive(Clone, Debug, Serialize)]
pub struct PostContext {
    /// The name of its place on the page.
    pub anchor: String,
    /// When it was published, written out: only the time if that was on the day on which the coverage began.
    pub time: String,
    /// The same for machines.
    pub datetime: String,
    /// When its text was last changed, written out in the same way; empty if never.
    pub changed: String,
    /// The same for machines.
    pub changed_datetime: String,
    /// The headline; may be empty.
    pub headline: String,
    /// The text as sanitized HTML; may be empty.
    pub body: String,
    /// Whether it is pinned.
    pub pinned: bool,
}
