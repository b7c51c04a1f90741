//! `masthead backup`: everything that a publication is, in one file.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressStyle};
use masthead_backup::{
    BackupError, BackupPlan, BackupProgress, WrittenBackup, lower_priority, unfinished, write,
};
use masthead_settings::environment::read_secret;

use super::{Newsroom, serve::Place};
use crate::{error::CliError, output, ownership::refuse_root, remedy, signals::unless_stopped};

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
            return Err(BackupError::Exists(self.file).into());
        }
        let passphrase = self.passphrase.read()?;
        refuse_root(unfinished::folder_of(&self.file))?;
        lower_priority();
        let newsroom = Newsroom::open_existing(dir, place).await?;
        output::clean_up_beside(&self.file);
        let plan = self.plan(&newsroom, passphrase)?;
        let WrittenBackup { rows, files, pictures, left_out, .. } =
            unless_stopped(write_with_bar(&plan)).await?;
        let file = self.file.display();
        outln!("{file} has {rows} rows, {files} files and {pictures} files of pictures.");
        for path in left_out {
            outln!(
                "Left out, because it is a link or no file: {}. Copy what it leads to into the theme if the theme needs it.",
                path.display()
            );
        }
        if plan.passphrase.is_none() {
            outln!(
                "It holds readers' addresses and your keys. Keep it where nobody else can read it."
            );
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
            target: self.file.clone(),
            passphrase,
        })
    }
}

async fn write_with_bar(plan: &BackupPlan) -> Result<WrittenBackup, CliError> {
    let bar = progress_bar(0);
    let mut show = |progress: BackupProgress| {
        bar.set_length(progress.all_rows);
        bar.set_position(progress.rows);
        if progress.rows == progress.all_rows {
            bar.finish_and_clear();
        }
        ControlFlow::Continue(())
    };
    let written = write(plan, &mut show).await;
    bar.finish_and_clear();
    Ok(written?)
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        let BackupError::Folder { folder, source } = &error else {
            return Self::new(error.to_string());
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
