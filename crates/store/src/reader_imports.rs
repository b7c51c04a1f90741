//! Files of readers that staff import: what is in them until it is imported, and then what came of it. A file is stored in parts, each
//! of which a job imports at once, so that a long one takes no memory. What is in a part is deleted when it is imported: its report names
//! accounts, and no addresses.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    desk_jobs::{self, JobProgress, NewJob},
    ids::Key,
    records::{reader_import as row, reader_import_part as part},
    time,
};

/// How long a file is kept that nobody has imported, or whose import was given up.
const OPEN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long it is known what came of an import.
const FINISHED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A file that is not stored yet.
#[derive(Clone, Copy, Debug)]
pub struct NewReaderImport<'a> {
    /// The name of the file.
    pub file_name: &'a str,
    /// The readers who can be imported.
    pub readers: u64,
    /// The lines that cannot.
    pub faults: u64,
    /// Which columns it has, and what is wrong with it, as the desk reads it.
    pub details: &'a str,
    /// Who has uploaded it.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// A file of readers, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderImport {
    /// Its number.
    pub id: i32,
    /// Who has uploaded it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// The name of the file.
    pub file_name: String,
    /// The readers who can be imported.
    pub readers: u64,
    /// The lines that cannot.
    pub faults: u64,
    /// Which columns it has, and what is wrong with it, as the desk reads it.
    pub details: String,
    /// How it is imported, as the desk reads it.
    pub options: String,
    /// When the import was started.
    pub started: Option<Timestamp>,
    /// When it was finished.
    pub finished: Option<Timestamp>,
    /// What came of it until now.
    pub counts: ImportCounts,
}

/// What came of readers who were imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// They have an account now.
    pub added: u64,
    /// They had one, and something was added to it.
    pub changed: u64,
    /// They had one, with all of it.
    pub unchanged: u64,
    /// They were not imported.
    pub refused: u64,
}

/// What is imported at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderImportPart {
    /// Its number, from 1 on.
    pub number: i32,
    /// The readers, as the desk reads them; empty once they are imported.
    pub readers: String,
    /// What came of them, as the desk reads it.
    pub report: Option<String>,
}

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
    /// Stores a file with its parts, in one transaction. Returns its number.
    #[tracing::instrument(skip_all)]
    pub async fn add_reader_import(
        &self,
        new: &NewReaderImport<'_>,
        parts: impl Iterator<Item = String> + Send,
    ) -> Result<i32, StoreError> {
        let transaction = self.begin().await?;
        let import = row::ActiveModel {
            id: NotSet,
            requested_by: Set(Some(Key(new.by))),
            at: Set(new.at.as_second()),
            file_name: Set(new.file_name.to_owned()),
            readers: Set(number(new.readers)),
            faults: Set(number(new.faults)),
            details: Set(new.details.to_owned()),
            options: Set(String::new()),
            started: Set(None),
            finished: Set(None),
            added: Set(0),
            changed: Set(0),
            unchanged: Set(0),
            refused: Set(0),
        };
        let id = row::Entity::insert(import).exec(&transaction).await?.last_insert_id;
        for (number, readers) in (1..).zip(parts) {
            let stored = part::ActiveModel {
                import: Set(id),
                number: Set(number),
                readers: Set(readers),
                report: Set(None),
            };
            part::Entity::insert(stored).exec_without_returning(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Returns a file.
    #[tracing::instrument(skip_all)]
    pub async fn reader_import(&self, id: i32) -> Result<Option<ReaderImport>, StoreError> {
        Ok(row::Entity::find_by_id(id).one(&self.database).await?.map(read))
    }

    /// Returns the latest files, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn reader_imports(&self, most: u64) -> Result<Vec<ReaderImport>, StoreError> {
        let rows = row::Entity::find()
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Returns a part of a file.
    #[tracing::instrument(skip_all)]
    pub async fn reader_import_part(
        &self,
        import: i32,
        number: i32,
    ) -> Result<Option<ReaderImportPart>, StoreError> {
        let found = part::Entity::find_by_id((import, number)).one(&self.database).await?;
        Ok(found.map(|found| ReaderImportPart {
            number: found.number,
            readers: found.readers,
            report: found.report,
        }))
    }

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
        let Some(import) = row::Entity::find_by_id(id).one(&transaction).await? else {
            return Ok(false);
        };
        if started.rows_affected == 0 {
            return Ok(false);
        }
        let progress = JobProgress::default();
        let job = NewJob { kind: start.job, parameters: start.parameters, progress };
        desk_jobs::add(&transaction, job, start.by, now).await?;
        let mut changes = vec![AuditChange::fact("readers", import.readers)];
        changes.extend(start.changes);
        let entry = AuditRecord::new(Some(start.by), now, AuditAction::ImportedReaders);
        record(&transaction, AuditRecord { about: &import.file_name, changes, ..entry }).await?;
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

    /// Notes what came of a part, and deletes what was in it. A part that was noted before is not counted again.
    #[tracing::instrument(skip_all)]
    pub async fn report_import_part(
        &self,
        import: i32,
        number: i32,
        report: &str,
        counts: ImportCounts,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let noted = part::Entity::update_many()
            .col_expr(part::Column::Report, Expr::value(report))
            .col_expr(part::Column::Readers, Expr::value(""))
            .filter(part::Column::Import.eq(import))
            .filter(part::Column::Number.eq(number))
            .filter(part::Column::Report.is_null())
            .exec(&transaction)
            .await?;
        if noted.rows_affected > 0 {
            add_counts(&transaction, import, counts).await?;
        }
        transaction.commit().await?;
        Ok(())
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

    /// Deletes files that nobody has imported, or whose import was given up, and what came of imports long ago.
    pub(crate) async fn prune_reader_imports(&self, now: Timestamp) -> Result<(), StoreError> {
        let since = Expr::expr(Func::coalesce([
            Expr::col(row::Column::Started),
            Expr::col(row::Column::At),
        ]));
        let open = row::Column::Finished.is_null().and(since.lt((now - OPEN).as_second()));
        let finished = row::Column::Finished.lt((now - FINISHED).as_second());
        self.delete_in_batches::<row::Entity>(open.or(finished)).await.map(drop)
    }
}

async fn add_counts(
    transaction: &DatabaseTransaction,
    import: i32,
    counts: ImportCounts,
) -> Result<(), StoreError> {
    let plus = |column: row::Column, more: u64| Expr::col(column).add(number(more));
    row::Entity::update_many()
        .col_expr(row::Column::Added, plus(row::Column::Added, counts.added))
        .col_expr(row::Column::Changed, plus(row::Column::Changed, counts.changed))
        .col_expr(row::Column::Unchanged, plus(row::Column::Unchanged, counts.unchanged))
        .col_expr(row::Column::Refused, plus(row::Column::Refused, counts.refused))
        .filter(row::Column::Id.eq(import))
        .exec(transaction)
        .await?;
    Ok(())
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read(row: row::Model) -> ReaderImport {
    ReaderImport {
        id: row.id,
        by: row.requested_by.map(|key| key.0),
        at: time(row.at),
        file_name: row.file_name,
        readers: row.readers.unsigned_abs(),
        faults: row.faults.unsigned_abs(),
        details: row.details,
        options: row.options,
        started: row.started.map(time),
        finished: row.finished.map(time),
        counts: ImportCounts {
            added: row.added.unsigned_abs(),
            changed: row.changed.unsigned_abs(),
            unchanged: row.unchanged.unsigned_abs(),
            refused: row.refused.unsigned_abs(),
        },
    }
}
