//! Archives of other systems that staff import: the file, what is done with it, and what came of its entries. The file is stored in chunks, so
//! that every server can read it. A job checks it first, which changes nothing; once somebody has started it, another imports it.

mod course;
mod part;
mod pictures;

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

pub use self::{
    course::ArticleImportJob,
    part::{ArticleImportPart, ArticleImportReport},
    pictures::{ImportPictureCounts, NeededPicture},
};
use crate::{
    Store, StoreError,
    ids::Key,
    parse_stored,
    records::{article_import as row, article_import_chunk as chunk, desk_job as job},
    time,
};

/// The maximum number of archives whose files are stored at a time: each has up to 100 MB.
pub const MAX_STORED_ARCHIVES: u64 = 20;

/// What is done with an archive.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum ArticleImportStage {
    /// Its file is being uploaded.
    Uploading,
    /// It is checked, and nothing is changed.
    Checking,
    /// It was checked.
    Ready,
    /// It is being imported.
    Importing,
    /// All of it is imported.
    Done,
    /// It cannot be read.
    Failed,
}

impl ArticleImportStage {
    fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a job works on it, unless that was stopped.
    pub fn has_job(self) -> bool {
        matches!(self, Self::Checking | Self::Importing)
    }
}

/// An archive whose file is about to be uploaded.
#[derive(Clone, Copy, Debug)]
pub struct NewArticleImport<'a> {
    /// The name of the file.
    pub file_name: &'a str,
    /// Who uploads it.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// An archive, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleImport {
    /// Its number.
    pub id: i32,
    /// Who has uploaded it or, once it is imported, started that; `None` if their account is deleted.
    pub by: Option<AccountId>,
    /// When it was uploaded.
    pub at: Timestamp,
    /// The name of the file.
    pub file_name: String,
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// What is done with it.
    pub stage: ArticleImportStage,
    /// The job that works on it, or has done so last.
    pub job: Option<i32>,
    /// Whether that was stopped before all was done.
    pub is_stopped: bool,
    /// The entries that were looked at in this stage.
    pub position: u64,
    /// The entries that it has; 0 until it was opened.
    pub entries: u64,
    /// What came of the entries that were looked at, or would, as the desk reads it.
    pub summary: String,
    /// Why it cannot be read, as the desk reads it; empty if it can.
    pub fault: String,
    /// When the import was started.
    pub started: Option<Timestamp>,
    /// When it was finished.
    pub finished: Option<Timestamp>,
}

impl Store {
    /// Adds an archive, whose file is then stored chunk by chunk. Returns its number; `None` if the files of [`MAX_STORED_ARCHIVES`] others
    /// are stored or being uploaded.
    #[tracing::instrument(skip_all)]
    pub async fn add_article_import(
        &self,
        new: &NewArticleImport<'_>,
    ) -> Result<Option<i32>, StoreError> {
        let added = row::ActiveModel {
            id: NotSet,
            requested_by: Set(Some(Key(new.by))),
            at: Set(new.at.as_second()),
            file_name: Set(new.file_name.to_owned()),
            bytes: Set(0),
            stage: Set(ArticleImportStage::Uploading.name().to_owned()),
            job: Set(None),
            entries: Set(0),
            summary: Set(String::new()),
            fault: Set(String::new()),
            started: Set(None),
            finished: Set(None),
        };
        let id = row::Entity::insert(added).exec(&self.database).await?.last_insert_id;
        // Counted with the new one, so that two that are added at once are never both the last: it may be that neither is.
        let has_ended = [ArticleImportStage::Done.name(), ArticleImportStage::Failed.name()];
        let stored = row::Entity::find().filter(row::Column::Stage.is_not_in(has_ended));
        if stored.count(&self.database).await? > MAX_STORED_ARCHIVES {
            self.discard_article_upload(id).await?;
            return Ok(None);
        }
        Ok(Some(id))
    }

    /// Stores a chunk of the file of an archive. The first has the number 1.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn add_import_chunk(
        &self,
        import: i32,
        number: i32,
        content: Vec<u8>,
    ) -> Result<(), StoreError> {
        let added =
            chunk::ActiveModel { import: Set(import), number: Set(number), content: Set(content) };
        chunk::Entity::insert(added).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Returns a chunk of the file of an archive; `None` after the last.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import_chunk(
        &self,
        import: i32,
        number: i32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found = chunk::Entity::find_by_id((import, number)).one(&self.database).await?;
        Ok(found.map(|found| found.content))
    }

    /// Returns an archive that is uploaded; `None` if there is none with this number.
    #[tracing::instrument(skip_all)]
    pub async fn article_import(&self, id: i32) -> Result<Option<ArticleImport>, StoreError> {
        let found = uploaded().filter(row::Column::Id.eq(id)).one(&self.database).await?;
        Ok(self.with_jobs(found.into_iter().collect()).await?.pop())
    }

    /// Returns the latest archives that are uploaded, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn article_imports(&self, most: u64) -> Result<Vec<ArticleImport>, StoreError> {
        let latest = uploaded().order_by_desc(row::Column::Id).limit(most);
        self.with_jobs(latest.all(&self.database).await?).await
    }

    /// Archives, with how far their jobs are.
    async fn with_jobs(&self, rows: Vec<row::Model>) -> Result<Vec<ArticleImport>, StoreError> {
        let jobs = job::Entity::find()
            .filter(job::Column::Id.is_in(rows.iter().filter_map(|row| row.job)))
            .all(&self.database)
            .await?;
        let jobs: HashMap<i32, job::Model> = jobs.into_iter().map(|job| (job.id, job)).collect();
        let read = |row: row::Model| {
            let job = row.job.and_then(|job| jobs.get(&job));
            read(row, job)
        };
        rows.into_iter().map(read).collect()
    }
}

fn uploaded() -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::Stage.ne(ArticleImportStage::Uploading.name()))
}

fn read(row: row::Model, job: Option<&job::Model>) -> Result<ArticleImport, StoreError> {
    let stage: ArticleImportStage = parse_stored("the stage of an import", &row.stage)?;
    Ok(ArticleImport {
        id: row.id,
        by: row.requested_by.map(|key| key.0),
        at: time(row.at),
        file_name: row.file_name,
        bytes: row.bytes.unsigned_abs(),
        stage,
        job: row.job,
        is_stopped: stage.has_job() && job.is_some_and(|job| job.stopped),
        position: job.map_or(0, |job| job.position.unsigned_abs()),
        entries: row.entries.unsigned_abs(),
        summary: row.summary,
        fault: row.fault,
        started: row.started.map(time),
        finished: row.finished.map(time),
    })
}
