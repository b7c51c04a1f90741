//! `/desk/readers/imports/{key}`: a file of readers. Before it is imported, the page shows its first lines and every fault; then how far
//! the import is, and what came of it.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use masthead_circulation::{AccountId, AuditChange};
use masthead_store::{ImportStart, ReaderImport};
use serde::Serialize;

use super::{
    address,
    details::{ImportDetails, ImportOptions},
    job::ReaderImportJob,
    page_texts::{fault_line, given, more_faults, notes, outcome},
    row::ImportRow,
    upload,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    http::see_other,
    jobs::{JobKind, parameters},
    readers::{
        label::{LabelFault, MAX_LABEL, parse_label},
        list::MAX_LABELS,
    },
    security_log::nothing_changed,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// Readers that are shown before they are imported.
const SHOWN: usize = 10;

#[derive(Default, Serialize)]
struct ImportPage {
    address: String,
    file_name: String,
    /// How far it is: `open`, `running`, `stopped` or `done`.
    state: &'static str,
    lead: String,
    notes: Vec<String>,
    rows: Vec<PreviewRow>,
    faults: Vec<String>,
    more_faults: String,
    /// Whether anybody gets a subscription.
    has_subscriptions: bool,
    /// Readers in the file, and how many are done.
    readers: u64,
    done: u64,
    outcome: Vec<String>,
    button: String,
    label: String,
    labels: Vec<String>,
    emails: bool,
    fault: String,
    at: &'static str,
}

#[derive(Default, Serialize)]
struct PreviewRow {
    line: u64,
    email: String,
    name: String,
    labels: String,
    note: String,
    given: String,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "reader-import.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/readers/imports/{key}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    show(&desk, &staff, &import, (&ImportOptions::default(), String::new())).await
}

/// `POST /desk/readers/imports/{key}`: starts, stops or resumes the import, or deletes the file.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    let (id, by, now) = (import.id, staff.account.id, desk.now());
    let (is_changed, response) = match fields.text("do").as_str() {
        "delete" => (desk.store.delete_reader_import(id, by, now).await?, upload::away()),
        "stop" => (desk.store.stop_reader_import(id, by, now).await?, see_other(&address(id))),
        "resume" => (resume(&desk, id, by).await?, see_other(&address(id))),
        _ => return choose_options(&desk, &staff, &import, &fields).await,
    };
    Ok(if is_changed { response } else { nothing_changed(response) })
}

/// Has an import that was stopped continue. Returns `false` if it was not stopped.
async fn resume(desk: &DeskState, id: i32, by: AccountId) -> Result<bool, DeskError> {
    let is_resumed = desk.store.resume_reader_import(id, by, desk.now()).await?;
    desk.jobs_wakeup.notify_one();
    Ok(is_resumed)
}

/// Starts an import with the options of the form.
async fn choose_options(
    desk: &DeskState,
    staff: &CurrentStaff,
    import: &ReaderImport,
    fields: &Fields,
) -> Handled {
    let words = staff.words;
    let mut options = ImportOptions {
        label: fields.text("label"),
        emails: fields.has("emails"),
        reason: words.text("import_reason").to_owned(),
    };
    options.label = match parse_label(&options.label) {
        Ok(label) => label,
        Err(LabelFault::Empty) => String::new(),
        Err(LabelFault::TooLong) => {
            let fault = words.fill("import_fault_label", &[("most", &MAX_LABEL)]);
            return show(desk, staff, import, (&options, fault)).await;
        }
    };
    let is_started = start(desk, staff, import, &options).await?;
    let response = see_other(&address(import.id));
    Ok(if is_started { response } else { nothing_changed(response) })
}

/// Starts an import. Returns `false` if it was started before.
async fn start(
    desk: &DeskState,
    staff: &CurrentStaff,
    import: &ReaderImport,
    options: &ImportOptions,
) -> Result<bool, DeskError> {
    let kind = JobKind::ReaderImport;
    let emails = if options.emails { "yes" } else { "no" };
    let label = AuditChange::between("label", "", &options.label);
    let changes = label.into_iter().chain([AuditChange::fact("emails", emails)]).collect();
    let start = ImportStart {
        options: &parameters(kind, options)?,
        job: kind.name(),
        parameters: &parameters(kind, &ReaderImportJob { import: import.id })?,
        changes,
        by: staff.account.id,
    };
    let is_started = desk.store.start_reader_import(import.id, start, desk.now()).await?;
    desk.jobs_wakeup.notify_one();
    Ok(is_started)
}

