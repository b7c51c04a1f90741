//! Long work that staff ask for: what is to be done, how far it is, and what came of it. One server at a time has a job; one that
//! is killed leaves it where it was, and another goes on from there once the claim has expired.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, UpdateMany,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    ids::Key,
    records::desk_job as row,
    time,
};

/// How long a server has a job without saying how far it is.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);

/// A job, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskJob {
    /// Its number.
    pub id: i32,
    /// What is done, in a word.
    pub kind: String,
    /// Who asked for it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// What exactly is to be done, as the desk reads it.
    pub parameters: String,
    /// How far it is.
    pub progress: JobProgress,
    /// When it was finished; `None` while it goes on.
    pub finished: Option<Timestamp>,
    /// Whether it was given up before all was done.
    pub is_stopped: bool,
    /// How often a server has claimed it since it last went on. A part that fails, or ends its server, is tried again by another claim.
    pub attempts: u32,
    /// Until when a server has it.
    claimed_until: i64,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobProgress {
    /// The last item that was looked at.
    pub position: i64,
    /// Items that were changed.
    pub done: u64,
    /// Items that needed no change.
    pub skipped: u64,
    /// Items that could not be changed.
    pub failed: u64,
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// All is done.
    Done,
    /// It is given up.
    Stopped,
}

/// What the audit log says of a job that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEntry {
    /// What was done.
    pub action: AuditAction,
    /// With how many of whom, and how they were chosen.
    pub changes: Vec<AuditChange>,
}

/// A job that is not stored yet.
pub(crate) struct NewJob<'a> {
    /// What is done, in a word.
    pub kind: &'a str,
    /// What exactly is to be done.
    pub parameters: &'a str,
    /// What is done already.
    pub progress: JobProgress,
}

impl Store {
    /// Adds a job, which any server claims.
    #[tracing::instrument(skip_all)]
    pub async fn add_job(
        &self,
        kind: &str,
        parameters: &str,
        by: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let job = NewJob { kind, parameters, progress: JobProgress::default() };
        add(&self.database, job, by, at).await.map(drop)
    }

    /// Adds a job that this server has claimed. If it is killed, another has it once the claim has expired.
    #[tracing::instrument(skip_all)]
    pub async fn add_claimed_job(
        &self,
        kind: &str,
        parameters: &str,
        by: AccountId,
        at: Timestamp,
    ) -> Result<DeskJob, StoreError> {
        let claimed_until = (at + CLAIM).as_second();
        let job = NewJob { kind, parameters, progress: JobProgress::default() };
        let job = new_row(&job, by, at);
        let job = row::ActiveModel { claimed_until: Set(claimed_until), ..job };
        let id = row::Entity::insert(job).exec(&self.database).await?.last_insert_id;
        Ok(DeskJob {
            id,
            kind: kind.to_owned(),
            by: Some(by),
            at: time(at.as_second()),
            parameters: parameters.to_owned(),
            progress: JobProgress::default(),
            finished: None,
            is_stopped: false,
            attempts: 0,
            claimed_until,
        })
    }

