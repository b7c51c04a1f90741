//! `masthead backup`: everything that a publication is, in one file.

use std::{
    env,
    fs::{self, File},
    io::{self, IsTerminal},
    ops::ControlFlow,
    os::{
        fd::AsFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressStyle};
use masthead_backup::{
    BackupError, BackupPlan, BackupProgress, OnProgress, Output, WrittenBackup, lower_priority,
    unfinished, write, write_to,
};
use masthead_settings::environment::read_secret;
use masthead_store::Location;

use super::{Newsroom, serve::Place};
use crate::{
    error::CliError,
    folder::is_open_to_others,
    invocation::{quoted, user_name},
    output,
    ownership::refuse_root,
    remedy,
    signals::unless_stopped,
};

/// What errors call standard output.
const STDOUT: &str = "standard output";

#[derive(clap::Args)]
pub struct Backup {
    /// The file to write, such as backup.tar.zst. It must not exist. With -, the backup is written to standard output.
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
        warn_of_readable(path);
        read_secret(path)
            .map(Some)
            .map_err(|error| CliError::new(format!("{} cannot be read: {error}", path.display())))
    }
}

/// Says that others can read a file with a passphrase. It is no error, because a backup every night must not fail for that, and systems
/// that hand out secrets choose their modes themselves.
fn warn_of_readable(path: &Path) {
    let Ok(found) = fs::metadata(path) else { return };
    let is_credential =
        env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|folder| path.starts_with(folder));
    if found.is_file() && is_open_to_others(&found) && !is_credential {
        let mode = found.permissions().mode() & 0o777;
        let name = path.display().to_string();
        // With that mode, a file of another user could not be read by this one.
        let remedy = if found.uid() == rustix::process::geteuid().as_raw() {
            format!("run: chmod 600 {}", quoted(&name))
        } else {
            format!("it belongs to user {}", user_name(found.uid()))
        };
        output::print_error(format_args!(
            "masthead: warning: {name} can be read by others (mode {mode:04o}), and backups with what is in it; {remedy}"
        ));
    }
}

impl Backup {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        if self.file == Path::new("-") {
            return self.write_to_stdout(dir, place).await;
        }
        if self.file.exists() {
            return Err(BackupError::Exists(self.file).into());
        }
        let passphrase = self.passphrase.read()?;
        refuse_root(unfinished::folder_of(&self.file))?;
        lower_priority();
        let newsroom = Newsroom::open_existing(dir, place).await?;
        output::clean_up_beside(&self.file);
        let plan = self.plan(&newsroom, passphrase)?;
        let writing = with_bar(async |show| write(&plan, &self.file, show).await);
        let written = unless_stopped(writing).await?;
        for line in describe(&self.file.display().to_string(), &written, &plan) {
            outln!("{line}");
        }
        Ok(())
    }

    /// Writes the backup to another program. There is no file to delete when that is stopped, so signals end it as usual.
    async fn write_to_stdout(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        if io::stdout().is_terminal() {
            return Err(CliError::new(
                "a backup is not text for a terminal; name a file, or pass it to another program, such as: masthead backup - | ssh \
                 backup.example 'cat > paper.tar.zst'",
            ));
        }
        let passphrase = self.passphrase.read()?;
        lower_priority();
        let newsroom = Newsroom::open_existing(dir, place).await?;
        let plan = self.plan(&newsroom, passphrase)?;
        let Newsroom { folder, config, .. } = &newsroom;
        let location = folder.database(config, place.database.as_deref())?;
        let database = match &location {
            Location::Sqlite(file) => Some(file.as_path()),
            Location::Postgres(_) => None,
        };
        let output = io::stdout().as_fd().try_clone_to_owned().map(File::from);
        let output = output.map_err(|error| CliError::unwritable(STDOUT, &error))?;
        let output = Output { file: output, name: Path::new(STDOUT), database };
        let written = with_bar(async |show| write_to(&plan, output, show).await).await?;
        // Standard output has the backup.
        for line in describe("The backup", &written, &plan) {
            output::print_error(format_args!("{line}"));
        }
        Ok(())
    }

    fn plan(
        &self,
        newsroom: &Newsroom,
        passphrase: Option<String>,
    ) -> Result<BackupPlan, CliError> {
        let Newsroom { folder, config, store, .. } = newsroom;
        let pictures = if self.without_pictures {
            None
        } else {
            Some(Arc::new(folder.media_library(config)?))
        };
        Ok(BackupPlan {
            store: store.clone(),
            pictures,
            files: folder.backup_files(config),
            passphrase,
        })
    }
}

/// Says what a backup has, and what to do about it.
fn describe(name: &str, written: &WrittenBackup, plan: &BackupPlan) -> Vec<String> {
    let WrittenBackup { rows, files, pictures, left_out, .. } = written;
    let mut lines =
        vec![format!("{name} has {rows} rows, {files} files and {pictures} files of pictures.")];
    lines.extend(left_out.iter().map(|path| {
        format!(
            "Left out, because it is a link or no file: {}. Copy what it leads to into the theme if the theme needs it.",
            path.display()
        )
    }));
    if plan.passphrase.is_none() {
        let text =
            "It holds readers' addresses and your keys. Keep it where nobody else can read it.";
        lines.push(text.to_owned());
    }
    lines
}

/// Writes a backup, and shows how far it is.
async fn with_bar(
    writing: impl AsyncFnOnce(OnProgress<'_>) -> Result<WrittenBackup, BackupError>,
) -> Result<WrittenBackup, CliError> {
    let bar = progress_bar(0);
    let mut show = |progress: BackupProgress| {
        bar.set_length(progress.all_rows);
        bar.set_position(progress.rows);
        if progress.rows == progress.all_rows {
            bar.finish_and_clear();
        }
        ControlFlow::Continue(())
    };
    let written = writing(&mut show).await;
    bar.finish_and_clear();
    Ok(written?)
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        let BackupError::Folder { folder, source } = &error else {
            return Self::new(error.to_string()).with_remedy_for(&error);
        };
        let remedy = remedy::of(source, "check who owns it");
        let (folder, kind) = (folder.display(), source.kind());
        Self::new(format!("nothing can be written into the folder {folder} ({kind}); {remedy}"))
    }
}

/// A progress bar on standard error, if that is a terminal.
pub fn progress_bar(rows: u64) -> ProgressBar {
    let bar = ProgressBar::new(rows);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} rows, {eta} left") {
        bar.set_style(style);
    }
    bar
}
