//! Adding a label to all readers who fit the filters of the list, or removing it: a job in the background, because they may be many.

use masthead_circulation::{AuditAction, AuditChange};
use masthead_store::{DeskJob, JobEntry, JobProgress, LabelChange, LabelPart};
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

/// Labels some more of the readers. How far the job is, is noted with it: what is counted is in the audit log at the end.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let wanted: Labelling = serde_json::from_str(&job.parameters)?;
    let selection = all_of(desk, &wanted.filters).await?;
    let part = LabelPart { selection: &selection, change: &wanted.change(), most: PART };
    let Some(done) = desk.store.label_part(&part, job).await? else {
        // Another server has the job, which this one is told when it goes on.
        return Ok(JobPart { progress: job.progress, next: JobNext::Part });
    };
    Ok(JobPart { progress: done.progress, next: JobNext::after_part(done.readers, PART) })
}

/// What the audit log says of the whole job.
pub(crate) fn audit_entry(job: &DeskJob, progress: JobProgress) -> Option<JobEntry> {
    let wanted: Labelling = serde_json::from_str(&job.parameters).ok()?;
    let readers = AuditChange::fact("readers", progress.done);
    let filters = AuditChange::between("filters", "", &wanted.filters.for_audit());
    let changes = [Some(wanted.change().audit()), Some(readers), filters];
    let changes = changes.into_iter().flatten().collect();
    Some(JobEntry { action: AuditAction::LabelledReaders, changes })
}

impl Labelling {
    fn change(&self) -> LabelChange {
        let label = self.label.clone();
        if self.is_removal { LabelChange::Remove(label) } else { LabelChange::Add(label) }
    }
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
        let checked =
            words.count("readers_labelling_checked", job.progress.done + job.progress.skipped);
        Some(ReaderJobRow::new(&job, format!("{text} {checked}")))
    };
    let jobs = recent_jobs(desk, JobKind::Labelling).await?;
    Ok(jobs.into_iter().filter_map(row).collect())
}