/// The file with this number, if there is one.
pub(super) async fn find(desk: &DeskState, key: &str) -> Result<Option<ReaderImport>, DeskError> {
    let Ok(id) = key.parse() else { return Ok(None) };
    Ok(desk.store.reader_import(id).await?)
}

/// What the check of a file has found.
pub(super) fn details(import: &ReaderImport) -> Result<ImportDetails, DeskError> {
    serde_json::from_str(&import.details)
        .map_err(|error| DeskError::failed("readers: import", error))
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    import: &ReaderImport,
    (options, fault): (&ImportOptions, String),
) -> Handled {
    let (words, zone) = (staff.words, desk.publication().zone);
    let (state, details) = (state(import), details(import)?);
    let lead = match state {
        "open" => "import_lead_open",
        "running" => "import_lead_running",
        "stopped" => "import_lead_stopped",
        _ => "import_lead_done",
    };
    let time = words.date_time(import.started.unwrap_or(import.at), &zone);
    let readers = words.count("readers_found", import.readers);
    let lead = words.fill(lead, &[("time", &time), ("readers", &readers)]);
    let rows = if state == "open" { preview(desk, staff, import).await? } else { Vec::new() };
    let labels = desk.store.all_labels(MAX_LABELS).await?;
    let counts = import.counts;
    let page = ImportPage {
        address: address(import.id),
        file_name: import.file_name.clone(),
        state,
        lead,
        notes: notes(import, &details, words),
        rows,
        faults: details.faults.iter().map(|fault| fault_line(fault, words)).collect(),
        more_faults: more_faults(import, words),
        has_subscriptions: details.subscriptions > 0,
        readers: import.readers,
        done: counts.added + counts.changed + counts.unchanged + counts.refused,
        outcome: outcome(import, words),
        button: words.count("import_start", import.readers),
        label: options.label.clone(),
        labels,
        emails: options.emails,
        fault,
        at: "label",
    };
    Ok(desk.page(staff, &page))
}

/// How far an import is.
fn state(import: &ReaderImport) -> &'static str {
    match (import.started, import.finished) {
        (None, _) => "open",
        (Some(_), Some(_)) => "done",
        (Some(_), None) if import.is_stopped => "stopped",
        (Some(_), None) => "running",
    }
}

/// The first readers of a file.
async fn preview(
    desk: &DeskState,
    staff: &CurrentStaff,
    import: &ReaderImport,
) -> Result<Vec<PreviewRow>, DeskError> {
    let Some(part) = desk.store.reader_import_part(import.id, 1).await? else {
        return Ok(Vec::new());
    };
    // It was started just now.
    if part.readers.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ImportRow> = serde_json::from_str(&part.readers)
        .map_err(|error| DeskError::failed("readers: import", error))?;
    let shown = rows.into_iter().take(SHOWN).map(|row| PreviewRow {
        line: row.line,
        labels: row.labels.join("; "),
        given: given(row.given.as_ref(), staff.words),
        email: row.email,
        name: row.name,
        note: row.note,
    });
    Ok(shown.collect())
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ImportPage {
        fn samples() -> Vec<Self> {
            let states = ["open", "running", "stopped", "done"];
            let full = states.map(|state| Self {
                state,
                notes: vec!["Columns".into()],
                rows: vec![PreviewRow::default()],
                faults: vec!["Line 2".into()],
                more_faults: "More".into(),
                has_subscriptions: true,
                readers: 2,
                outcome: vec!["1 added".into()],
                labels: vec!["school".into()],
                fault: "Wrong".into(),
                ..Self::default()
            });
            full.into_iter().chain([Self::default()]).collect()
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ImportPage>();
    }
}
