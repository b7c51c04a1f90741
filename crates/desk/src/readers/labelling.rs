//! Adding a label to all readers who fit the filters of the list, or removing it: a job in the background, because they may be many.

use masthead_circulation::AccountId;
use masthead_store::{DeskJob, JobProgress, LabelChange, LabelPart};
use masthead_telemetry::TaskError;
use serde::{Deserialize, Serialize};

use super::{
    form::ReadersForm,
    job_rows::{ReaderJobRow, recent_jobs},
    list::all_of,
};
use crate::{
    error::DeskError,
    jobs::{JobKind, JobNext, JobPart},
    staff::CurrentStaff,
    state::DeskState,
};

/// Readers in one transaction. On SQLite nobody else writes meanwhile.
const PART: u64 = 500;

/// What is to be done.
#[derive(Debug, Deserialize, Serialize)]
struct Labelling {
    /// With whom.
    filters: ReadersForm,
    label: String,
    /// Whether the label is removed, and not added.
    is_removal: bool,
}

/// Adds the job.
pub(super) async fn start(
    desk: &DeskState,
    staff: &CurrentStaff,
    filters: ReadersForm,
    change: LabelChange,
) -> Result<(), DeskError> {
    let (label, is_removal) = match change {
        LabelChange::Add(label) => (label, false),
        LabelChange::Remove(label) => (label, true),
    };
    desk.add_job(staff, JobKind::Labelling, &Labelling { filters, label, is_removal }).await
}

/// Labels some more of the readers. Those who have the label already count as well, so that a part that is repeated is counted alike.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let Labelling { filters, label, is_removal } = serde_json::from_str(&job.parameters)?;
    let selection = all_of(desk, &filters).await?;
    let part = LabelPart {
        selection: &selection,
        change: &if is_removal { LabelChange::Remove(label) } else { LabelChange::Add(label) },
        filters: &filters.for_audit(),
        after: AccountId(u32::try_from(job.progress.position).unwrap_or(u32::MAX)),
        most: PART,
    };
    let readers = desk.store.label_part(&part, job.by, desk.now()).await?;
    let count = readers.len() as u64;
    let position = readers.last().map_or(job.progress.position, |last| last.0.into());
    let progress = JobProgress { position, done: job.progress.done + count, ..job.progress };
    Ok(JobPart { progress, next: JobNext::after_part(count, PART) })
}

/// The jobs of the last days, the latest first.
pub(super) async fn rows(
    desk: &DeskState,
    staff: &CurrentStaff,
) -> Result<Vec<ReaderJobRow>, DeskError> {
    let (words, zone) = (staff.words, desk.publication().zone);
    let row = |job: DeskJob| {
        let wanted: Labelling = serde_json::from_str(&job.parameters).ok()?;
        let name = match (wanted.is_removal, job.finished.is_some(), job.is_stopped) {
            (false, false, _) => "readers_labelling_runs",
            (false, true, false) => "readers_labelling_done",
            (false, true, true) => "readers_labelling_stopped",
            (true, false, _) => "readers_unlabelling_runs",
            (true, true, false) => "readers_unlabelling_done",
            (true, true, true) => "readers_unlabelling_stopped",
        };
        let time = words.date_time(job.at, &zone);
        let text = words.fill(name, &[("label", &wanted.label), ("time", &time)]);
        let checked = words.count("readers_labelling_checked", job.progress.done);
        Some(ReaderJobRow { text: format!("{text} {checked}"), is_running: job.finished.is_none() })
    };
    let jobs = recent_jobs(desk, JobKind::Labelling).await?;
    Ok(jobs.into_iter().filter_map(row).collect())
}
