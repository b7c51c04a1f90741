//! What came of an archive, in words.

use std::collections::BTreeMap;

use masthead_import::{ImportSummary, ItemReference, Reason};
use serde::Serialize;

use crate::words::DeskWords;

/// A change, or a reason why entries were kept or left out, with one entry where it can be looked at.
#[derive(Default, Serialize)]
pub(super) struct ReasonRow {
    pub times: String,
    pub why: String,
    pub example: String,
    /// The entry at the desk, or in the other system; empty if it is in neither.
    pub address: String,
}

/// How many entries came in, or would.
pub(super) fn counts(summary: &ImportSummary, words: DeskWords) -> Vec<String> {
    let all = [
        ("archive_new", summary.new),
        ("archive_changed", summary.changed),
        ("archive_unchanged", summary.unchanged),
        ("archive_kept", summary.all_kept()),
        ("archive_left_out", summary.all_left_out()),
    ];
    all.into_iter().map(|(name, count)| words.count(name, count)).collect()
}

/// What else there is to know.
pub(super) fn notes(summary: &ImportSummary, words: DeskWords) -> Vec<String> {
    let all = [
        ("archive_repaired_lines", summary.repaired_lines),
        ("archive_uncounted", summary.uncounted),
    ];
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(name, count)| words.count(name, count)).collect()
}

/// Changes, or reasons as the importer names them.
pub(super) fn rows(reasons: &BTreeMap<String, Reason>, words: DeskWords) -> Vec<ReasonRow> {
    reasons.iter().map(|(why, reason)| row(why.clone(), reason, words)).collect()
}

/// Why articles stay as they are here.
pub(super) fn kept_rows(reasons: &BTreeMap<String, Reason>, words: DeskWords) -> Vec<ReasonRow> {
    let in_words = |(kind, reason): (&String, &Reason)| {
        row(words.text(kept_word(kind)).to_owned(), reason, words)
    };
    reasons.iter().map(in_words).collect()
}

/// The word for why an article stays as it is, by [`masthead_import::kind_of`].
pub(super) fn kept_word(kind: &str) -> &'static str {
    match kind {
        "has-more-pictures" => "archive_kept_pictures",
        "embargoed" => "archive_kept_embargo",
        _ => "archive_kept_changed",
    }
}

fn row(why: String, reason: &Reason, words: DeskWords) -> ReasonRow {
    let ItemReference { what, address, article } = &reason.example;
    let address = match article {
        Some(number) => format!("/desk/articles/{number}"),
        None => address.clone(),
    };
    ReasonRow { times: words.number(reason.times), why, example: what.clone(), address }
}