    /// Claims the oldest job that is not finished and that no server has, and counts the attempt before its part begins: a server that
    /// the part ends cannot count it afterwards. Returns `None` if there is none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_job(&self, now: Timestamp) -> Result<Option<DeskJob>, StoreError> {
        let open = row::Entity::find()
            .filter(row::Column::Finished.is_null())
            .filter(row::Column::ClaimedUntil.lt(now.as_second()))
            .order_by_asc(row::Column::Id)
            .one(&self.database)
            .await?;
        let Some(open) = open else { return Ok(None) };
        let job = read(open);
        let until = (now + CLAIM).as_second();
        let claimed = row::Entity::update_many()
            .col_expr(row::Column::ClaimedUntil, Expr::value(until))
            .col_expr(row::Column::Failures, Expr::col(row::Column::Failures).add(1))
            .filter(row::Column::Id.eq(job.id))
            .filter(row::Column::Finished.is_null())
            .filter(row::Column::ClaimedUntil.eq(job.claimed_until))
            .exec(&self.database)
            .await?;
        let job = DeskJob { claimed_until: until, attempts: job.attempts + 1, ..job };
        Ok((claimed.rows_affected == 1).then_some(job))
    }

    /// Notes how far a claimed job is, and whether it has ended. Returns `false` if the claim has expired and another server
    /// has the job: then nothing is noted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn advance_job(
        &self,
        job: &mut DeskJob,
        progress: JobProgress,
        end: Option<JobEnd>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        advance(&self.database, job, progress, end, now).await
    }

    /// Ends a claimed job, with one entry of the audit log about all that it has done, unless it has done nothing. Returns `false` if
    /// the claim has expired and another server has the job: then nothing is noted.
    #[tracing::instrument(skip_all)]
    pub async fn end_job(
        &self,
        job: &mut DeskJob,
        progress: JobProgress,
        (end, entry): (JobEnd, Option<JobEntry>),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        if !advance(&transaction, job, progress, Some(end), now).await? {
            return Ok(false);
        }
        if let Some(JobEntry { action, changes }) = entry.filter(|_| progress.done > 0) {
            let entry = AuditRecord { changes, ..AuditRecord::new(job.by, now, action) };
            record(&transaction, entry).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Has a job of one of these kinds that was given up go on where it stopped, for `by`. What it does from now on is counted from 0.
    /// Returns `false` if there is no such job, or somebody has done so already.
    #[tracing::instrument(skip_all)]
    pub async fn resume_job(
        &self,
        id: i32,
        kinds: &[&str],
        by: AccountId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let resumed = resumed(id, by, at).filter(row::Column::Kind.is_in(kinds.iter().copied()));
        Ok(resumed.exec(&self.database).await?.rows_affected == 1)
    }

    /// Puts a claimed job off: no server has it before `until`. It has not failed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn postpone_job(&self, job: &DeskJob, until: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::ClaimedUntil, Expr::value(until.as_second()))
            .col_expr(row::Column::Failures, Expr::value(0))
            .filter(is_claimed(job))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns the jobs of a kind that go on, or were asked for or given up since `since`, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn jobs(
        &self,
        kind: &str,
        since: Timestamp,
        most: u64,
    ) -> Result<Vec<DeskJob>, StoreError> {
        let is_stopped =
            row::Column::Stopped.eq(true).and(row::Column::Finished.gte(since.as_second()));
        let is_recent = row::Column::At.gte(since.as_second()).or(is_stopped);
        let rows = row::Entity::find()
            .filter(row::Column::Kind.eq(kind))
            .filter(row::Column::Finished.is_null().or(is_recent))
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Deletes jobs that were finished before a time.
    #[tracing::instrument(skip_all)]
    pub async fn prune_jobs(&self, before: Timestamp) -> Result<(), StoreError> {
        let old = row::Column::Finished.lt(before.as_second());
        self.delete_in_batches::<row::Entity>(old).await.map(drop)
    }
}

/// Whether the claim of a job still lasts.
fn is_claimed(job: &DeskJob) -> SimpleExpr {
    row::Column::Id
        .eq(job.id)
        .and(row::Column::Finished.is_null())
        .and(row::Column::ClaimedUntil.eq(job.claimed_until))
}

async fn advance(
    to: &impl ConnectionTrait,
    job: &mut DeskJob,
    progress: JobProgress,
    end: Option<JobEnd>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let finished = end.map(|_| now.as_second());
    // A claim of the same second as the last would not tell the two apart.
    let until = Ord::max((now + CLAIM).as_second(), job.claimed_until + 1);
    let noted = with_progress(progress)
        .col_expr(row::Column::Finished, Expr::value(finished))
        .col_expr(row::Column::Stopped, Expr::value(end == Some(JobEnd::Stopped)))
        .col_expr(row::Column::ClaimedUntil, Expr::value(until))
        .filter(is_claimed(job))
        .exec(to)
        .await?;
    job.progress = progress;
    job.claimed_until = until;
    job.finished = end.map(|_| now);
    job.is_stopped = end == Some(JobEnd::Stopped);
    job.attempts = 0;
    Ok(noted.rows_affected == 1)
}

/// Notes how far a claimed job is with a part, in the transaction that does it, so that no part counts twice. Returns `false` if the claim
/// has expired, or the part is done already.
pub(crate) async fn note_part(
    to: &DatabaseTransaction,
    job: &DeskJob,
    progress: JobProgress,
) -> Result<bool, StoreError> {
    let noted = with_progress(progress)
        .filter(is_claimed(job))
        .filter(row::Column::Position.eq(job.progress.position))
        .exec(to)
        .await?;
    Ok(noted.rows_affected == 1)
}

fn with_progress(progress: JobProgress) -> UpdateMany<row::Entity> {
    row::Entity::update_many()
        .col_expr(row::Column::Position, Expr::value(progress.position))
        .col_expr(row::Column::Done, Expr::value(number(progress.done)))
        .col_expr(row::Column::Skipped, Expr::value(number(progress.skipped)))
        .col_expr(row::Column::Failed, Expr::value(number(progress.failed)))
        .col_expr(row::Column::Failures, Expr::value(0))
}

/// Adds a job, which begins once what adds it is committed. Returns its number.
pub(crate) async fn add(
    to: &impl ConnectionTrait,
    job: NewJob<'_>,
    by: AccountId,
    at: Timestamp,
) -> Result<i32, StoreError> {
    Ok(row::Entity::insert(new_row(&job, by, at)).exec(to).await?.last_insert_id)
}

/// Stops a job. The server that has it notices when its part is done. Returns `false` if the job has ended.
pub(crate) async fn stop(
    to: &impl ConnectionTrait,
    id: i32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let stopped = row::Entity::update_many()
        .col_expr(row::Column::Finished, Expr::value(now.as_second()))
        .col_expr(row::Column::Stopped, Expr::value(true))
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::Finished.is_null())
        .exec(to)
        .await?;
    Ok(stopped.rows_affected == 1)
}

/// Has a job that was stopped go on, for `by`. Returns `false` if it was not stopped, or goes on already.
pub(crate) async fn resume(
    to: &impl ConnectionTrait,
    id: i32,
    by: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(resumed(id, by, at).exec(to).await?.rows_affected == 1)
}

/// The change that has a job go on that was stopped.
fn resumed(id: i32, by: AccountId, at: Timestamp) -> UpdateMany<row::Entity> {
    row::Entity::update_many()
        .col_expr(row::Column::RequestedBy, Expr::value(Key(by)))
        .col_expr(row::Column::At, Expr::value(at.as_second()))
        .col_expr(row::Column::Done, Expr::value(0))
        .col_expr(row::Column::Skipped, Expr::value(0))
        .col_expr(row::Column::Failed, Expr::value(0))
        .col_expr(row::Column::Failures, Expr::value(0))
        .col_expr(row::Column::Finished, Expr::value(None::<i64>))
        .col_expr(row::Column::Stopped, Expr::value(false))
        .col_expr(row::Column::ClaimedUntil, Expr::value(0))
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::Stopped.eq(true))
}

fn new_row(job: &NewJob<'_>, by: AccountId, at: Timestamp) -> row::ActiveModel {
    let NewJob { kind, parameters, progress } = *job;
    row::ActiveModel {
        id: NotSet,
        kind: Set(kind.to_owned()),
        requested_by: Set(Some(Key(by))),
        at: Set(at.as_second()),
        parameters: Set(parameters.to_owned()),
        position: Set(progress.position),
        done: Set(number(progress.done)),
        skipped: Set(number(progress.skipped)),
        failed: Set(number(progress.failed)),
        finished: Set(None),
        claimed_until: Set(0),
        stopped: Set(false),
        failures: Set(0),
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read(row: row::Model) -> DeskJob {
    DeskJob {
        id: row.id,
        kind: row.kind,
        by: row.requested_by.map(|key| key.0),
        at: time(row.at),
        parameters: row.parameters,
        progress: JobProgress {
            position: row.position,
            done: row.done.unsigned_abs(),
            skipped: row.skipped.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
        },
        finished: row.finished.map(time),
        is_stopped: row.stopped,
        attempts: row.failures.unsigned_abs(),
        claimed_until: row.claimed_until,
    }
}
