//! `masthead backup`: everything that a publication is, in one file.

mod theme_files;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use futures_util::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use masthead_archive::{ArchiveError, ArchiveWriter, Contents, FORMAT, Manifest};
use masthead_settings::environment::read_secret;
use masthead_store::transfer::{Row, Snapshot, TableSchema};
use tempfile::NamedTempFile;

use self::theme_files::ThemeFiles;
use super::{Newsroom, serve::Place};
use crate::{error::CliError, folder::Folder, ownership::refuse_root, process, remedy, unfinished};

/// How long the text of rows may be in one entry of the archive, in bytes. An entry is held in memory.
const PART: usize = 4 * 1024 * 1024;

#[derive(clap::Args)]
pub struct Backup {
    /// The file to write, such as backup.tar.zst. It must not exist.
    file: PathBuf,
    /// Leave the pictures out, because they are in a bucket or copied another way.
    #[arg(long)]
    without_pictures: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// The passphrase of a backup.
#[derive(clap::Args)]
pub struct Passphrase {
    /// A file with the passphrase that the backup is encrypted with.
    #[arg(long, value_name = "FILE", env = "MASTHEAD_BACKUP_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// Reads the passphrase; `None` if the backup is not encrypted.
    pub fn read(&self) -> Result<Option<String>, CliError> {
        let Some(path) = &self.passphrase_file else { return Ok(None) };
        read_secret(path)
            .map(Some)
            .map_err(|error| CliError::new(format!("{} cannot be read: {error}", path.display())))
    }
}

impl Backup {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        if self.file.exists() {
            let file = self.file.display();
            return Err(CliError::new(format!("{file} exists already; choose another name")));
        }
        let passphrase = self.passphrase.read()?;
        refuse_root(self.folder())?;
        process::yield_to_others();
        let newsroom = Newsroom::open_existing(dir, place).await?;
        // Before there is a new file, which may be in the theme.
        let theme =
            ThemeFiles::find(&newsroom.folder.theme(&newsroom.config), newsroom.folder.data())?;
        unfinished::clean_up_beside(&self.file);
        let written = self.write(&newsroom, &theme, passphrase.as_deref());
        let written = process::unless_stopped(written).await?;
        let (rows, files, pictures) = (written.rows, written.files, written.pictures);
        let file = self.file.display();
        outln!("{file} has {rows} rows, {files} files and {pictures} files of pictures.");
        for path in theme.left_out {
            outln!(
                "Left out, because it is a link or no file: {}. Copy what it leads to into the theme if the theme needs it.",
                path.display()
            );
        }
        if passphrase.is_none() {
            outln!(
                "It holds readers' addresses and your keys. Keep it where nobody else can read it."
            );
        }
        Ok(())
    }

    /// Writes the backup, and waits until it is on the disk.
    async fn write(
        &self,
        newsroom: &Newsroom,
        theme: &ThemeFiles,
        passphrase: Option<&str>,
    ) -> Result<Written, CliError> {
        let snapshot = newsroom.store.snapshot().await?;
        let manifest = self.manifest(&snapshot);
        let unwritable = |error: &dyn std::fmt::Display| {
            CliError::new(format!("{} cannot be written: {error}", self.file.display()))
        };
        // Beside its place, so that an incomplete file is never mistaken for a backup.
        let unfinished = self.unfinished()?;
        let output = unfinished.reopen().map_err(|error| unwritable(&error))?;
        let archive = ArchiveWriter::new(output, passphrase, &manifest)
            .map_err(|error| unwritable(&error))?;
        let mut backup = BackupWriter { archive, file: &self.file, files: 0, pictures: 0 };
        backup.add_files(&newsroom.folder, theme)?;
        let contents = backup.add_tables(&snapshot).await?;
        drop(snapshot);
        if !self.without_pictures {
            backup.add_pictures(newsroom).await?;
        }
        let (files, pictures) = (backup.files, backup.pictures);
        let rows: u64 = contents.rows.values().sum();
        backup.archive.finish(contents).map_err(|error| unwritable(&error))?;
        unfinished.persist_noclobber(&self.file).map_err(|error| unwritable(&error.error))?;
        // Its name as well is on the disk when this says that there is a backup.
        let names = File::open(self.folder()).and_then(|folder| folder.sync_all());
        names.map_err(|error| unwritable(&error))?;
        Ok(Written { rows, files, pictures })
    }
}

