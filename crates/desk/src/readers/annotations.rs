//! Labels and notes of one reader.

use std::sync::Arc;

use axum::extract::{Path, State};
use masthead_store::LabelChange;

use super::{
    label::{LabelFault, MAX_LABEL, parse_label},
    page::{SupportForm, find_reader, reader_address, show},
};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    http::see_other,
    notice::Notice,
    security_log::nothing_changed,
    staff::CurrentStaff,
    state::DeskState,
};

/// The longest note, in characters.
pub(super) const MAX_NOTE: usize = 4000;

/// `POST /desk/readers/{number}/labels`
pub(crate) async fn change_label(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let account = find_reader(&desk, &number).await?;
    let entered = fields.text("label");
    let change = match (parse_label(&entered), fields.text("do").as_str()) {
        (Ok(label), "remove") => LabelChange::Remove(label),
        (Ok(label), _) => LabelChange::Add(label),
        (Err(fault), _) => {
            let words = staff.words;
            let said = match fault {
                LabelFault::Empty => words.text("label_fault_empty").to_owned(),
                LabelFault::TooLong => words.fill("label_fault_long", &[("most", &MAX_LABEL)]),
            };
            let form = SupportForm { label: entered, ..SupportForm::default() };
            return show(&desk, &staff, &account, form, said).await;
        }
    };
    let by = Some(staff.account.id);
    let is_changed = desk.store.label_reader(&account, &change, by, desk.now()).await?;
    let response = see_other(&format!("{}#labels", reader_address(account.id)));
    Ok(if is_changed { response } else { nothing_changed(response) })
}

/// `POST /desk/readers/{number}/notes`
pub(crate) async fn add_note(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(form): StaffForm<SupportForm, MAX_NOTE>,
) -> Handled {
    let account = find_reader(&desk, &number).await?;
    let words = staff.words;
    let text = form.note.trim().replace("\r\n", "\n");
    let fault = match text.chars().count() {
        0 => Some(words.text("note_fault_empty").to_owned()),
        length if length > MAX_NOTE => Some(words.fill("note_fault_long", &[("most", &MAX_NOTE)])),
        _ => None,
    };
    if let Some(fault) = fault {
        return show(&desk, &staff, &account, form, fault).await;
    }
    if !desk.store.add_note(&account, &text, staff.account.id, desk.now()).await? {
        return Err(Notice::NoReader.into());
    }
    Ok(see_other(&format!("{}#notes", reader_address(account.id))))
}

/// `POST /desk/readers/{number}/notes/{key}/deletion`
pub(crate) async fn delete_note(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((number, key)): Path<(String, String)>,
    // Read, so that it is known to come from a page of the desk.
    StaffForm(_): StaffForm<Fields>,
) -> Handled {
    let account = find_reader(&desk, &number).await?;
    let note = key.parse().unwrap_or_default();
    let by = staff.account.id;
    let is_deleted = desk.store.delete_note(&account, note, by, desk.now()).await?;
    let response = see_other(&format!("{}#notes", reader_address(account.id)));
    Ok(if is_deleted { response } else { nothing_changed(response) })
}
