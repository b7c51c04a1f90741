//! Checking and importing an archive, part by part. What came of a part is stored together with its articles and with how far the job is,
//! so that it continues with the first entry that was not looked at, wherever it was stopped or the server was killed.

use std::{cell::RefCell, collections::BTreeMap, io, sync::Arc};

use jiff::SignedDuration;
use masthead_editorial::import::ImportEntry;
use masthead_import::{ImportSummary, imported_items, next_batch};
use masthead_store::{
    ArticleImport, ArticleImportPart, ArticleImportReport, ArticleImportStage, DeskJob,
    FIND_PICTURES, JobEnd, JobProgress, NeededPicture, StoreError,
};
use masthead_telemetry::TaskError;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::opened::{OpenedArchive, open};
use crate::{
    jobs::{JobNext, JobPart},
    state::DeskState,
};

/// The most different reasons of each kind that are counted.
const MAX_REASONS: usize = 200;

/// The longest path of a picture, in bytes.
const MAX_PATH: usize = 500;

/// What is to be done.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ArchiveJob {
    /// The number of the archive.
    pub import: i32,
}

/// Checks or imports the next part.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let ArchiveJob { import } = serde_json::from_str(&job.parameters)?;
    let import = desk.store.article_import(import).await?;
    // It was deleted, or another job has gone on since.
    let Some(import) = import.filter(|import| import.job == Some(job.id)) else {
        return Ok(ended(job));
    };
    let is_check = match import.stage {
        ArticleImportStage::Checking => true,
        ArticleImportStage::Importing => false,
        _ => return Ok(ended(job)),
    };
    let opened = match open(desk, &import).await? {
        Ok(opened) => opened,
        Err(fault) => {
            let end = (ArticleImportStage::Failed, fault.name());
            desk.store.finish_article_job(import.id, job.id, end, desk.now()).await?;
            return Ok(ended(job));
        }
    };
    let Converted { batch, missing } = convert(desk, job, Arc::clone(&opened)).await?;
    if batch.is_empty() {
        finish(desk, job, (&import, is_check)).await?;
        return Ok(ended(job));
    }
    if is_check {
        desk.store.need_import_pictures(import.id, &missing).await?;
    }
    let position = job.progress.position.saturating_add(i64::try_from(batch.len())?);
    let progress = JobProgress { position, ..job.progress };
    let part = ArticleImportPart {
        import: import.id,
        total: opened.archive.len() as u64,
        entries: &batch,
        progress,
        is_check,
    };
    let mut summary = summary_of(&import)?;
    summary.repaired_lines = opened.repaired_lines;
    let describe = |saved: &[_]| {
        let items = imported_items(&batch, saved, is_check);
        for item in &items {
            summary.add(item, MAX_REASONS);
        }
        Ok::<_, StoreError>(ArticleImportReport {
            summary: serde_json::to_string(&summary)?,
            report: serde_json::to_string(&items)?,
        })
    };
    if !desk.store.import_article_part(job, part, describe, desk.now()).await? {
        // The job was stopped, another server has it, or one that was killed has done this part at its end. Its position is read again.
        let next = JobNext::Later(SignedDuration::ZERO);
        return Ok(JobPart { progress: job.progress, next });
    }
    Ok(JobPart { progress, next: JobNext::Part })
}

/// The next entries of an archive.
struct Converted {
    batch: Vec<ImportEntry>,
    /// Pictures that they show and that are not stored.
    missing: Vec<NeededPicture>,
}

/// Converts the next entries on a thread that serves no requests.
async fn convert(
    desk: &DeskState,
    job: &DeskJob,
    opened: Arc<OpenedArchive>,
) -> Result<Converted, TaskError> {
    let from = usize::try_from(job.progress.position)?;
    let (zone, sections) = (desk.publication().zone, desk.snapshot().sections());
    let converted = spawn_blocking(move || {
        let missing = RefCell::new(BTreeMap::new());
        let find_picture = |address: &str| {
            let paths = opened.archive.picture_paths(address);
            let path = paths.first().filter(|path| path.len() <= MAX_PATH)?.clone();
            let stored = opened.pictures.get(&path).cloned();
            if stored.is_none() {
                missing.borrow_mut().insert(path, paths);
            }
            stored
        };
        let batch = next_batch(&*opened.archive, from, &zone, &find_picture, &sections)?;
        Ok::<_, io::Error>((batch, missing.into_inner()))
    });
    let (batch, missing) = match converted.await? {
        Ok(converted) => converted,
        Err(error) => {
            // The file is copied again for the next attempt.
            *desk.open_archive.lock() = None;
            return Err(error.into());
        }
    };
    let needed = |(path, paths)| {
        let paths = serde_json::to_string::<Vec<String>>(&paths)?;
        Ok::<_, serde_json::Error>(NeededPicture { path, paths })
    };
    let missing = missing.into_iter().map(needed).collect::<Result<_, _>>()?;
    Ok(Converted { batch, missing })
}

async fn finish(
    desk: &DeskState,
    job: &DeskJob,
    (import, is_check): (&ArticleImport, bool),
) -> Result<(), StoreError> {
    let stage = if is_check { ArticleImportStage::Ready } else { ArticleImportStage::Done };
    if !is_check {
        desk.store.request_task_run(FIND_PICTURES).await?;
    }
    desk.store.finish_article_job(import.id, job.id, (stage, ""), desk.now()).await
}

/// What came of the entries of an archive that were looked at.
pub(super) fn summary_of(import: &ArticleImport) -> Result<ImportSummary, serde_json::Error> {
    if import.summary.is_empty() {
        return Ok(ImportSummary::default());
    }
    serde_json::from_str(&import.summary)
}

/// A job with nothing left to do.
fn ended(job: &DeskJob) -> JobPart {
    JobPart { progress: job.progress, next: JobNext::End(JobEnd::Done) }
}
