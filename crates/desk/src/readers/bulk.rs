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

/// With whom something is done.
enum Whom {
    /// Those who fit these filters, on any page.
    All(ReadersForm),
    Chosen(Vec<AccountId>),
}

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
        action => {
            let whom =
                if is_all { Whom::All(filters.clone()) } else { Whom::Chosen(chosen(&fields)) };
            change_readers(&desk, &staff, (action, whom), &fields).await?
        }
    };
    let told = format!("{}-{}-{}", report.0, report.1, report.2);
    let mut query = filters.fields();
    query.push(("told", &told));
    query.retain(|(_, value)| !value.is_empty());
    Ok(see_other(&with_query("/desk/readers", &query)))
}

/// The readers who were chosen one by one.
fn chosen(fields: &Fields) -> Vec<AccountId> {
    let ids = fields.all("reader");
    ids.iter().take(MAX_CHOSEN).filter_map(|id| id.parse().ok().map(AccountId)).collect()
}

/// Changes the readers who were chosen, or has all who fit the filters changed in the background.
async fn change_readers(
    desk: &DeskState,
    staff: &CurrentStaff,
    (action, whom): (&str, Whom),
    fields: &Fields,
) -> Result<Report, DeskError> {
    match action {
        _ if matches!(&whom, Whom::Chosen(ids) if ids.is_empty()) => Ok(Report("none", 0, 0)),
        "label" => label(desk, staff, whom, fields, LabelChange::Add).await,
        "unlabel" => label(desk, staff, whom, fields, LabelChange::Remove).await,
        "extend" => lengthen(desk, staff, whom, fields).await,
        _ => Ok(Report("none", 0, 0)),
    }
}

async fn label(
    desk: &DeskState,
    staff: &CurrentStaff,
    whom: Whom,
    fields: &Fields,
    change: fn(String) -> LabelChange,
) -> Result<Report, DeskError> {
    let change = match parse_label(&fields.text("new_label")) {
        Ok(label) => change(label),
        Err(LabelFault::Empty) => return Ok(Report("no_label", 0, 0)),
        Err(LabelFault::TooLong) => return Ok(Report("long_label", 0, 0)),
    };
    match whom {
        Whom::All(filters) => {
            labelling::start(desk, staff, filters, change).await?;
            Ok(Report("label_started", 0, 0))
        }
        Whom::Chosen(ids) => {
            let (selection, by) = (ReaderSelection::Chosen(ids), Some(staff.account.id));
            let changed = desk.store.label_readers(&selection, &change, by, desk.now()).await?;
            let is_added = matches!(change, LabelChange::Add(_));
            Ok(Report(if is_added { "labelled" } else { "unlabelled" }, changed, 0))
        }
    }
}

async fn lengthen(
    desk: &DeskState,
    staff: &CurrentStaff,
    whom: Whom,
    fields: &Fields,
) -> Result<Report, DeskError> {
    let Some(ends) = entered_end(desk, staff, fields) else { return Ok(Report("no_day", 0, 0)) };
    match whom {
        Whom::All(filters) => {
            extension::start(desk, staff, filters, ends).await?;
            Ok(Report("started", 0, 0))
        }
        Whom::Chosen(ids) => extend_chosen(desk, staff, ids, ends).await,
    }
}

/// The first instant after the last day that was entered; `None` if it is no day that is still to come.
fn entered_end(desk: &DeskState, staff: &CurrentStaff, fields: &Fields) -> Option<Timestamp> {
    let (until, zone) = (fields.text("until"), desk.publication().zone);
    end_of_last_day(&until, desk.now(), &zone, staff.words).ok().flatten()
}

/// Lets the complimentary subscriptions of the chosen readers last longer. Those that last longer already stay as they are. If
/// the database fails in between, the report says how many were extended before.
async fn extend_chosen(
    desk: &DeskState,
    staff: &CurrentStaff,
    ids: Vec<AccountId>,
    ends: Timestamp,
) -> Result<Report, DeskError> {
    let reason = staff.words.text("readers_extend_reason").to_owned();
    let actor = StaffActor { by: Some(staff.account.id), reason };
    let (first, chosen) = (SubscriptionId(0), ids.len());
    let selection = ReaderSelection::Chosen(ids);
    let most = chosen as u64 * 2;
    let held = desk.store.complimentary_subscriptions(&selection, first, most).await?;
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
    Ok(Report("extended", done, (chosen - readers.len()) as u64))
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
        "resumed" => return words.text("readers_told_resumed").to_owned(),
        "not_resumed" => return words.text("readers_told_not_resumed").to_owned(),
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
