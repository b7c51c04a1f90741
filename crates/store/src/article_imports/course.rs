//! The course of an archive: it is uploaded, checked, started, stopped, resumed and finished. What nobody imports is deleted.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, AuditAction};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{ArticleImportStage, part, row};
use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    desk_jobs::{self, JobProgress, NewJob},
    ids::Key,
    records::{article_import_chunk as chunk, article_import_picture as picture, desk_job as job},
};

/// How long a file is kept that nobody has imported, or whose import was stopped.
const OPEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a file may take to arrive: longer than any upload may.
const UPLOADING: SignedDuration = SignedDuration::from_hours(2);
/// How long it is known what came of an import.
const FINISHED: SignedDuration = SignedDuration::from_hours(365 * 24);

/// A job that works on an archive.
#[derive(Clone, Copy, Debug)]
pub struct ArticleImportJob<'a> {
    /// The name of its kind.
    pub kind: &'a str,
    /// What it is to do.
    pub parameters: &'a str,
    /// Who asks for it.
    pub by: AccountId,
}

impl Store {
    /// Notes that the file of an archive is stored, and has a job check it. Returns `false` if it was noted before, or it is deleted.
    #[tracing::instrument(skip_all)]
    pub async fn finish_article_upload(
        &self,
        id: i32,
        bytes: u64,
        job: ArticleImportJob<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use ArticleImportStage::{Checking, Uploading};
        let transaction = self.begin().await?;
        let is_begun = begin(&transaction, id, (Uploading, Checking), job, now).await?;
        if is_begun {
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            row::Entity::update_many()
                .col_expr(row::Column::Bytes, Expr::value(bytes))
                .filter(row::Column::Id.eq(id))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(is_begun)
    }

    /// Deletes an archive whose file did not arrive whole.
    #[tracing::instrument(skip_all)]
    pub async fn discard_article_upload(&self, id: i32) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::Stage.eq(ArticleImportStage::Uploading.name()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Starts the import of an archive that was checked. Returns `false`, and starts nothing, if it was started or deleted before.
    #[tracing::instrument(skip_all)]
    pub async fn start_article_import(
        &self,
        id: i32,
        job: ArticleImportJob<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use ArticleImportStage::{Importing, Ready};
        let transaction = self.begin().await?;
        if !begin(&transaction, id, (Ready, Importing), job, now).await? {
            return Ok(false);
        }
        row::Entity::update_many()
            .col_expr(row::Column::Started, Expr::value(now.as_second()))
            .col_expr(row::Column::RequestedBy, Expr::value(Key(job.by)))
            .filter(row::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        // What was only checked is not in the report.
        part::forget(&transaction, id).await?;
        record_change(&transaction, id, AuditAction::StartedArticleImport, job.by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Stops the check or the import of an archive. What is imported stays. Returns `false` if neither goes on.
    #[tracing::instrument(skip_all)]
    pub async fn stop_article_import(
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
        record_change(&transaction, id, AuditAction::StoppedArticleImport, by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Has the check or the import of an archive that was stopped continue where it was, on behalf of `by`. Returns `false` if it was
    /// not stopped, or somebody has resumed it already.
    #[tracing::instrument(skip_all)]
    pub async fn resume_article_import(
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
        record_change(&transaction, id, AuditAction::ResumedArticleImport, by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes an archive that was never imported. Returns `false` if it was started, is being checked, or is deleted already.
    #[tracing::instrument(skip_all)]
    pub async fn delete_article_import(
        &self,
        id: i32,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        // The entry names the file, so it is written while there is one; the transaction undoes it if there is nothing to delete.
        record_change(&transaction, id, AuditAction::DeletedArchive, by, now).await?;
        let ended = Query::select()
            .column(job::Column::Id)
            .from(job::Entity)
            .and_where(job::Column::Finished.is_not_null())
            .to_owned();
        let deleted = row::Entity::delete_many()
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::Started.is_null())
            .filter(row::Column::Job.is_null().or(row::Column::Job.in_subquery(ended)))
            .filter(row::Column::Stage.ne(ArticleImportStage::Uploading.name()))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes that a job has done all it can with an archive: it was checked, is imported, or cannot be read, for which `fault` is the
    /// reason. Its file is deleted unless it can be imported now. Nothing is noted if another job works on it.
    #[tracing::instrument(skip_all)]
    pub async fn finish_article_job(
        &self,
        id: i32,
        job: i32,
        (stage, fault): (ArticleImportStage, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let has_ended = stage != ArticleImportStage::Ready;
        let transaction = self.begin().await?;
        let noted = row::Entity::update_many()
            .col_expr(row::Column::Stage, Expr::value(stage.name()))
            .col_expr(row::Column::Fault, Expr::value(fault))
            .col_expr(row::Column::Finished, Expr::value(has_ended.then(|| now.as_second())))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::Job.eq(job))
            .filter(row::Column::Stage.is_in(with_jobs()))
            .exec(&transaction)
            .await?;
        if noted.rows_affected == 1 && has_ended {
            let chunks = chunk::Entity::delete_many().filter(chunk::Column::Import.eq(id));
            chunks.exec(&transaction).await?;
            let pictures = picture::Entity::delete_many().filter(picture::Column::Import.eq(id));
            pictures.exec(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes archives that nobody has imported or whose import was stopped, and what came of imports long ago. An import that has
    /// not ended is kept, however long its server was off.
    pub(crate) async fn prune_article_imports(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = (now - OPEN).as_second();
        let ended = Query::select()
            .column(job::Column::Id)
            .from(job::Entity)
            .and_where(job::Column::Finished.lt(old))
            .to_owned();
        let unused = row::Column::Job.is_null().and(row::Column::At.lt(old));
        let broken_off = row::Column::Stage
            .eq(ArticleImportStage::Uploading.name())
            .and(row::Column::At.lt((now - UPLOADING).as_second()));
        let is_open = row::Column::Stage.ne(ArticleImportStage::Done.name());
        let finished = row::Column::Finished.lt((now - FINISHED).as_second());
        let pruned =
            is_open.and(unused.or(row::Column::Job.in_subquery(ended))).or(finished).or(broken_off);
        // The chunks of a file, of up to 100 MB, are deleted with it.
        self.delete_in_batches_of::<row::Entity>(pruned, 1).await.map(drop)
    }
}

/// The stages in which a job works on an archive.
fn with_jobs() -> [&'static str; 2] {
    [ArticleImportStage::Checking.name(), ArticleImportStage::Importing.name()]
}

/// Has a job work on an archive. Returns `false` if it is in another stage than the first of the two.
pub(super) async fn begin(
    transaction: &DatabaseTransaction,
    id: i32,
    (from, to): (ArticleImportStage, ArticleImportStage),
    job: ArticleImportJob<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let begun = row::Entity::update_many()
        .col_expr(row::Column::Stage, Expr::value(to.name()))
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::Stage.eq(from.name()))
        .exec(transaction)
        .await?;
    if begun.rows_affected == 0 {
        return Ok(false);
    }
    let ArticleImportJob { kind, parameters, by } = job;
    let new = NewJob { kind, parameters, progress: JobProgress::default() };
    let job = desk_jobs::add(transaction, new, by, now).await?;
    row::Entity::update_many()
        .col_expr(row::Column::Job, Expr::value(job))
        .filter(row::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    Ok(true)
}

/// The job that works on an archive, or did until it was stopped.
async fn job_of(transaction: &DatabaseTransaction, id: i32) -> Result<Option<i32>, StoreError> {
    let import = row::Entity::find_by_id(id)
        .filter(row::Column::Stage.is_in(with_jobs()))
        .one(transaction)
        .await?;
    Ok(import.and_then(|import| import.job))
}

/// Records in the audit log what was done with an archive.
async fn record_change(
    to: &impl ConnectionTrait,
    id: i32,
    action: AuditAction,
    by: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(import) = row::Entity::find_by_id(id).one(to).await? else { return Ok(()) };
    let entry = AuditRecord::new(Some(by), now, action);
    record(to, AuditRecord { about: &import.file_name, ..entry }).await
}
