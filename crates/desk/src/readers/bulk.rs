//! `POST /desk/readers/selection`: what is done with several readers of the list at once, or with all whom its filters fit.

use std::sync::Arc;

use axum::extract::State;
use masthead_billing::staff_actions::EntryError;
use masthead_circulation::{AccountId, StaffActor};
use masthead_store::{LabelChange, ReaderSelection};

use super::{
    form::ReadersForm,
    label::{LabelFault, parse_label},
    list::all_of,
    support_actions::end_of_last_day,
};
use crate::{
    error::{ActionError, DeskError, Handled},
    form::{Fields, StaffForm},
    http::{see_other, with_query},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Readers that are chosen one by one: those of one page of the list.
const MAX_CHOSEN: usize = 50;
/// Readers that are read at once.
const BATCH: u64 = 500;

/// What became of the readers, for the address of the list: a word, how many were changed, and how many were not.
struct Report(&'static str, u64, u64);

/// `POST /desk/readers/selection`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let filters = ReadersForm::of(|name| fields.text(name));
    let selection = if fields.text("scope") == "all" {
        all_of(&desk, &filters).await?
    } else {
        let chosen = fields.all("reader");
        let ids = chosen.iter().take(MAX_CHOSEN).filter_map(|id| id.parse().ok().map(AccountId));
        ReaderSelection::Chosen(ids.collect())
    };
    let report = match fields.text("do").as_str() {
        _ if selection == ReaderSelection::Chosen(Vec::new()) => Report("none", 0, 0),
        "label" => label(&desk, &staff, &selection, &fields, LabelChange::Add).await?,
        "unlabel" => label(&desk, &staff, &selection, &fields, LabelChange::Remove).await?,
        "extend" => extend(&desk, &staff, &selection, &fields).await?,
        _ => Report("none", 0, 0),
    };
    let told = format!("{}-{}-{}", report.0, report.1, report.2);
    let mut query = filters.fields();
    query.push(("told", &told));
    query.retain(|(_, value)| !value.is_empty());
    Ok(see_other(&with_query("/desk/readers", &query)))
}

async fn label(
    desk: &DeskState,
    staff: &CurrentStaff,
    selection: &ReaderSelection,
    fields: &Fields,
    change: fn(String) -> LabelChange,
) -> Result<Report, DeskError> {
    let label = match parse_label(&fields.text("new_label")) {
        Ok(label) => label,
        Err(LabelFault::Empty) => return Ok(Report("no_label", 0, 0)),
        Err(LabelFault::TooLong) => return Ok(Report("long_label", 0, 0)),
    };
    let (change, by) = (change(label), Some(staff.account.id));
    let changed = desk.store.label_readers(selection, &change, by, desk.now()).await?;
    let word = if matches!(change, LabelChange::Add(_)) { "labelled" } else { "unlabelled" };
    Ok(Report(word, changed, 0))
}

/// Lets the complimentary subscriptions of readers last longer. Those that last longer already stay as they are.
async fn extend(
    desk: &DeskState,
    staff: &CurrentStaff,
    selection: &ReaderSelection,
    fields: &Fields,
) -> Result<Report, DeskError> {
    let (zone, words) = (desk.publication().zone, staff.words);
    let until = fields.text("until");
    let Ok(Some(ends)) = end_of_last_day(&until, desk.now(), &zone, words) else {
        return Ok(Report("no_day", 0, 0));
    };
    let reason = words.text("readers_extend_reason").to_owned();
    let actor = StaffActor { by: Some(staff.account.id), reason };
    let (mut done, mut left) = (0, 0);
    match selection {
        ReaderSelection::Chosen(ids) => {
            for id in ids {
                let is_done = extend_one(desk, *id, ends, &actor).await?;
                *(if is_done { &mut done } else { &mut left }) += 1;
            }
        }
        ReaderSelection::All(query) => {
            let mut query = query.clone();
            loop {
                let batch = desk.store.readers(&query, BATCH).await?;
                let Some(last) = batch.last() else { break };
                query.after = Some(last.account.id);
                for entry in &batch {
                    let is_done = extend_one(desk, entry.account.id, ends, &actor).await?;
                    *(if is_done { &mut done } else { &mut left }) += 1;
                }
            }
        }
    }
    Ok(Report("extended", done, left))
}

/// Returns `false` if the reader has no complimentary subscription that would last longer by it.
async fn extend_one(
    desk: &DeskState,
    reader: AccountId,
    ends: jiff::Timestamp,
    actor: &StaffActor,
) -> Result<bool, DeskError> {
    let held = desk.store.subscriptions_of(reader).await?;
    let Some(given) = held.iter().find(|held| held.is_given(desk.now())) else { return Ok(false) };
    match desk.billing.extend_complimentary(given.id, ends, Some(actor.clone())).await {
        Ok(_) => Ok(true),
        Err(EntryError::Failed(error)) => {
            Err(DeskError::failed("readers: extend", ActionError::failed(error)))
        }
        Err(_) => Ok(false),
    }
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
