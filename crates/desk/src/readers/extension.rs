//! Extending the complimentary subscriptions of all readers who fit the filters of the list: a job in the background, because they
//! may be many.

use jiff::Timestamp;
use masthead_billing::{BillingError, staff_actions::EntryError};
use masthead_circulation::{
    AuditAction, AuditChange, StaffActor, State, Subscription, SubscriptionId, last_day,
};
use masthead_store::{DeskJob, JobEntry, JobProgress, StoreError};
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

/// Subscriptions that are changed before it is noted how far the job is.
const PART: u64 = 50;
/// How often a subscription is tried that others change at the same time.
const ATTEMPTS: usize = 3;

/// What is to be done.
#[derive(Debug, Deserialize, Serialize)]
struct Extension {
    /// Whose subscriptions.
    filters: ReadersForm,
    /// The first instant after the last day.
    ends: Timestamp,
    reason: String,
}

/// What became of one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extended {
    Done,
    /// It lasts longer already, or is over.
    Unchanged,
    /// Something is wrong with it; the log has the reason.
    Failed,
}

/// Adds the job.
pub(super) async fn start(
    desk: &DeskState,
    staff: &CurrentStaff,
    filters: ReadersForm,
    ends: Timestamp,
) -> Result<(), DeskError> {
    let reason = staff.words.text("readers_extend_reason").to_owned();
    desk.add_job(staff, JobKind::Extension, &Extension { filters, ends, reason }).await
}

/// Extends some more of the subscriptions.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let Extension { filters, ends, reason } = serde_json::from_str(&job.parameters)?;
    let actor = StaffActor { by: job.by, reason };
    let selection = all_of(desk, &filters).await?;
    let mut progress = job.progress;
    let after = SubscriptionId(u32::try_from(progress.position).unwrap_or(u32::MAX));
    let part = desk.store.complimentary_subscriptions(&selection, after, PART).await?;
    for held in &part {
        match extend(desk, held, ends, &actor).await? {
            Extended::Done => progress.done += 1,
            Extended::Unchanged => progress.skipped += 1,
            Extended::Failed => progress.failed += 1,
        }
        progress.position = held.id.0.into();
    }
    Ok(JobPart { progress, next: JobNext::after_part(part.len() as u64, PART) })
}

/// Lets one subscription last longer. The change is made only to the version that was read. One that ends at that time already,
/// as after a server that was killed, counts as done.
pub(super) async fn extend(
    desk: &DeskState,
    held: &Subscription,
    ends: Timestamp,
    actor: &StaffActor,
) -> Result<Extended, StoreError> {
    if held.state == (State::Cancelling { ends, trial: false }) {
        return Ok(Extended::Done);
    }
    for _ in 0..ATTEMPTS {
        match desk.billing.extend_complimentary(held.id, ends, Some(actor.clone())).await {
            Ok(_) => return Ok(Extended::Done),
            Err(EntryError::Failed(BillingError::Store(error))) => return Err(error),
            Err(EntryError::Failed(error)) => {
                tracing::error!(%error, subscription = held.id.0, "readers: not extended");
                return Ok(Extended::Failed);
            }
            // Somebody else has changed it since it was read.
            Err(EntryError::Overtaken(_)) => {}
            Err(_) => return Ok(Extended::Unchanged),
        }
    }
    Ok(Extended::Failed)
}

/// What the audit log says of the whole job. Each subscription has an entry of its own.
pub(crate) fn audit_entry(job: &DeskJob, progress: JobProgress) -> Option<JobEntry> {
    let wanted: Extension = serde_json::from_str(&job.parameters).ok()?;
    let subscriptions = AuditChange::fact("subscriptions", progress.done);
    let ends = AuditChange::fact("ends", wanted.ends);
    let filters = AuditChange::between("filters", "", &wanted.filters.for_audit());
    let changes = [Some(subscriptions), Some(ends), filters].into_iter().flatten().collect();
    Some(JobEntry { action: AuditAction::ExtendedSubscriptions, changes })
}

/// The extensions of the last days, the latest first.
pub(super) async fn rows(
    desk: &DeskState,
    staff: &CurrentStaff,
) -> Result<Vec<ReaderJobRow>, DeskError> {
    let (words, zone) = (staff.words, desk.publication().zone);
    let row = |job: DeskJob| {
        let wanted: Option<Extension> = serde_json::from_str(&job.parameters).ok();
        let until = wanted.map(|of| words.day(last_day(of.ends, &zone))).unwrap_or_default();
        let name = match (job.finished.is_some(), job.is_stopped) {
            (true, false) => "readers_extension_done",
            (true, true) => "readers_extension_stopped",
            (false, _) => "readers_extension_runs",
        };
        let time = words.date_time(job.at, &zone);
        let JobProgress { done, skipped, failed, .. } = job.progress;
        let mut text = words.fill(name, &[("time", &time), ("date", &until)]);
        for (name, count) in [
            ("readers_extension_extended", Some(done)),
            ("readers_extension_same", Some(skipped).filter(|count| *count > 0)),
            ("readers_extension_failed", Some(failed).filter(|count| *count > 0)),
        ] {
            let Some(count) = count else { continue };
            text.push(' ');
            text.push_str(&words.count(name, count));
        }
        ReaderJobRow::new(&job, text)
    };
    let jobs = recent_jobs(desk, JobKind::Extension).await?;
    Ok(jobs.into_iter().map(row).collect())
}
