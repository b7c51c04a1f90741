//! `/desk/imports/{key}`: an archive. The page shows how far its check is and what it found; then how far the import is, and what came of it.

use std::sync::Arc;

use axum::extract::{Path, State};
use masthead_circulation::AccountId;
use masthead_import::ImportSummary;
use masthead_store::{ArticleImport, ArticleImportJob, ImportPictureCounts};
use serde::Serialize;

use super::{
    PAGE, address,
    job::{ArchiveJob, summary_of},
    opened::{ArchiveFault, MAX_ENTRIES, MAX_TEXT},
    progress::ArchiveProgress,
    reasons::{ReasonRow, counts, kept_rows, notes, rows},
    upload,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm},
    format::colleague_or_former,
    http::see_other,
    jobs::{JobKind, parameters},
    security_log::nothing_changed,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

#[derive(Default, Serialize)]
struct ArchivePage {
    address: String,
    file_name: String,
    lead: String,
    progress: ArchiveProgress,
    counts: Vec<String>,
    notes: Vec<String>,
    changes: Vec<ReasonRow>,
    kept: Vec<ReasonRow>,
    left_out: Vec<ReasonRow>,
    /// The button that starts the import; empty if there is nothing to import.
    button: String,
    /// How many pictures are needed, and how many are not stored; empty if none is needed.
    pictures: Vec<String>,
    /// Whether pictures are missing that can be added now.
    lacks_pictures: bool,
    /// Whether there is a report of each entry.
    has_report: bool,
}

impl Page for ArchivePage {
    const TEMPLATE: &'static str = "archive.html";
}

/// `GET /desk/imports/{key}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    let words = staff.words;
    let summary =
        summary_of(&import).map_err(|error| DeskError::failed("archives: read", error))?;
    let progress = ArchiveProgress::load(&desk, &import, words).await?;
    let has_begun = summary.seen > 0;
    let needed = desk.store.count_import_pictures(import.id).await?;
    let page = ArchivePage {
        address: address(import.id),
        file_name: import.file_name.clone(),
        lead: lead(&desk, &import, (progress.state, &summary), words).await?,
        progress,
        counts: if has_begun { counts(&summary, words) } else { Vec::new() },
        notes: notes(&summary, words),
        changes: rows(&summary.changes, words),
        kept: kept_rows(&summary.kept, words),
        left_out: rows(&summary.left_out, words),
        button: button(&summary, words),
        pictures: pictures_in_words(needed, words),
        lacks_pictures: needed.missing > 0,
        has_report: has_begun,
    };
    Ok(desk.page(&staff, &page))
}

fn pictures_in_words(needed: ImportPictureCounts, words: DeskWords) -> Vec<String> {
    let all =
        [("archive_pictures_missing", needed.missing), ("archive_pictures_stored", needed.stored)];
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(name, count)| words.count(name, count)).collect()
}

/// The button that starts an import; empty if there is nothing to import.
fn button(summary: &ImportSummary, words: DeskWords) -> String {
    let articles = summary.new + summary.changed;
    if articles == 0 { String::new() } else { words.count("archive_start", articles) }
}

/// `POST /desk/imports/{key}/state`: starts, stops or resumes the import, has the archive checked again, or deletes it.
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    let (id, by, now) = (import.id, staff.account.id, desk.now());
    let is_changed = match fields.text("do").as_str() {
        "start" => {
            let parameters = job_parameters(id)?;
            desk.store.start_article_import(id, job(&parameters, by), now).await?
        }
        "check" => {
            let parameters = job_parameters(id)?;
            desk.store.recheck_article_import(id, job(&parameters, by), now).await?
        }
        "stop" => desk.store.stop_article_import(id, by, now).await?,
        "resume" => desk.store.resume_article_import(id, by, now).await?,
        "delete" => {
            let is_deleted = desk.store.delete_article_import(id, by, now).await?;
            return Ok(if is_deleted { see_other(PAGE) } else { nothing_changed(upload::away()) });
        }
        _ => false,
    };
    desk.jobs_wakeup.notify_one();
    let response = see_other(&address(id));
    Ok(if is_changed { response } else { nothing_changed(response) })
}

/// What the job of an archive is to do.
pub(super) fn job_parameters(import: i32) -> Result<String, DeskError> {
    parameters(JobKind::ArticleImport, &ArchiveJob { import })
}

/// The job of an archive.
pub(super) fn job(parameters: &str, by: AccountId) -> ArticleImportJob<'_> {
    ArticleImportJob { kind: JobKind::ArticleImport.name(), parameters, by }
}

/// The archive with this number, if there is one.
pub(super) async fn find(desk: &DeskState, key: &str) -> Result<Option<ArticleImport>, DeskError> {
    let Ok(id) = key.parse() else { return Ok(None) };
    Ok(desk.store.article_import(id).await?)
}

/// What is being done, by whom, and what to do next.
async fn lead(
    desk: &DeskState,
    import: &ArticleImport,
    (state, summary): (&str, &ImportSummary),
    words: DeskWords,
) -> Result<String, DeskError> {
    let zone = desk.publication().zone;
    let by = colleague_or_former(&desk.store.all_staff().await?, import.by, words);
    let time = words.date_time(import.started.unwrap_or(import.at), &zone);
    let name = match state {
        "checking" => "archive_lead_checking",
        "check-stopped" => "archive_lead_check_stopped",
        "ready" if summary.new + summary.changed == 0 => "archive_lead_nothing",
        "ready" => "archive_lead_ready",
        "importing" => "archive_lead_importing",
        "stopped" => "archive_lead_stopped",
        "done" => "archive_lead_done",
        _ => return Ok(fault_in_words(import, words)),
    };
    Ok(words.fill(name, &[("by", &by), ("time", &time)]))
}

/// Why an archive cannot be read, and what to do.
fn fault_in_words(import: &ArticleImport, words: DeskWords) -> String {
    let filled = |name, most: u64| words.fill(name, &[("most", &words.number(most))]);
    match import.fault.parse() {
        Ok(ArchiveFault::TooLong) => filled("archive_fault_long", MAX_TEXT / 1024 / 1024),
        Ok(ArchiveFault::TooMany) => filled("archive_fault_many", MAX_ENTRIES as u64),
        Ok(ArchiveFault::Damaged) => words.text("archive_fault_damaged").to_owned(),
        Ok(ArchiveFault::NoExport) | Err(_) => words.text("archive_fault_no_export").to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ArchivePage {
        fn samples() -> Vec<Self> {
            let states =
                ["checking", "check-stopped", "ready", "importing", "stopped", "done", "failed"];
            let row = |address: &str| ReasonRow {
                times: "2".into(),
                why: "comments were left out".into(),
                example: "Ferry".into(),
                address: address.into(),
            };
            let full = states.map(|state| Self {
                progress: ArchiveProgress { state, text: "Half".into(), done: 1, all: 2 },
                button: "Import 1 article".into(),
                counts: vec!["1 new article".into()],
                notes: vec!["2 lines".into()],
                changes: vec![row("/desk/articles/7"), row("")],
                kept: vec![row("https://old.example/7")],
                left_out: vec![row("https://old.example/8")],
                pictures: vec!["1 picture".into()],
                lacks_pictures: true,
                has_report: true,
                ..Self::default()
            });
            full.into_iter().chain([Self::default()]).collect()
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ArchivePage>();
    }
}
