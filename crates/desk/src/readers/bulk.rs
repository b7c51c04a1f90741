//! `POST /desk/readers/selection`: what is done with several readers of the list at once, or with all whom its filters fit.

use std::{collections::HashSet, sync::Arc};

use axum::extract::State;
use jiff::Timestamp;
use masthead_circulation::{AccountId, StaffActor, SubscriptionId};
use masthead_store::{LabelChange, ReaderSelection};

use super::{
    extension::{self, Extended, extend},
    form::ReadersForm,
    label::{LabelFault, parse_label},
    labelling,
    support_actions::end_of_last_day,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm},
    http::{see_other, with_query},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Readers that are chosen one by one: those of one page of the list.
const MAX_CHOSEN: usize = 50;

/// What became of the readers, for the address of the list: a word, how many were changed, and how many were not.
struct Report(&'static str, u64, u64);

/// `POST /desk/readers/selection`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let filters = ReadersForm::of(|name| fields.text(name));
    let is_all = fields.text("scope") == "all";
    let report = match fields.text("do").as_str() {
        _ if is_all && filters.has_unreadable() => Report("unreadable", 0, 0),
        action if is_all => change_all(&desk, &staff, (action, &filters), &fields).await?,
        action => change_selected(&desk, &staff, (action, &chosen(&fields)), &fields).await?,
    };
    let told = format!("{}-{}-{}", report.0, report.1, report.2);
    let mut query = filters.fields();
    query.push(("told", &told));
    query.retain(|(_, value)| !value.is_empty());
    Ok(see_other(&with_query("/desk/readers", &query)))
}

/// The readers who were chosen one by one.
fn chosen(fields: &Fields) -> ReaderSelection {
    let ids = fields.all("reader");
    let ids = ids.iter().take(MAX_CHOSEN).filter_map(|id| id.parse().ok().map(AccountId));
    ReaderSelection::Chosen(ids.collect())
}

/// Has the readers who fit the filters changed in the background.
async fn change_all(
    desk: &DeskState,
    staff: &CurrentStaff,
    (action, filters): (&str, &ReadersForm),
    fields: &Fields,
) -> Result<Report, DeskError> {
    match action {
        "label" => label_all(desk, staff, filters, fields, LabelChange::Add).await,
        "unlabel" => label_all(desk, staff, filters, fields, LabelChange::Remove).await,
        "extend" => extend_all(desk, staff, filters, fields).await,
        _ => Ok(Report("none", 0, 0)),
    }
}

async fn label_all(
    desk: &DeskState,
    staff: &CurrentStaff,
    filters: &ReadersForm,
    fields: &Fields,
    change: fn(String) -> LabelChange,
) -> Result<Report, DeskError> {
    let label = match entered_label(fields) {
        Ok(label) => label,
        Err(report) => return Ok(report),
    };
    labelling::start(desk, staff, filters.clone(), change(label)).await?;
    Ok(Report("label_started", 0, 0))
}

fn entered_label(fields: &Fields) -> Result<String, Report> {
    parse_label(&fields.text("new_label")).map_err(|fault| match fault {
        LabelFault::Empty => Report("no_label", 0, 0),
        LabelFault::TooLong => Report("long_label", 0, 0),
    })
}

async fn change_selected(
    desk: &DeskState,
    staff: &CurrentStaff,
    (action, selection): (&str, &ReaderSelection),
    fields: &Fields,
) -> Result<Report, DeskError> {
    match action {
        _ if *selection == ReaderSelection::Chosen(Vec::new()) => Ok(Report("none", 0, 0)),
        "label" => label(desk, staff, selection, fields, LabelChange::Add).await,
        "unlabel" => label(desk, staff, selection, fields, LabelChange::Remove).await,
        "extend" => extend_chosen(desk, staff, selection, fields).await,
        _ => Ok(Report("none", 0, 0)),
    }
}

async fn label(
    desk: &DeskState,
    staff: &CurrentStaff,
    selection: &ReaderSelection,
    fields: &Fields,
    change: fn(String) -> LabelChange,
) -> Result<Report, DeskError> {
    let label = match entered_label(fields) {
        Ok(label) => label,
        Err(report) => return Ok(report),
    };
    let (change, by) = (change(label), Some(staff.account.id));
    let changed = desk.store.label_readers(selection, &change, "", by, desk.now()).await?;
    let word = if matches!(change, LabelChange::Add(_)) { "labelled" } else { "unlabelled" };
    Ok(Report(word, changed, 0))
}

