//! Files of readers that staff import: what is in them until it is imported, and then what came of it. A file is stored in parts, so that
//! a long one takes no memory. What is in a part is deleted when it is imported: what is known of its lines names accounts, and no
//! addresses.

mod course;
mod lines;

use jiff::Timestamp;
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait, QueryOrder, QuerySelect,
};

pub(crate) use self::lines::note_line;
pub use self::{
    course::ImportStart,
    lines::{ImportLine, ImportRemark, ImportResult, ImportedLine},
};
use crate::{
    Store, StoreError,
    ids::Key,
    records::{reader_import as row, reader_import_part as part},
    time,
};

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
    /// Whether it was stopped before all was imported.
    pub is_stopped: bool,
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

/// Some lines of a file, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderImportPart {
    /// The number of the file.
    pub import: i32,
    /// Its number, from 1 on.
    pub number: i32,
    /// The readers, as the desk reads them; empty once all are imported.
    pub readers: String,
    /// What came of the first lines until now.
    pub lines: Vec<ImportedLine>,
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
            job: Set(None),
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
                noted: Set(0),
            };
            part::Entity::insert(stored).exec_without_returning(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Returns a file.
    #[tracing::instrument(skip_all)]
    pub async fn reader_import(&self, id: i32) -> Result<Option<ReaderImport>, StoreError> {
        let found = row::Entity::find_by_id(id).one(&self.database).await?;
        Ok(self.with_states(found.into_iter().collect()).await?.pop())
    }

    /// Returns the latest files, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn reader_imports(&self, most: u64) -> Result<Vec<ReaderImport>, StoreError> {
        let latest = row::Entity::find().order_by_desc(row::Column::Id).limit(most);
        self.with_states(latest.all(&self.database).await?).await
    }

    /// Files, with whether they were stopped.
    async fn with_states(&self, rows: Vec<row::Model>) -> Result<Vec<ReaderImport>, StoreError> {
        let stopped = self.stopped_jobs(rows.iter().filter_map(|row| row.job)).await?;
        let read = |row: row::Model| {
            let is_stopped =
                row.finished.is_none() && row.job.is_some_and(|job| stopped.contains(&job));
            ReaderImport { is_stopped, ..read(row) }
        };
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
        let Some(found) = found else { return Ok(None) };
        let lines = found.report.map(|report| serde_json::from_str(&report)).transpose()?;
        let (readers, lines) = (found.readers, lines.unwrap_or_default());
        Ok(Some(ReaderImportPart { import, number, readers, lines }))
    }
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
        is_stopped: false,
        finished: row.finished.map(time),
        counts: ImportCounts {
            added: row.added.unsigned_abs(),
            changed: row.changed.unsigned_abs(),
            unchanged: row.unchanged.unsigned_abs(),
            refused: row.refused.unsigned_abs(),
        },
    }
}
