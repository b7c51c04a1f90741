//! Long work that staff ask for: what is to be done, how far it is, and what came of it. One server at a time has a job; one that
//! is killed leaves it where it was, and another goes on from there once the claim has expired.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{Store, StoreError, ids::Key, records::desk_job as row, time};

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
        add(&self.database, job, by, at).await
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
            claimed_until,
        })
    }

    /// Claims the oldest job that is not finished and that no server has. Returns `None` if there is none.
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
            .filter(row::Column::Id.eq(job.id))
            .filter(row::Column::Finished.is_null())
            .filter(row::Column::ClaimedUntil.eq(job.claimed_until))
            .exec(&self.database)
            .await?;
        let job = DeskJob { claimed_until: until, ..job };
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
        let finished = end.map(|_| now.as_second());
        // A claim of the same second as the last would not tell the two apart.
        let until = Ord::max((now + CLAIM).as_second(), job.claimed_until + 1);
        let noted = row::Entity::update_many()
            .col_expr(row::Column::Position, Expr::value(progress.position))
            .col_expr(row::Column::Done, Expr::value(number(progress.done)))
            .col_expr(row::Column::Skipped, Expr::value(number(progress.skipped)))
            .col_expr(row::Column::Failed, Expr::value(number(progress.failed)))
            .col_expr(row::Column::Finished, Expr::value(finished))
            .col_expr(row::Column::Stopped, Expr::value(end == Some(JobEnd::Stopped)))
            .col_expr(row::Column::ClaimedUntil, Expr::value(until))
            .filter(row::Column::Id.eq(job.id))
            .filter(row::Column::Finished.is_null())
            .filter(row::Column::ClaimedUntil.eq(job.claimed_until))
            .exec(&self.database)
            .await?;
        job.progress = progress;
        job.claimed_until = until;
        job.finished = end.map(|_| now);
        job.is_stopped = end == Some(JobEnd::Stopped);
        Ok(noted.rows_affected == 1)
    }

    /// Puts a claimed job off: no server has it before `until`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn postpone_job(&self, job: &DeskJob, until: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::ClaimedUntil, Expr::value(until.as_second()))
            .filter(row::Column::Id.eq(job.id))
            .filter(row::Column::Finished.is_null())
            .filter(row::Column::ClaimedUntil.eq(job.claimed_until))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns the jobs of a kind that go on or were asked for since `since`, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn jobs(
        &self,
        kind: &str,
        since: Timestamp,
        most: u64,
    ) -> Result<Vec<DeskJob>, StoreError> {
        let is_recent = row::Column::At.gte(since.as_second());
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
        row::Entity::delete_many()
            .filter(row::Column::Finished.lt(before.as_second()))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Adds a job, which begins once what adds it is committed.
pub(crate) async fn add(
    to: &impl ConnectionTrait,
    job: NewJob<'_>,
    by: AccountId,
    at: Timestamp,
) -> Result<(), StoreError> {
    row::Entity::insert(new_row(&job, by, at)).exec_without_returning(to).await?;
    Ok(())
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
        claimed_until: row.claimed_until,
    }
}
