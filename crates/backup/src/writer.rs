//! Writing the file of a backup.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use masthead_archive::{ArchiveError, ArchiveWriter, Contents, FORMAT, Manifest};
use masthead_media::MediaLibrary;
use masthead_store::transfer::{Row, Snapshot, TableSchema, TransferError};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::{
    BackupError, BackupFiles, BackupPlan, BackupProgress, OnProgress, ThemeFiles, WrittenBackup,
    space::DiskSpace, unfinished,
};

/// How long the text of rows may be in one entry of the archive, in bytes. An entry is held in memory.
const PART: usize = 4 * 1024 * 1024;
const MEGABYTE: u64 = 1024 * 1024;

/// Writes a backup into the file `target`, which must not exist, and waits until it is on the disk.
///
/// # Errors
///
/// Returns [`BackupError`] if there is no backup: then there is no file of its name either.
pub async fn write(
    plan: &BackupPlan,
    target: &Path,
    on_progress: OnProgress<'_>,
) -> Result<WrittenBackup, BackupError> {
    Unplaced::write(plan, target, on_progress).await?.place()
}

/// An output that another program reads meanwhile, such as a pipe.
pub struct Output<'a> {
    /// Where the backup is written to.
    pub file: File,
    /// What errors call it.
    pub name: &'a Path,
    /// The file of an SQLite database. What is written to it goes to a log that grows until the program has read all tables, so the
    /// backup ends before the disk is full. That is not noticed while the program reads nothing at all.
    pub database: Option<&'a Path>,
}

/// Writes a backup to another program.
///
/// # Errors
///
/// Returns [`BackupError`] if the backup is not complete. What was written until then is refused as incomplete when it is read.
pub async fn write_to(
    plan: &BackupPlan,
    output: Output<'_>,
    on_progress: OnProgress<'_>,
) -> Result<WrittenBackup, BackupError> {
    let Output { file, name, database } = output;
    let theme = ThemeFiles::find(&plan.files.theme, &plan.files.data)?;
    let destination = Destination { name, watched: database, needed: 0 };
    destination.check_reserve()?;
    write_archive(plan, theme, file, destination, on_progress).await
}

/// A backup that is complete, and not in its place yet. The file is deleted when this is dropped.
pub(crate) struct Unplaced {
    file: NamedTempFile,
    target: PathBuf,
    written: WrittenBackup,
}

impl Unplaced {
    /// Writes a backup beside its place, so that an incomplete file is never mistaken for a backup.
    pub async fn write(
        plan: &BackupPlan,
        target: &Path,
        on_progress: OnProgress<'_>,
    ) -> Result<Self, BackupError> {
        if target.exists() {
            return Err(BackupError::Exists(target.to_path_buf()));
        }
        // Before there is a new file, which may be in the theme.
        let theme = ThemeFiles::find(&plan.files.theme, &plan.files.data)?;
        let needed = needed_bytes(plan).await?;
        check_room(target, needed)?;
        let file = create(target)?;
        let output = file.reopen().map_err(|error| unwritable(target, error.into()))?;
        let destination = Destination { name: target, watched: Some(target), needed };
        let written = write_archive(plan, theme, output, destination, on_progress).await?;
        let found = file.as_file().metadata().map_err(|error| unwritable(target, error.into()))?;
        let written = WrittenBackup { bytes: Some(found.len()), ..written };
        Ok(Self { file, target: target.to_path_buf(), written })
    }

    /// Where the file is to be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where the file is until it is in its place.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the file its name, and waits until that as well is on the disk.
    pub fn place(self) -> Result<WrittenBackup, BackupError> {
        let Self { file, target, written } = self;
        file.persist_noclobber(&target).map_err(|error| unwritable(&target, error.error.into()))?;
        let names = File::open(unfinished::folder_of(&target)).and_then(|folder| folder.sync_all());
        names.map_err(|error| unwritable(&target, error.into()))?;
        Ok(written)
    }
}

/// Where an archive is written to.
#[derive(Clone, Copy)]
struct Destination<'a> {
    /// What errors call it.
    name: &'a Path,
    /// The file on whose disk a reserve must stay free, if there is one.
    watched: Option<&'a Path>,
    /// What the backup may take on that disk, in bytes; 0 if it is written elsewhere.
    needed: u64,
}

impl Destination<'_> {
    /// Refuses to go on once too little room is left for what else is on the disk.
    fn check_reserve(self) -> Result<(), BackupError> {
        self.watched.map_or(Ok(()), |watched| {
            check_space(watched, self.needed, |space| space.has_room_for(0))
        })
    }
}

/// Writes everything that a backup has. The returned backup has no size.
async fn write_archive(
    plan: &BackupPlan,
    theme: ThemeFiles,
    output: File,
    destination: Destination<'_>,
    on_progress: OnProgress<'_>,
) -> Result<WrittenBackup, BackupError> {
    let BackupPlan { store, pictures, files, passphrase } = plan;
    let name = destination.name;
    let snapshot = store.snapshot().await?;
    let manifest = manifest(files, &snapshot, pictures.is_some());
    let archive = ArchiveWriter::new(output, passphrase.as_deref(), &manifest)
        .map_err(|error| unwritable(name, error))?;
    let progress = BackupProgress::default();
    let mut writer = BackupWriter { archive, destination, files: 0, progress, on_progress };
    writer.add_files(files, &theme)?;
    let contents = writer.add_tables(&snapshot).await?;
    drop(snapshot);
    if let Some(pictures) = pictures {
        writer.add_pictures(pictures).await?;
    }
    let BackupWriter { archive, files, progress, .. } = writer;
    let rows: u64 = contents.rows.values().sum();
    archive.finish(contents).map_err(|error| unwritable(name, error))?;
    let (pictures, left_out) = (progress.pictures, theme.left_out);
    Ok(WrittenBackup { rows, files, pictures, bytes: None, left_out })
}

