//! Everything that a publication is, in one file: `masthead backup` and the newsroom write it, while servers go on.
//!
//! | module | contents |
//! | --- | --- |
//! | `writer` | writing the file |
//! | `theme_files` | the files of the theme that it has |
//! | [`unfinished`] | the file until it is complete |
//! | `worker` | a backup on a thread of its own, which is read again when it is written |
//! | `space` | how much room there is on a disk |
//!
//! The format is in the crate `archive`.

#![warn(missing_docs)]

mod error;
mod space;
mod theme_files;
pub mod unfinished;
mod worker;
mod writer;

use std::{ops::ControlFlow, path::PathBuf, sync::Arc};

use masthead_media::MediaLibrary;
use masthead_store::Store;

pub use masthead_archive::MIN_PASSPHRASE;

pub use self::{
    error::BackupError,
    space::DiskSpace,
    theme_files::ThemeFiles,
    worker::{BackupRun, lower_priority, start},
    writer::{Output, write, write_to},
};

/// What is in a backup besides the database and the pictures.
#[derive(Clone, Debug, Default)]
pub struct BackupFiles {
    /// The settings, `masthead.toml`.
    pub settings: PathBuf,
    /// The keys.
    pub keys: PathBuf,
    /// The folder of the publisher's theme, which may not exist.
    pub theme: PathBuf,
    /// The data directory, which must not be in the folder of the theme.
    pub data: PathBuf,
    /// The version of the program, which the backup names.
    pub version: String,
}

/// A backup that is to be made.
#[derive(Clone)]
pub struct BackupPlan {
    /// The database.
    pub store: Store,
    /// The pictures; `None` to leave them out.
    pub pictures: Option<Arc<MediaLibrary>>,
    /// Settings, keys and theme.
    pub files: BackupFiles,
    /// The passphrase that it is encrypted with; `None` to leave it readable.
    pub passphrase: Option<String>,
}

/// How far a backup is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupProgress {
    /// Rows that are written.
    pub rows: u64,
    /// Rows that there are.
    pub all_rows: u64,
    /// Files of pictures that are written.
    pub pictures: u64,
}

/// A backup that is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenBackup {
    /// Rows of the database.
    pub rows: u64,
    /// Settings, keys and files of the theme.
    pub files: u64,
    /// Files of pictures.
    pub pictures: u64,
    /// The size of the file, in bytes; `None` if the backup did not go to a file.
    pub bytes: Option<u64>,
    /// What was left out of the theme, because it is a link or no file.
    pub left_out: Vec<PathBuf>,
}

/// Called with the progress of a backup; returns whether to continue.
pub type OnProgress<'a> = &'a mut (dyn FnMut(BackupProgress) -> ControlFlow<()> + Send);
