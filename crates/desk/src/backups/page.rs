//! The page of backups, with the form of the schedule.

use std::sync::Arc;

use axum::extract::State;
use masthead_settings::{BackupsPart, PartSettings, SettingsPart};
use masthead_store::{BackupCounts, BackupState, StoreError, StoredBackup};
use serde::Serialize;

use super::{PAGE, failures::fault_in_words, form::ScheduleForm};
use crate::{
    error::Handled,
    form::{Button, StaffForm},
    settings::{
        page::{SettingsContent, SettingsPage},
        save::{FormFault, SettingsForm, save_whole},
    },
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Backups in the list.
const MAX_LISTED: u64 = 1000;

/// The content of the page.
#[derive(Default, Serialize)]
struct BackupsContent {
    form: ScheduleForm,
    hours: Vec<(String, String)>,
    rows: Vec<BackupRow>,
    /// How far the backup is that goes on; empty if none does.
    running: String,
    /// Of `all`.
    done: u64,
    all: u64,
    /// Whether this is a restored copy, which makes no backups.
    is_copy: bool,
    /// Whether the server has a passphrase for backups.
    has_passphrase: bool,
    folder: String,
    /// The command that restores the latest backup.
    command: String,
    zone: String,
}

/// A backup in the list.
#[derive(Default, Serialize)]
struct BackupRow {
    id: i32,
    time: String,
    text: String,
    /// Whether its file can be downloaded and deleted.
    has_file: bool,
    has_failed: bool,
}

impl SettingsContent for BackupsContent {
    const TEMPLATE: &'static str = "backups.html";
    const PART: SettingsPart = SettingsPart::Backups;
}

/// `GET /desk/backups`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    ScheduleForm::in_force(&desk).show(&desk, &staff, None).await
}

/// The page with a fault of something else than its form, at a field of it.
pub(super) async fn show_with(
    desk: &DeskState,
    staff: &CurrentStaff,
    fault: &str,
    field: &str,
) -> Handled {
    let fault = FormFault::at(field, fault);
    ScheduleForm::in_force(desk).show(desk, staff, Some(fault)).await
}

/// `POST /desk/backups`: every button of the form.
pub(crate) async fn set_schedule(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<ScheduleForm>,
) -> Handled {
    let (words, button) = (staff.words, Button::named(&form.button));
    let saved = save_whole(&desk, &staff, (SettingsPart::Backups, &button), form, |form| {
        Ok(PartSettings::Backups(BackupsPart { backups: form.settings(words)? }))
    });
    let saved = saved.await;
    // The first may be due already.
    desk.backups_wakeup.notify_one();
    saved
}

impl SettingsForm for ScheduleForm {
    fn version(&self) -> &str {
        &self.version
    }

    fn saved_address(&self) -> String {
        PAGE.to_owned()
    }

    async fn show(
        self,
        desk: &DeskState,
        staff: &CurrentStaff,
        fault: Option<FormFault>,
    ) -> Handled {
        let (words, version) = (staff.words, self.version.clone());
        let content = BackupsContent::load(desk, words, self).await?;
        Ok(desk.page(staff, &SettingsPage::load(desk, words, content, &version, fault).await?))
    }
}

impl BackupsContent {
    async fn load(
        desk: &DeskState,
        words: DeskWords,
        form: ScheduleForm,
    ) -> Result<Self, StoreError> {
        let backups = desk.store.backups_with_files_first(MAX_LISTED).await?;
        let open = backups.iter().find(|backup| backup.state == BackupState::Open);
        let place = &desk.backups;
        let mut content = Self {
            form,
            hours: (0..24).map(|hour| (format!("{hour}"), format!("{hour:02}:00"))).collect(),
            rows: Vec::new(),
            is_copy: desk.store.restored_at().await?.is_some(),
            has_passphrase: place.passphrase.is_some(),
            folder: place.folder.display().to_string(),
            command: restore_command(desk, &backups),
            zone: desk.publication().zone.iana_name().unwrap_or("UTC").to_owned(),
            ..Self::default()
        };
        if let Some(open) = open {
            let BackupCounts { rows, all_rows, .. } = open.counts;
            (content.done, content.all) = (rows, all_rows);
            content.running = running(open, words);
        }
        let ended = backups.iter().filter(|backup| backup.state != BackupState::Open);
        content.rows = ended.map(|backup| row(desk, backup, words)).collect();
        Ok(content)
    }
}

