//! Long work that staff ask for, such as a change of many readers: it goes on in the background, and the page of its list says how
//! far it is.
//!
//! To add a kind, give it a name here, let [`DeskState::run_part`] do a bounded part of it, and show its jobs where they were
//! asked for. A server that is killed repeats the part at most, so a part must change nothing twice.

use jiff::SignedDuration;
use masthead_store::{DeskJob, JobProgress, RENAMING};
use masthead_telemetry::TaskError;

use crate::{readers::extension, renaming, state::DeskState};

/// The name of the extension of complimentary subscriptions.
pub(crate) const EXTENSION: &str = "extend-complimentary";

/// How long after it was asked for a job that fails again and again is given up.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What a part of a job came to.
pub(crate) struct JobPart {
    /// How far the job is now.
    pub progress: JobProgress,
    /// Whether nothing is left to do.
    pub is_finished: bool,
}

impl DeskState {
    /// Does what staff have asked for, until nothing is left.
    ///
    /// # Errors
    ///
    /// Fails if the database does. A job that fails holds up no other: it is tried again once its claim has expired.
    pub async fn run_jobs(&self) -> Result<(), TaskError> {
        let mut first = Ok(());
        while let Some(job) = self.store.claim_job(self.now()).await? {
            let done = self.run_job(job).await;
            first = first.and(done);
        }
        first
    }

    async fn run_job(&self, mut job: DeskJob) -> Result<(), TaskError> {
        loop {
            let JobPart { progress, is_finished } = match self.run_part(&job).await {
                Err(error) if job.at + GIVEN_UP_AFTER < self.now() => {
                    tracing::error!(%error, job = job.id, "jobs: given up");
                    let progress = job.progress;
                    let progress = JobProgress { failed: progress.failed + 1, ..progress };
                    JobPart { progress, is_finished: true }
                }
                part => part?,
            };
            let is_ours =
                self.store.advance_job(&mut job, progress, is_finished, self.now()).await?;
            if is_finished || !is_ours {
                return Ok(());
            }
        }
    }

    async fn run_part(&self, job: &DeskJob) -> Result<JobPart, TaskError> {
        match job.kind.as_str() {
            EXTENSION => extension::run_part(self, job).await,
            RENAMING => renaming::run_part(self, job).await,
            other => {
                tracing::error!(kind = other, "jobs: unknown kind; it is given up");
                Ok(JobPart { progress: job.progress, is_finished: true })
            }
        }
    }
}
