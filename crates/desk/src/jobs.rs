//! Long work that staff ask for, such as a change of many readers: it goes on in the background, and the page of its list says how
//! far it is.
//!
//! To add a kind, give it a variant of [`JobKind`], which asks for who may have it done and for what does a bounded part of it, and
//! show its jobs where they were asked for. A server that is killed repeats the part at most, so a part must change nothing twice.

use jiff::SignedDuration;
use masthead_circulation::{AuditChange, staff::Permission};
use masthead_store::{DeskJob, JobEnd, JobEntry, JobProgress, StoreError};
use masthead_telemetry::TaskError;
use serde::Serialize;

use crate::{
    archives::job as article_import,
    error::DeskError,
    payment_processor::job as processor_check,
    readers::{extension, import::job as reader_import, labelling},
    renaming,
    staff::CurrentStaff,
    state::DeskState,
};

/// How often in a row a job is begun, and does not go on, until it is given up: about a day, because it is tried again when its claim has
/// expired. It is not counted by the clock: a server that was off over the weekend has failed at nothing.
const MAX_ATTEMPTS: u32 = 720;
/// The same of an import of articles: one that takes more memory than there is ends the server each time.
const MAX_IMPORT_ATTEMPTS: u32 = 10;

/// How long a server leaves a job that it does not know to others.
const UNKNOWN: SignedDuration = SignedDuration::from_mins(1);

/// What a job does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
pub(crate) enum JobKind {
    /// Complimentary subscriptions are extended.
    #[strum(serialize = "extend-complimentary")]
    Extension,
    /// A label is added to readers, or removed.
    #[strum(serialize = "label-readers")]
    Labelling,
    /// An archive of another system is checked or imported.
    #[strum(serialize = "import-articles")]
    ArticleImport,
    /// A file of readers is imported.
    #[strum(serialize = "import-readers")]
    ReaderImport,
    /// The payment processor is checked.
    #[strum(serialize = "check-processor")]
    ProcessorCheck,
    /// An author or a topic is renamed in many articles.
    #[strum(serialize = "rename-in-articles")]
    Renaming,
}

impl JobKind {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What its requester must be permitted while it goes on; `None` if it ends what has begun in any case.
    fn permission(self) -> Option<Permission> {
        match self {
            Self::Extension | Self::Labelling | Self::ReaderImport => {
                Some(Permission::SupportReaders)
            }
            Self::ArticleImport => Some(Permission::ManageStaff),
            Self::ProcessorCheck | Self::Renaming => None,
        }
    }
}

/// How a job goes on after a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobNext {
    /// With another part, at once.
    Part,
    /// With another part, after this time.
    Later(SignedDuration),
    /// Not at all.
    End(JobEnd),
}

impl JobNext {
    /// How a job goes on after a part of `count` items, of at most `most`: a part with fewer is the last.
    pub fn after_part(count: u64, most: u64) -> Self {
        if count < most { Self::End(JobEnd::Done) } else { Self::Part }
    }
}

/// What a part of a job came to.
#[derive(Debug)]
pub(crate) struct JobPart {
    /// How far the job is now.
    pub progress: JobProgress,
    pub next: JobNext,
}

/// What a job is to do, as it is stored.
pub(crate) fn parameters(kind: JobKind, wanted: &impl Serialize) -> Result<String, DeskError> {
    serde_json::to_string(wanted).map_err(|error| DeskError::failed(kind.name(), error))
}

impl DeskState {
    /// Adds a job, which a server begins at once.
    pub(crate) async fn add_job(
        &self,
        staff: &CurrentStaff,
        kind: JobKind,
        wanted: &impl Serialize,
    ) -> Result<(), DeskError> {
        let parameters = parameters(kind, wanted)?;
        self.store.add_job(kind.name(), &parameters, staff.account.id, self.now()).await?;
        self.jobs_wakeup.notify_one();
        Ok(())
    }

    /// Does what staff have asked for, until nothing is left.
    ///
    /// # Errors
    ///
    /// Fails if the database does. A job that fails holds up no other: it is tried again once its claim has expired.
    pub async fn run_jobs(&self) -> Result<(), TaskError> {
        let mut first = Ok(());
        while let Some(job) = self.store.claim_job(self.now()).await? {
            let done = self.run_job(job).await;
            // It takes memory, and its temporary file, only while its job runs.
            self.open_archive.lock().take();
            first = first.and(done);
        }
        first
    }