/// How much a backup has.
struct Written {
    rows: u64,
    files: u64,
    pictures: u64,
}

impl Backup {
    fn manifest(&self, snapshot: &Snapshot) -> Manifest {
        Manifest {
            format: FORMAT,
            masthead: crate::version::VERSION.to_owned(),
            made: Timestamp::now().to_string(),
            migrations: snapshot.migrations().to_vec(),
            pictures: !self.without_pictures,
        }
    }

    fn folder(&self) -> &Path {
        unfinished::folder_of(&self.file)
    }

    /// Creates a temporary file beside the backup. The error names its folder, and not the file.
    fn unfinished(&self) -> Result<NamedTempFile, CliError> {
        unfinished::create(&self.file).map_err(|error| {
            let folder = self.folder().display();
            CliError::new(match error.kind() {
                io::ErrorKind::NotFound => {
                    format!("there is no folder {folder}; create it, or write the backup elsewhere")
                }
                kind => {
                    let remedy = remedy::of(&error, "check who owns it");
                    format!("nothing can be written into the folder {folder} ({kind}); {remedy}")
                }
            })
        })
    }
}

struct BackupWriter<'a> {
    archive: ArchiveWriter,
    file: &'a Path,
    files: u64,
    pictures: u64,
}

impl BackupWriter<'_> {
    fn append(&mut self, name: &str, content: &[u8]) -> Result<(), CliError> {
        self.archive.append(name, content).map_err(|error: ArchiveError| {
            CliError::new(format!("{} cannot be written: {error}", self.file.display()))
        })
    }

    /// Adds the settings, the keys and the theme.
    fn add_files(&mut self, folder: &Folder, theme: &ThemeFiles) -> Result<(), CliError> {
        self.add_file("files/masthead.toml", &Folder::config_file(folder.root()))?;
        self.add_file("files/keys", &folder.keys_file())?;
        for path in &theme.files {
            let below = path.strip_prefix(&theme.folder).unwrap_or(path);
            self.add_file(&format!("files/theme/{}", below.display()), path)?;
        }
        Ok(())
    }

    fn add_file(&mut self, name: &str, path: &Path) -> Result<(), CliError> {
        let content = fs::read(path).map_err(|error| unreadable(path, &error))?;
        self.files += 1;
        self.append(name, &content)
    }

    async fn add_tables(&mut self, snapshot: &Snapshot) -> Result<Contents, CliError> {
        let bar = progress_bar(snapshot.count().await?);
        let mut rows = BTreeMap::new();
        for table in snapshot.tables() {
            let count = self.add_table(snapshot, table, &bar).await?;
            rows.insert(table.name.clone(), count);
        }
        bar.finish_and_clear();
        let sequences = snapshot.sequences().await?;
        Ok(Contents { rows, sequences, ..Contents::default() })
    }

    /// Adds the rows of a table, in parts. Returns how many there are.
    async fn add_table(
        &mut self,
        snapshot: &Snapshot,
        table: &TableSchema,
        bar: &ProgressBar,
    ) -> Result<u64, CliError> {
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
            bar.inc(rows.len() as u64);
            last = rows.into_iter().next_back();
        }
    }

    /// Adds the pictures. A picture is never changed or deleted, so those that the rows name are there.
    async fn add_pictures(&mut self, newsroom: &Newsroom) -> Result<(), CliError> {
        let library = newsroom.folder.media_library(&newsroom.config)?;
        let unreadable = |error| CliError::new(format!("not all pictures could be read: {error}"));
        let mut names = library.file_names();
        while let Some(name) = names.try_next().await.map_err(unreadable)? {
            let Some(content) = library.read_file(&name).await.map_err(unreadable)? else {
                continue;
            };
            self.append(&format!("pictures/{name}"), &content)?;
            self.pictures += 1;
        }
        Ok(())
    }
}

fn json_line(value: &impl serde::Serialize) -> Result<Vec<u8>, CliError> {
    let mut line = serde_json::to_vec(value).map_err(|error| CliError::new(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

/// The error of a file that cannot be read.
fn unreadable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new(format!("{} cannot be read: {error}", path.display()))
}

/// A progress bar on standard error, if that is a terminal.
pub fn progress_bar(rows: u64) -> ProgressBar {
    let bar = ProgressBar::new(rows);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} rows, {eta} left") {
        bar.set_style(style);
    }
    bar
}