/// The first instant after the last day that was entered; `None` if it is no day that is still to come.
fn entered_end(desk: &DeskState, staff: &CurrentStaff, fields: &Fields) -> Option<Timestamp> {
    let (until, zone) = (fields.text("until"), desk.publication().zone);
    end_of_last_day(&until, desk.now(), &zone, staff.words).ok().flatten()
}

/// Has the complimentary subscriptions of all who fit the filters extended in the background.
async fn extend_all(
    desk: &DeskState,
    staff: &CurrentStaff,
    filters: &ReadersForm,
    fields: &Fields,
) -> Result<Report, DeskError> {
    let Some(ends) = entered_end(desk, staff, fields) else { return Ok(Report("no_day", 0, 0)) };
    extension::start(desk, staff, filters.clone(), ends).await?;
    Ok(Report("started", 0, 0))
}

/// Lets the complimentary subscriptions of the chosen readers last longer. Those that last longer already stay as they are. If
/// the database fails in between, the report says how many were extended before.
async fn extend_chosen(
    desk: &DeskState,
    staff: &CurrentStaff,
    selection: &ReaderSelection,
    fields: &Fields,
) -> Result<Report, DeskError> {
    let Some(ends) = entered_end(desk, staff, fields) else { return Ok(Report("no_day", 0, 0)) };
    let ReaderSelection::Chosen(ids) = selection else { return Ok(Report("none", 0, 0)) };
    let reason = staff.words.text("readers_extend_reason").to_owned();
    let actor = StaffActor { by: Some(staff.account.id), reason };
    let (first, most) = (SubscriptionId(0), ids.len() as u64 * 2);
    let held = desk.store.complimentary_subscriptions(selection, first, most).await?;
    let (mut readers, mut done) = (HashSet::new(), 0);
    for one in &held {
        match extend(desk, one, ends, &actor).await {
            Ok(Extended::Done) => {
                done += 1;
                readers.insert(one.account);
            }
            Ok(Extended::Unchanged) => {}
            Ok(Extended::Failed) => return Ok(Report("stopped", done, 0)),
            Err(error) => {
                tracing::error!(?error, "readers: selection not extended as a whole");
                return Ok(Report("stopped", done, 0));
            }
        }
    }
    Ok(Report("extended", done, (ids.len() - readers.len()) as u64))
}

/// What was done, from the address of the list: `labelled-2-0`. Empty if it says nothing that can be read.
pub(super) fn told_in_words(told: &str, words: DeskWords) -> String {
    let parts: Vec<&str> = told.split('-').collect();
    let [word, done, left] = parts[..] else { return String::new() };
    let (Ok(done), Ok(left)) = (done.parse::<u64>(), left.parse::<u64>()) else {
        return String::new();
    };
    let name = match word {
        "none" => return words.text("readers_told_none").to_owned(),
        "no_label" => return words.text("readers_told_no_label").to_owned(),
        "long_label" => return words.text("readers_told_long_label").to_owned(),
        "no_day" => return words.text("readers_told_no_day").to_owned(),
        "unreadable" => return words.text("readers_told_unreadable").to_owned(),
        "started" => return words.text("readers_told_started").to_owned(),
        "label_started" => return words.text("readers_told_label_started").to_owned(),
        "stopped" => "readers_told_stopped",
        "labelled" => "readers_told_labelled",
        "unlabelled" => "readers_told_unlabelled",
        "extended" => "readers_told_extended",
        _ => return String::new(),
    };
    let said = words.count(name, done);
    if left > 0 { format!("{said} {}", words.count("readers_told_left", left)) } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_what_was_done() {
        let told = |told| told_in_words(told, DeskWords::default());
        assert_eq!(told("labelled-2-0"), "The label was added to 2 readers.");
        assert!(told("extended-1-2").contains("2 readers have no complimentary subscription"));
        for nonsense in ["", "labelled", "robbed-1-1", "labelled-x-1", "labelled-1-2-3"] {
            assert_eq!(told(nonsense), "", "{nonsense}");
        }
    }
}
