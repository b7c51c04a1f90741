//! Authors and topics of many articles that are renamed or merged: what is left after the first articles is a job in the background.

use masthead_circulation::reading::FollowKind;
use masthead_store::{DeskJob, JobEnd, JobProgress, RENAMING, Renaming, StoreError};
use masthead_telemetry::TaskError;

use crate::{
    jobs::{JobNext, JobPart},
    state::DeskState,
    words::DeskWords,
};

/// Jobs that are looked at for a page.
const MAX_SHOWN: u64 = 100;

/// Renames the author or topic in some more articles, or lets some more readers follow the other.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let wanted: Renaming = serde_json::from_str(&job.parameters)?;
    let part = desk.store.continue_renaming(&wanted, job.progress.position).await?;
    let done = job.progress.done + part.articles;
    let progress = JobProgress { position: part.position, done, ..job.progress };
    let next = if part.is_finished { JobNext::End(JobEnd::Done) } else { JobNext::Part };
    Ok(JobPart { progress, next })
}

/// How far the jobs are that give articles to an author or topic: a sentence each.
pub(crate) async fn progress(
    desk: &DeskState,
    words: DeskWords,
    kind: FollowKind,
    slug: &str,
) -> Result<Vec<String>, StoreError> {
    let jobs = desk.store.jobs(RENAMING, desk.now(), MAX_SHOWN).await?;
    let is_theirs = |job: &&DeskJob| {
        let renaming = serde_json::from_str::<Renaming>(&job.parameters);
        let is_theirs =
            renaming.is_ok_and(|wanted| wanted.kind == kind.name() && wanted.into == slug);
        is_theirs && job.finished.is_none()
    };
    let text = |job: &DeskJob| words.count("renaming_runs", job.progress.done);
    Ok(jobs.iter().filter(is_theirs).map(text).collect())
}
