//! The course of an import: it is started with a job, stopped, resumed and finished. What nobody imports is deleted.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    desk_jobs::{self, JobProgress, NewJob},
    records::{desk_job as job, reader_import as row},
};

/// How long a file is kept that nobody has imported, or whose import was stopped.
const OPEN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long it is known what came of an import.
const FINISHED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How an import is started.
#[derive(Clone, Debug)]
pub struct ImportStart<'a> {
    /// How it is imported, as the desk reads it.
    pub options: &'a str,
    /// The name of the job.
    pub job: &'a str,
    /// What the job is to do.
    pub parameters: &'a str,
    /// What the audit log says about the options.
    pub changes: Vec<AuditChange>,
    /// Who starts it.
    pub by: AccountId,
}

impl Store {
    /// Starts an import, with its job. Returns `false`, and starts nothing, if it was started or deleted before.
    #[tracing::instrument(skip_all)]
    pub async fn start_reader_import(
        &self,
        id: i32,
        start: ImportStart<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let started = row::Entity::update_many()
            .col_expr(row::Column::Started, Expr::value(now.as_second()))
            .col_expr(row::Column::Options, Expr::value(start.options))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::Started.is_null())
            .exec(&transaction)
            .await?;
        if started.rows_affected == 0 {
            return Ok(false);
        }
        let progress = JobProgress::default();
        let job = NewJob { kind: start.job, parameters: start.parameters, progress };
        let job = desk_jobs::add(&transaction, job, start.by, now).await?;
        row::Entity::update_many()
            .col_expr(row::Column::Job, Expr::value(job))
            .filter(row::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        let (action, by) = (AuditAction::ImportedReaders, start.by);
        record_import(&transaction, id, (action, start.changes), by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Stops an import after the part that is being imported. Returns `false` if it does not run.
    #[tracing::instrument(skip_all)]
    pub async fn stop_reader_import(
        &self,
        id: i32,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let Some(job) = job_of(&transaction, id).await? else { return Ok(false) };
        if !desk_jobs::stop(&transaction, job, now).await? {
            return Ok(false);
        }
        let action = AuditAction::StoppedReaderImport;
        record_import(&transaction, id, (action, Vec::new()), by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Has an import that was stopped continue at the first line that was not imported, on behalf of `by`. Returns `false` if it was
    /// not stopped, or somebody has resumed it already.
    #[tracing::instrument(skip_all)]
    pub async fn resume_reader_import(
        &self,
        id: i32,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let Some(job) = job_of(&transaction, id).await? else { return Ok(false) };
        if !desk_jobs::resume(&transaction, job, by, now).await? {
            return Ok(false);
        }
        let action = AuditAction::ResumedReaderImport;
        record_import(&transaction, id, (action, Vec::new()), by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes a file that was not imported. Returns `false` if it was started, or is deleted already.
    #[tracing::instrument(skip_all)]
    pub async fn delete_reader_import(
        &self,
        id: i32,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let Some(import) = row::Entity::find_by_id(id).one(&transaction).await? else {
            return Ok(false);
        };
        let deleted = row::Entity::delete_many()
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::Started.is_null())
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        let changes = vec![AuditChange::fact("readers", import.readers)];
        let entry = AuditRecord::new(Some(by), now, AuditAction::DeletedReaderFile);
        record(&transaction, AuditRecord { about: &import.file_name, changes, ..entry }).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes that all parts of an import are done.
    #[tracing::instrument(skip_all)]
    pub async fn finish_reader_import(&self, id: i32, now: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Finished, Expr::value(now.as_second()))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::Finished.is_null())
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns those of these jobs that were stopped.
    pub(super) async fn stopped_jobs(
        &self,
        jobs: impl Iterator<Item = i32> + Send,
    ) -> Result<HashSet<i32>, StoreError> {
        let stopped = job::Entity::find()
            .select_only()
            .column(job::Column::Id)
            .filter(job::Column::Id.is_in(jobs))
            .filter(job::Column::Stopped.eq(true));
        Ok(stopped.into_tuple().all(&self.database).await?.into_iter().collect())
    }

    /// Deletes files that nobody has imported or whose import was stopped, and what came of imports long ago. An import that has
    /// not ended is kept, however long its server was off.
    pub(crate) async fn prune_reader_imports(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = (now - OPEN).as_second();
        let stopped = Query::select()
            .column(job::Column::Id)
            .from(job::Entity)
            .and_where(job::Column::Finished.lt(old))
            .to_owned();
        let unused = row::Column::Job.is_null().and(row::Column::At.lt(old));
        let open = row::Column::Finished.is_null();
        let finished = row::Column::Finished.lt((now - FINISHED).as_second());
        let ended = open.and(unused.or(row::Column::Job.in_subquery(stopped))).or(finished);
        self.delete_in_batches::<row::Entity>(ended).await.map(drop)
    }
}

/// The job of an import that is not finished.
async fn job_of(transaction: &DatabaseTransaction, id: i32) -> Result<Option<i32>, StoreError> {
    let import = row::Entity::find_by_id(id)
        .filter(row::Column::Finished.is_null())
        .one(transaction)
        .await?;
    Ok(import.and_then(|import| import.job))
}

/// Records in the audit log what was done with a file.
async fn record_import(
    transaction: &DatabaseTransaction,
    id: i32,
    (action, changes): (AuditAction, Vec<AuditChange>),
    by: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(import) = row::Entity::find_by_id(id).one(transaction).await? else { return Ok(()) };
    let readers = AuditChange::fact("readers", import.readers);
    let changes = [vec![readers], changes].concat();
    let entry = AuditRecord::new(Some(by), now, action);
    record(transaction, AuditRecord { about: &import.file_name, changes, ..entry }).await
}
