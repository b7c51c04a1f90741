//! The archive that a job works on. It is in memory only while the job runs, because its text may be long.

use std::{collections::HashMap, io::Cursor, sync::Arc};

use masthead_editorial::clean::StoredPicture;
use masthead_import::{ArchiveError, ArchiveFormat, OpenArchive, read_archive};
use masthead_store::ArticleImport;
use masthead_telemetry::TaskError;
use tokio::task::spawn_blocking;

use crate::state::DeskState;

/// The maximum size of the text of an archive, in bytes.
pub(super) const MAX_TEXT: u64 = 200 * 1024 * 1024;

/// An archive in memory.
pub(crate) struct OpenedArchive {
    /// Its number.
    import: i32,
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

/// Returns the archive, which is read from the database unless this server has it in memory.
pub(super) async fn open(
    desk: &DeskState,
    import: &ArticleImport,
) -> Result<Result<Arc<OpenedArchive>, ArchiveFault>, TaskError> {
    let known = desk.open_archive.lock().clone();
    if let Some(known) = known.filter(|known| known.import == import.id) {
        return Ok(Ok(known));
    }
    let mut content = Vec::with_capacity(usize::try_from(import.bytes).unwrap_or_default());
    let mut number = 1;
    while let Some(chunk) = desk.store.import_chunk(import.id, number).await? {
        content.extend_from_slice(&chunk);
        number += 1;
    }
    let (id, pictures) = (import.id, desk.store.import_pictures(import.id).await?);
    let opened = match spawn_blocking(move || read(id, content, pictures)).await? {
        Ok(opened) => Arc::new(opened),
        Err(fault) => return Ok(Err(fault)),
    };
    *desk.open_archive.lock() = Some(Arc::clone(&opened));
    Ok(Ok(opened))
}

fn read(
    import: i32,
    content: Vec<u8>,
    pictures: HashMap<String, StoredPicture>,
) -> Result<OpenedArchive, ArchiveFault> {
    let text = read_archive(Cursor::new(content), MAX_TEXT).map_err(|error| match error {
        ArchiveError::TooLong(_) => ArchiveFault::TooLong,
        ArchiveError::Unreadable(_) => ArchiveFault::Damaged,
    })?;
    let repaired_lines = text.repaired_lines.len() as u64;
    let archive = ArchiveFormat::WordPress.open(text.text).map_err(|_| ArchiveFault::NoExport)?;
    Ok(OpenedArchive { import, archive, pictures, repaired_lines })
}
