//! Asking for a backup, and deleting one.

use std::sync::Arc;

use axum::extract::{Path, State};
use masthead_store::NewBackup;
use serde::Deserialize;

use super::{PAGE, page};
use crate::{
    error::Handled, form::StaffForm, http::see_other, staff::CurrentStaff, state::DeskState,
};

/// The shortest passphrase that the format accepts, in characters.
const MIN_PASSPHRASE: usize = masthead_backup::MIN_PASSPHRASE;

/// What a backup is to be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BackupForm {
    passphrase: String,
    /// "yes" if it has the pictures.
    pictures: String,
}

/// `POST /desk/backups/new`
pub(crate) async fn request(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<BackupForm>,
) -> Handled {
    let words = staff.words;
    if desk.store.restored_at().await?.is_some() {
        return page::show_with(&desk, &staff, words.text("backups_copy"), "").await;
    }
    let passphrase = form.passphrase.trim_end_matches(['\r', '\n']);
    if !passphrase.is_empty() && passphrase.chars().count() < MIN_PASSPHRASE {
        let fault = words.fill("backups_fault_passphrase", &[("least", &MIN_PASSPHRASE)]);
        return page::show_with(&desk, &staff, &fault, "passphrase").await;
    }
    let new = NewBackup {
        by: Some(staff.account.id),
        scheduled_for: None,
        with_pictures: form.pictures == "yes",
        passphrase: Some(passphrase).filter(|passphrase| !passphrase.is_empty()),
        at: desk.now(),
    };
    if !desk.store.request_backup(&new).await? {
        return page::show_with(&desk, &staff, words.text("backups_fault_running"), "").await;
    }
    desk.backups_wakeup.notify_one();
    Ok(see_other(PAGE))
}

/// `POST /desk/backups/{number}/deletion`
pub(crate) async fn delete(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(id): Path<i32>,
) -> Handled {
    // The file may be that of the original.
    if desk.store.restored_at().await?.is_some() {
        return page::show_with(&desk, &staff, staff.words.text("backups_copy"), "").await;
    }
    if !desk.store.discard_backup(id, staff.account.id, desk.now()).await? {
        let fault = staff.words.text("backups_fault_gone");
        return page::show_with(&desk, &staff, fault, "").await;
    }
    desk.backups_wakeup.notify_one();
    Ok(see_other(PAGE))
}
