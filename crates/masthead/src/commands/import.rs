//! `masthead import`: imports the archive of another system.
//!
//! To add a system, give `masthead_import::ArchiveFormat` a variant for it, and [`Import`] as well.

mod left_out;
mod report;
mod report_file;

use std::{
    fmt,
    fs::File,
    path::{Component, Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use masthead_editorial::{
    clean::StoredPicture,
    import::{ImportEntry, KeptPiece},
};
use masthead_import::{ArchiveFile, ArchiveFormat, OpenArchive, imported_items, next_batch};
use masthead_media::{Incoming, MediaLibrary};
use masthead_store::{FIND_PICTURES, Saved};

use self::{report::Report, report_file::ReportFile};
use super::{Newsroom, incoming_pictures, serve::Place, store_pictures};
use crate::{error::CliError, output};

#[derive(clap::Subcommand)]
pub enum Import {
    /// Import a WordPress export (WXR), from WordPress under Tools, Export. Its folder of pictures is wp-content/uploads.
    Wordpress(Archive),
}

/// The archive of another system.
#[derive(clap::Args)]
pub struct Archive {
    /// The export file, which may be compressed with gzip.
    file: PathBuf,
    /// A copy of the other system's folder of pictures.
    #[arg(long)]
    media: Option<PathBuf>,
    /// Say what would be imported, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// The file to write what came of each item to, as CSV. One that exists is replaced.
    #[arg(long, value_name = "FILE", value_parser = output::file_name())]
    report: Option<PathBuf>,
}

impl Import {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open(dir, place).await?;
        let (archive, format) = match self {
            Self::Wordpress(archive) => (archive, ArchiveFormat::WordPress),
        };
        let file = archive.file.display();
        let text = File::open(&archive.file)
            .map_err(Into::into)
            .and_then(|file| ArchiveFile::open(file, newsroom.folder.data(), u64::MAX))
            .map_err(|error| CliError::new(format!("{file} cannot be read: {error}")))?;
        if let Some(media) = archive.media.as_deref().filter(|media| !media.is_dir()) {
            return Err(CliError::new(format!(
                "--media {}: there is no such folder; name a copy of WordPress's wp-content/uploads",
                media.display()
            )));
        }
        let repaired_lines = text.repaired_lines().clone();
        let slugs = newsroom.config.publication.slugs;
        let opened =
            format.open(text, slugs).map_err(|error| CliError::new(format!("{file}: {error}")))?;
        let report = import(&newsroom, &*opened, &archive).await?;
        report.print(&repaired_lines, archive.dry_run);
        Ok(())
    }
}

/// Imports all entries, batch by batch. If one fails, those before it stay.
async fn import(
    newsroom: &Newsroom,
    opened: &OpenArchive,
    archive: &Archive,
) -> Result<Report, CliError> {
    let pictures = archive.media.as_deref();
    let file = archive.report.as_deref();
    let mut file = file.map(ReportFile::create).transpose()?;
    let media_library = newsroom.folder.media_library(&newsroom.config)?;
    let incoming = incoming_pictures(&newsroom.store).await?;
    let find_picture = |address: &str| {
        let pictures = pictures?;
        let paths = opened.picture_paths(address);
        paths.iter().find_map(|path| picture(path, pictures, &incoming))
    };
    let zone = &newsroom.config.publication.policy.zone;
    let sections = newsroom.config.sections();
    let bar = progress_bar(opened.len());
    let mut report = Report::default();
    let mut seen = 0;
    loop {
        let stopped = |error: &dyn fmt::Display| {
            CliError::new(format!(
                "{error}\n{seen} of {} items have been imported; run the same command again to continue",
                opened.len()
            ))
        };
        let batch = next_batch(opened, seen, zone, &find_picture, &sections)
            .map_err(|error| stopped(&format!("the archive cannot be read: {error}")))?;
        if batch.is_empty() {
            break;
        }
        let stored = if archive.dry_run {
            newsroom.store.preview_import(&batch, Timestamp::now()).await.map_err(CliError::from)
        } else {
            store(newsroom, &media_library, &incoming, &batch).await
        };
        let saved = stored.map_err(|error| stopped(&error))?;
        seen += batch.len();
        bar.inc(batch.len() as u64);
        let items = imported_items(&batch, &saved, archive.dry_run);
        if let Some(file) = &mut file {
            file.add(&items)?;
        }
        report.add(items);
    }
    bar.finish_and_clear();
    report.rejected = incoming.take_rejected();
    if !archive.dry_run {
        newsroom.store.request_task_run(FIND_PICTURES).await?;
    }
    if let Some(file) = file {
        file.finish()?;
    }
    Ok(report)
}

/// Stores a batch, its pictures first.
async fn store(
    newsroom: &Newsroom,
    media_library: &MediaLibrary,
    incoming: &Incoming,
    batch: &[ImportEntry],
) -> Result<Vec<Result<Saved, KeptPiece>>, CliError> {
    store_pictures(media_library, incoming).await?;
    Ok(newsroom.store.import_pieces(batch, Timestamp::now()).await?)
}

/// Returns the stored picture at `path` in a folder of pictures. A path that leads out of the folder finds none.
fn picture(path: &str, pictures: &Path, incoming: &Incoming) -> Option<StoredPicture> {
    let stays_inside =
        Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    stays_inside.then(|| incoming.file(&pictures.join(path))).flatten()
}

fn progress_bar(items: usize) -> ProgressBar {
    let bar = ProgressBar::new(items as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} items, {eta} left") {
        bar.set_style(style);
    }
    bar
}
