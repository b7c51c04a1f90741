//! What the list of readers shows of long work with them, and having it go on.

use std::sync::Arc;

use axum::extract::{Path, State};
use jiff::SignedDuration;
use masthead_store::{DeskJob, StoreError};
use serde::Serialize;

use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    http::{see_other, with_query},
    jobs::JobKind,
    staff::CurrentStaff,
    state::DeskState,
};

/// How long the list shows what came of a job.
const SHOWN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Jobs of each kind that the list shows.
const MAX_SHOWN: u64 = 3;

/// A job, as the list shows it.
#[derive(Default, Serialize)]
pub(super) struct ReaderJobRow {
    pub text: String,
    /// Whether it goes on.
    pub is_running: bool,
    /// Where a form is sent that has it go on; empty unless it was given up.
    pub resumption: String,
}

impl ReaderJobRow {
    /// A job, with what is said about it.
    pub(super) fn new(job: &DeskJob, text: String) -> Self {
        let resumption = if job.is_stopped {
            format!("/desk/readers/jobs/{}/resumption", job.id)
        } else {
            String::new()
        };
        Self { text, is_running: job.finished.is_none(), resumption }
    }
}

/// `POST /desk/readers/jobs/{number}/resumption`: a job that was given up goes on where it stopped, for the person who asks.
pub(crate) async fn resume(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<String>,
    StaffForm(_): StaffForm<Fields>,
) -> Handled {
    let (by, now) = (staff.account.id, desk.now());
    let kinds = [JobKind::Labelling, JobKind::Extension].map(JobKind::name);
    let number = number.parse().unwrap_or_default();
    let told = if desk.store.resume_job(number, &kinds, by, now).await? {
        desk.jobs_wakeup.notify_one();
        "resumed-0-0"
    } else {
        "not_resumed-0-0"
    };
    Ok(see_other(&with_query("/desk/readers", &[("told", told)])))
}

/// The jobs of a kind in the last days, the latest first.
pub(super) async fn recent_jobs(
    desk: &DeskState,
    kind: JobKind,
) -> Result<Vec<DeskJob>, StoreError> {
    desk.store.jobs(kind.name(), desk.now() - SHOWN, MAX_SHOWN).await
}
