//! The archive that a job works on. Its text is in a temporary file only while the job runs: parts of it are read when they are needed.

use std::{collections::HashMap, fs::File, io::Write as _, path::Path, sync::Arc};

use masthead_editorial::{SlugScript, clean::StoredPicture, wordpress::WxrError};
use masthead_import::{ArchiveError, ArchiveFile, ArchiveFormat, OpenArchive};
use masthead_store::ArticleImport;
use masthead_telemetry::TaskError;
use tempfile::tempfile_in;
use tokio::task::spawn_blocking;

use crate::state::DeskState;

/// The maximum size of the text of an archive, in bytes.
pub(super) const MAX_TEXT: u64 = 200 * 1024 * 1024;
/// The maximum number of entries of an archive. What came of each is stored.
pub(super) const MAX_ENTRIES: usize = 500_000;

/// An archive that can be read.
pub(crate) struct OpenedArchive {
    /// Its number.
    import: i32,
    /// The job that it was opened for: pictures may be added before the next.
    job: Option<i32>,
    pub archive: Box<OpenArchive>,
    /// The pictures that are stored for it, by the likeliest path of each. None is added while a job works on it.
    pub pictures: HashMap<String, StoredPicture>,
    /// Lines with bytes in a wrong encoding.
    pub repaired_lines: u64,
}

/// Why an archive cannot be read, as it is stored.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum ArchiveFault {
    /// Its text is longer than is accepted.
    TooLong,
    /// It has more entries than are accepted.
    TooMany,
    /// The compressed file is damaged.
    Damaged,
    /// It is no export of WordPress.
    NoExport,
}

impl ArchiveFault {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Returns the archive, which is read from the database unless this server has opened it. Fails, and may be tried again, if the database or
/// the temporary file does.
pub(super) async fn open(
    desk: &DeskState,
    import: &ArticleImport,
) -> Result<Result<Arc<OpenedArchive>, ArchiveFault>, TaskError> {
    let known = desk.open_archive.lock().clone();
    if let Some(known) = known.filter(|known| (known.import, known.job) == (import.id, import.job))
    {
        return Ok(Ok(known));
    }
    let file = copy(desk, import).await?;
    let (folder, slugs) = (desk.temporary.clone(), desk.publication().slugs);
    let (archive, repaired_lines) =
        match spawn_blocking(move || read(file, &folder, slugs)).await?? {
            Ok(read) => read,
            Err(fault) => return Ok(Err(fault)),
        };
    let pictures = desk.store.import_pictures(import.id).await?;
    let (import, job) = (import.id, import.job);
    let opened = Arc::new(OpenedArchive { import, job, archive, pictures, repaired_lines });
    *desk.open_archive.lock() = Some(Arc::clone(&opened));
    Ok(Ok(opened))
}

/// Copies the file of an archive from the database, chunk by chunk. Fails if chunks are missing, as while the archive is being deleted.
async fn copy(desk: &DeskState, import: &ArticleImport) -> Result<File, TaskError> {
    let folder = desk.temporary.clone();
    let mut file = spawn_blocking(move || tempfile_in(folder)).await??;
    let (mut number, mut bytes) = (1, 0);
    while let Some(chunk) = desk.store.import_chunk(import.id, number).await? {
        bytes += chunk.len() as u64;
        file = spawn_blocking(move || file.write_all(&chunk).map(|()| file)).await??;
        number += 1;
    }
    if bytes != import.bytes {
        return Err(format!("the file has {bytes} of {} bytes", import.bytes).into());
    }
    Ok(file)
}

/// Opens the file of an archive. Returns it, and how many of its lines had bytes in a wrong encoding.
fn read(
    file: File,
    folder: &Path,
    slugs: SlugScript,
) -> Result<Result<(Box<OpenArchive>, u64), ArchiveFault>, TaskError> {
    let file = match ArchiveFile::open(file, folder, MAX_TEXT) {
        Ok(file) => file,
        Err(ArchiveError::TooLong(_)) => return Ok(Err(ArchiveFault::TooLong)),
        Err(ArchiveError::Damaged(_)) => return Ok(Err(ArchiveFault::Damaged)),
        Err(error @ ArchiveError::Unreadable(_)) => return Err(error.into()),
    };
    let repaired_lines = file.repaired_lines().number;
    match ArchiveFormat::WordPress.open(file, slugs) {
        Ok(archive) if archive.len() > MAX_ENTRIES => Ok(Err(ArchiveFault::TooMany)),
        Ok(archive) => Ok(Ok((archive, repaired_lines))),
        Err(error @ WxrError::Unreadable(_)) => Err(error.into()),
        Err(WxrError::TooMany(_)) => Ok(Err(ArchiveFault::TooMany)),
        Err(WxrError::NotWxr | WxrError::Broken { .. }) => Ok(Err(ArchiveFault::NoExport)),
    }
}
