//! A part of an archive: its entries are stored, counted and reported in one transaction with how far the job is, so that a server that
//! is killed loses nothing, and the next one repeats nothing.

use jiff::Timestamp;
use masthead_editorial::import::{ImportEntry, KeptPiece};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::row;
use crate::{
    DeskJob, JobProgress, Saved, Store, StoreError,
    desk_jobs::note_part,
    pieces::importing::{import_into, record_import},
    records::article_import_part as part,
};

/// The parts of which the pace is measured.
const MEASURED_PARTS: u64 = 20;

/// The next entries of an archive.
#[derive(Debug)]
pub struct ArticleImportPart<'a> {
    /// The number of the archive.
    pub import: i32,
    /// How many entries it has.
    pub total: u64,
    /// The entries.
    pub entries: &'a [ImportEntry],
    /// How far the job is with them.
    pub progress: JobProgress,
    /// Whether it is only said what would come of them.
    pub is_check: bool,
}

/// What came of entries, as the desk reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleImportReport {
    /// What came of all that were looked at.
    pub summary: String,
    /// What came of each entry of the part.
    pub report: String,
}

impl Store {
    /// Imports the next entries of an archive for a claimed job, as [`import_pieces`](Self::import_pieces) does, or only says what would come
    /// of them. `describe` is called with what came of each entry that has a piece. Returns `false`, and changes nothing, if the job was
    /// stopped, another server has it, or the part is done already.
    #[tracing::instrument(skip_all)]
    pub async fn import_article_part(
        &self,
        job: &DeskJob,
        next: ArticleImportPart<'_>,
        describe: impl FnOnce(&[Result<Saved, KeptPiece>]) -> Result<ArticleImportReport, StoreError>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (mut transaction, revision) = self.write().await?;
        let imported = import_into(&transaction, revision, next.entries, now).await?;
        let writes = !next.is_check && imported.iter().any(|imported| imported.writes);
        let all: Vec<_> = imported.into_iter().map(|imported| imported.result).collect();
        let report = describe(&all)?;
        if writes {
            record_import(&transaction, &all, job.by, now).await?;
        } else {
            // Without a new revision, servers have nothing to read again.
            transaction.rollback().await?;
            transaction = self.begin().await?;
        }
        let is_noted = note(&transaction, job, &next, report, now).await?;
        if is_noted {
            transaction.commit().await?;
        }
        Ok(is_noted)
    }

    /// Returns the first report of an archive after so many entries, and how many were looked at with it; `None` after the last.
    #[tracing::instrument(skip_all)]
    pub async fn article_import_report(
        &self,
        import: i32,
        after: u64,
    ) -> Result<Option<(u64, String)>, StoreError> {
        let found = part::Entity::find()
            .filter(part::Column::Import.eq(import))
            .filter(part::Column::Position.gt(number(after)))
            .order_by_asc(part::Column::Position)
            .one(&self.database)
            .await?;
        Ok(found.map(|found| (found.position.unsigned_abs(), found.report)))
    }

    /// Returns how many entries of an archive were looked at lately, and in how many seconds; `None` if that took no time that can be
    /// measured.
    #[tracing::instrument(skip_all)]
    pub async fn article_import_pace(&self, import: i32) -> Result<Option<(u64, u64)>, StoreError> {
        let latest: Vec<(i64, i64)> = part::Entity::find()
            .select_only()
            .columns([part::Column::Position, part::Column::At])
            .filter(part::Column::Import.eq(import))
            .order_by_desc(part::Column::Position)
            .limit(MEASURED_PARTS)
            .into_tuple()
            .all(&self.database)
            .await?;
        let (Some(last), Some(first)) = (latest.first(), latest.last()) else { return Ok(None) };
        let pace = (last.0.abs_diff(first.0), last.1.saturating_sub(first.1).unsigned_abs());
        Ok((pace.1 > 0).then_some(pace))
    }
}

/// Forgets what came of an archive, whose next job begins at its beginning.
pub(super) async fn forget(to: &DatabaseTransaction, import: i32) -> Result<(), StoreError> {
    part::Entity::delete_many().filter(part::Column::Import.eq(import)).exec(to).await?;
    row::Entity::update_many()
        .col_expr(row::Column::Summary, Expr::value(""))
        .filter(row::Column::Id.eq(import))
        .exec(to)
        .await?;
    Ok(())
}

/// Notes what came of a part. Returns `false` if the job is not at it.
async fn note(
    to: &DatabaseTransaction,
    job: &DeskJob,
    next: &ArticleImportPart<'_>,
    report: ArticleImportReport,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !note_part(to, job, next.progress).await? {
        return Ok(false);
    }
    row::Entity::update_many()
        .col_expr(row::Column::Entries, Expr::value(number(next.total)))
        .col_expr(row::Column::Summary, Expr::value(report.summary))
        .filter(row::Column::Id.eq(next.import))
        .exec(to)
        .await?;
    let done = part::ActiveModel {
        import: Set(next.import),
        position: Set(next.progress.position),
        at: Set(now.as_second()),
        report: Set(report.report),
    };
    part::Entity::insert(done).exec_without_returning(to).await?;
    Ok(true)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
