//! What the page of a file of readers says, in words.

use masthead_store::ReaderImport;

use super::{
    details::{ImportDetails, MAX_FAULTS},
    row::{GivenSubscription, RowFault, RowFaultKind},
};
use crate::{
    readers::{add::MAX_NAME, annotations::MAX_NOTE, label::MAX_LABEL},
    words::DeskWords,
};

/// A fault with its line: "Line 12: enter an email address".
pub(super) fn fault_line(fault: &RowFault, words: DeskWords) -> String {
    let text = fault_text(fault, words);
    words.fill("import_line", &[("line", &fault.line), ("text", &text)])
}

/// What is wrong, and what to do.
pub(super) fn fault_text(fault: &RowFault, words: DeskWords) -> String {
    let value = &fault.value;
    match fault.kind {
        RowFaultKind::Cells => words.text("import_row_cells").to_owned(),
        RowFaultKind::NoEmail => words.text("import_row_no_email").to_owned(),
        RowFaultKind::Email => words.text("import_row_email").to_owned(),
        RowFaultKind::Repeated => words.fill("import_row_repeated", &[("line", value)]),
        RowFaultKind::Name => words.fill("import_row_name", &[("most", &MAX_NAME)]),
        RowFaultKind::Label => words.fill("import_row_label", &[("most", &MAX_LABEL)]),
        RowFaultKind::Labels => words.text("import_row_labels").to_owned(),
        RowFaultKind::Note => words.fill("import_row_note", &[("most", &MAX_NOTE)]),
        RowFaultKind::NoSuchPlan => words.fill("import_row_no_plan", &[("plan", value)]),
        RowFaultKind::PlanMissing => words.text("import_row_plan_missing").to_owned(),
        RowFaultKind::Day => words.fill("import_row_day", &[("day", value)]),
    }
}

/// What the check has found besides faults.
pub(super) fn notes(
    import: &ReaderImport,
    details: &ImportDetails,
    words: DeskWords,
) -> Vec<String> {
    let mut notes = vec![words.fill("import_columns", &[("columns", &details.read.join(", "))])];
    if !details.ignored.is_empty() {
        notes.push(words.fill("import_ignored", &[("columns", &details.ignored.join(", "))]));
    }
    if details.subscriptions > 0 {
        notes.push(words.count("import_subscriptions", details.subscriptions));
    }
    if details.ended > 0 {
        notes.push(words.count("import_ended", details.ended));
    }
    if import.faults > 0 {
        notes.push(words.count("import_faults", import.faults));
    }
    notes
}

/// How many faults are not shown; empty if all are.
pub(super) fn more_faults(import: &ReaderImport, words: DeskWords) -> String {
    let more = import.faults.saturating_sub(MAX_FAULTS as u64);
    if more == 0 { String::new() } else { words.count("import_more_faults", more) }
}

/// What came of an import until now.
pub(super) fn outcome(import: &ReaderImport, words: DeskWords) -> Vec<String> {
    let counts = import.counts;
    let all = [
        ("import_added", counts.added),
        ("import_changed", counts.changed),
        ("import_unchanged", counts.unchanged),
        ("import_refused", counts.refused),
        ("import_faults", import.faults),
    ];
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(name, count)| words.count(name, count)).collect()
}

/// A subscription of the preview.
pub(super) fn given(given: Option<&GivenSubscription>, words: DeskWords) -> String {
    let Some(GivenSubscription { price, last_day }) = given else { return String::new() };
    match last_day {
        Some(day) => words.fill("import_until", &[("plan", price), ("date", &words.day(*day))]),
        None => words.fill("import_no_end", &[("plan", price)]),
    }
}