    async fn run_job(&self, mut job: DeskJob) -> Result<(), TaskError> {
        if is_hopeless(&job) {
            tracing::error!(job = job.id, attempts = job.attempts, "jobs: given up");
            let progress = JobProgress { failed: job.progress.failed + 1, ..job.progress };
            return self.end_job(&mut job, progress, JobEnd::Stopped).await;
        }
        loop {
            let JobPart { progress, next } = self.run_part(&job).await?;
            match next {
                JobNext::Later(pause) => {
                    return Ok(self.store.postpone_job(&job, self.now() + pause).await?);
                }
                JobNext::End(end) => return self.end_job(&mut job, progress, end).await,
                JobNext::Part => {}
            }
            if !self.store.advance_job(&mut job, progress, None, self.now()).await? {
                return Ok(());
            }
        }
    }

    async fn end_job(
        &self,
        job: &mut DeskJob,
        progress: JobProgress,
        end: JobEnd,
    ) -> Result<(), TaskError> {
        let entry = audit_entry(job, progress, end);
        self.store.end_job(job, progress, (end, entry), self.now()).await?;
        Ok(())
    }

    async fn run_part(&self, job: &DeskJob) -> Result<JobPart, TaskError> {
        let Ok(kind) = job.kind.parse::<JobKind>() else {
            // During an upgrade, one server after another, a newer one has added it.
            tracing::warn!(kind = job.kind, "jobs: unknown kind; it is left to a newer server");
            return Ok(JobPart { progress: job.progress, next: JobNext::Later(UNKNOWN) });
        };
        if !self.may_go_on(kind, job).await? {
            tracing::warn!(
                job = job.id,
                "jobs: who asked for it has lost the right; it is stopped"
            );
            return Ok(stopped(job));
        }
        match kind {
            JobKind::Extension => extension::run_part(self, job).await,
            JobKind::Labelling => labelling::run_part(self, job).await,
            JobKind::ArticleImport => article_import::run_part(self, job).await,
            JobKind::ReaderImport => reader_import::run_part(self, job).await,
            JobKind::ProcessorCheck => processor_check::run_part(self, job).await,
            JobKind::Renaming => renaming::run_part(self, job).await,
        }
    }

    /// Whether who asked for a job may still have it done.
    async fn may_go_on(&self, kind: JobKind, job: &DeskJob) -> Result<bool, StoreError> {
        let Some(permission) = kind.permission() else { return Ok(true) };
        let Some(by) = job.by else { return Ok(false) };
        Ok(self.store.staff(by).await?.is_some_and(|staff| staff.role.may(permission)))
    }
}

/// Whether a job that was begun again is given up.
fn is_hopeless(job: &DeskJob) -> bool {
    let most = match job.kind.parse() {
        Ok(JobKind::ArticleImport) => MAX_IMPORT_ATTEMPTS,
        // Half of a renaming would stay for good, and what a later version asks for is left to it.
        Ok(JobKind::Renaming) | Err(_) => return false,
        Ok(_) => MAX_ATTEMPTS,
    };
    job.attempts > most
}

/// What the audit log says of a job at its end; `None` if its parts have entries of their own.
fn audit_entry(job: &DeskJob, progress: JobProgress, end: JobEnd) -> Option<JobEntry> {
    let mut entry = match job.kind.parse::<JobKind>().ok()? {
        JobKind::Extension => extension::audit_entry(job, progress),
        JobKind::Labelling => labelling::audit_entry(job, progress),
        JobKind::ArticleImport
        | JobKind::ReaderImport
        | JobKind::ProcessorCheck
        | JobKind::Renaming => None,
    }?;
    if end == JobEnd::Stopped {
        entry.changes.push(AuditChange::fact("stopped", "true"));
    }
    Some(entry)
}

/// A job that is given up where it is.
pub(crate) fn stopped(job: &DeskJob) -> JobPart {
    JobPart { progress: job.progress, next: JobNext::End(JobEnd::Stopped) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_names_its_own_job_as_the_desk_reads_it() {
        assert_eq!(JobKind::Renaming.name(), masthead_store::RENAMING);
    }
}