fn running(backup: &StoredBackup, words: DeskWords) -> String {
    let BackupCounts { rows, all_rows, pictures } = backup.counts;
    if backup.server.is_empty() {
        return words.text("backups_waiting").to_owned();
    }
    words.fill(
        "backups_running",
        &[
            ("server", &backup.server),
            ("rows", &words.number(rows)),
            ("all", &words.number(all_rows)),
            ("pictures", &words.number(pictures)),
        ],
    )
}

fn row(desk: &DeskState, backup: &StoredBackup, words: DeskWords) -> BackupRow {
    let time = words.date_time(backup.at, &desk.publication().zone);
    let new = BackupRow { id: backup.id, time, ..BackupRow::default() };
    match &backup.state {
        BackupState::Open => new,
        BackupState::Failed { fault, .. } => {
            let fault = fault_in_words(fault, words);
            let text = words.fill("backups_failed", &[("fault", &fault)]);
            BackupRow { text, has_failed: true, ..new }
        }
        BackupState::Discarded { .. } => {
            BackupRow { text: words.text("backups_deleted").to_owned(), ..new }
        }
        BackupState::Done { file, bytes, .. } => {
            BackupRow { text: facts(backup, (file.as_str(), *bytes), words), has_file: true, ..new }
        }
    }
}

/// What there is to know about a backup that is complete.
fn facts(backup: &StoredBackup, (file, bytes): (&str, u64), words: DeskWords) -> String {
    let pictures = words.number(backup.counts.pictures);
    let pictures = if backup.with_pictures {
        words.fill("backups_pictures", &[("number", &pictures)])
    } else {
        words.text("backups_without_pictures").to_owned()
    };
    let encrypted = if backup.is_encrypted { "backups_encrypted" } else { "backups_readable" };
    let asked = if backup.is_scheduled { "backups_by_schedule" } else { "backups_by_hand" };
    let rows = words.fill("backups_rows", &[("number", &words.number(backup.counts.rows))]);
    [
        file.to_owned(),
        size(bytes, words),
        words.text("backups_verified").to_owned(),
        rows,
        pictures,
        words.text(encrypted).to_owned(),
        words.text(asked).to_owned(),
        words.fill("backups_server", &[("server", &backup.server)]),
    ]
    .join(" · ")
}

/// A size, in the largest unit of which there are ten or more.
fn size(bytes: u64, words: DeskWords) -> String {
    let (divisor, unit) = match bytes {
        0..10_000_000 => (1_000, "KB"),
        10_000_000..10_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{} {unit}", words.number(bytes.div_ceil(divisor)))
}

/// How the latest backup is restored, on a machine that has its file.
fn restore_command(desk: &DeskState, backups: &[StoredBackup]) -> String {
    let latest = backups.iter().find_map(|backup| match &backup.state {
        BackupState::Done { file, .. } => Some((file.as_str(), backup.is_encrypted)),
        _ => None,
    });
    let (file, is_encrypted) = latest.unwrap_or(("FILE", false));
    let file = desk.backups.folder.join(file);
    let passphrase = if is_encrypted { " --passphrase-file PASSPHRASE_FILE" } else { "" };
    format!("masthead --dir NEW_FOLDER restore {}{passphrase}", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up_and_short() {
        let size = |bytes| size(bytes, DeskWords::default());
        assert_eq!(size(1), "1 KB");
        assert_eq!(size(9_999_999), "10,000 KB");
        assert_eq!(size(10_000_000), "10 MB");
        assert_eq!(size(12_345_678_901), "13 GB");
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SettingsPage<BackupsContent> {
        fn samples() -> Vec<Self> {
            let done = BackupRow { id: 1, has_file: true, ..BackupRow::default() };
            let failed = BackupRow { id: 2, has_failed: true, ..BackupRow::default() };
            let full = BackupsContent {
                hours: vec![("3".into(), "03:00".into())],
                rows: vec![done, failed],
                running: "Going on".into(),
                done: 1,
                all: 2,
                has_passphrase: true,
                ..BackupsContent::default()
            };
            let copy = BackupsContent { is_copy: true, ..BackupsContent::default() };
            vec![
                Self::default(),
                Self { content: copy, ..Self::default() },
                Self { at: "keep".into(), ..Self::sample(full) },
            ]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SettingsPage<BackupsContent>>();
    }
}