/// Returns what a backup may take, in bytes. Rows take half of their room when they are compressed, or less; pictures all of it.
async fn needed_bytes(plan: &BackupPlan) -> Result<u64, BackupError> {
    let rows = plan.store.bytes().await.map_err(TransferError::from)? / 2;
    let pictures = match &plan.pictures {
        Some(pictures) => pictures.total_bytes().await?,
        None => 0,
    };
    Ok(rows.saturating_add(pictures))
}

/// Refuses to begin a backup that would not fit.
fn check_room(target: &Path, needed: u64) -> Result<(), BackupError> {
    check_space(target, needed, |space| space.has_room_for(needed))
}

fn check_space(
    target: &Path,
    needed: u64,
    is_enough: impl Fn(&DiskSpace) -> bool,
) -> Result<(), BackupError> {
    let folder = unfinished::folder_of(target);
    let Some(space) = DiskSpace::of(folder).filter(|space| !is_enough(space)) else {
        return Ok(());
    };
    let reserve = space.reserve().div_ceil(MEGABYTE);
    let (free, needed) = (space.free / MEGABYTE, needed.div_ceil(MEGABYTE));
    let folder = folder.to_path_buf();
    Err(match needed {
        0 => BackupError::NoRoomForLog { folder, free, reserve },
        _ => BackupError::NoRoom { folder, free, reserve, needed },
    })
}

fn manifest(files: &BackupFiles, snapshot: &Snapshot, pictures: bool) -> Manifest {
    Manifest {
        format: FORMAT,
        masthead: files.version.clone(),
        made: Timestamp::now().to_string(),
        migrations: snapshot.migrations().to_vec(),
        pictures,
    }
}

fn unwritable(path: &Path, source: ArchiveError) -> BackupError {
    BackupError::Unwritable { path: path.to_path_buf(), source }
}

/// Creates a temporary file beside the backup. The error names its folder, and not the file.
fn create(target: &Path) -> Result<NamedTempFile, BackupError> {
    unfinished::create(target).map_err(|source| {
        let folder = unfinished::folder_of(target).to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => BackupError::NoFolder(folder),
            _ => BackupError::Folder { folder, source },
        }
    })
}

struct BackupWriter<'a> {
    archive: ArchiveWriter,
    destination: Destination<'a>,
    files: u64,
    progress: BackupProgress,
    on_progress: OnProgress<'a>,
}

impl BackupWriter<'_> {
    fn append(&mut self, name: &str, content: &[u8]) -> Result<(), BackupError> {
        self.archive.append(name, content).map_err(|error| unwritable(self.destination.name, error))
    }

    fn tell(&mut self) -> Result<(), BackupError> {
        if (self.on_progress)(self.progress).is_break() {
            return Err(BackupError::Stopped);
        }
        // Others write to the disk as well, and it may be that of the database.
        self.destination.check_reserve()
    }

    /// Adds the settings, the keys and the theme.
    fn add_files(&mut self, files: &BackupFiles, theme: &ThemeFiles) -> Result<(), BackupError> {
        self.add_file("files/masthead.toml", &files.settings)?;
        self.add_file("files/keys", &files.keys)?;
        for path in &theme.files {
            let below = path.strip_prefix(&theme.folder).unwrap_or(path);
            self.add_file(&format!("files/theme/{}", below.display()), path)?;
        }
        Ok(())
    }

    fn add_file(&mut self, name: &str, path: &Path) -> Result<(), BackupError> {
        let content = fs::read(path)
            .map_err(|source| BackupError::Unreadable { path: path.to_path_buf(), source })?;
        self.files += 1;
        self.append(name, &content)
    }

    async fn add_tables(&mut self, snapshot: &Snapshot) -> Result<Contents, BackupError> {
        self.progress.all_rows = snapshot.count().await?;
        let mut rows = BTreeMap::new();
        for table in snapshot.tables() {
            let count = self.add_table(snapshot, table).await?;
            rows.insert(table.name.clone(), count);
        }
        let sequences = snapshot.sequences().await?;
        Ok(Contents { rows, sequences, ..Contents::default() })
    }

    /// Adds the rows of a table, in parts. Returns how many there are.
    async fn add_table(
        &mut self,
        snapshot: &Snapshot,
        table: &TableSchema,
    ) -> Result<u64, BackupError> {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let (mut count, mut part, mut last) = (0, 0, None::<Row>);
        let mut lines = json_line(&columns)?;
        let header = lines.len();
        loop {
            let rows = snapshot.rows_after(table, last.as_ref()).await?;
            for row in &rows {
                lines.extend(json_line(row)?);
            }
            let is_end = rows.is_empty();
            if lines.len() > header && (is_end || lines.len() >= PART) {
                part += 1;
                self.append(&format!("tables/{}/{part:06}.jsonl", table.name), &lines)?;
                lines.truncate(header);
            }
            if is_end {
                return Ok(count);
            }
            count += rows.len() as u64;
            self.progress.rows += rows.len() as u64;
            self.tell()?;
            last = rows.into_iter().next_back();
        }
    }

    /// Adds the pictures. A picture is never changed or deleted, so those that the rows name are there.
    async fn add_pictures(&mut self, library: &MediaLibrary) -> Result<(), BackupError> {
        let mut names = library.file_names();
        while let Some(name) = names.try_next().await? {
            let Some(content) = library.read_file(&name).await? else { continue };
            self.append(&format!("pictures/{name}"), &content)?;
            self.progress.pictures += 1;
            self.tell()?;
        }
        Ok(())
    }
}

fn json_line(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}
