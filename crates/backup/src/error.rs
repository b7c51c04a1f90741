//! Why a backup is not made.

use std::{io, path::PathBuf};

use masthead_archive::ArchiveError;
use masthead_media::MediaStoreError;
use masthead_store::transfer::TransferError;

/// Why a backup is not made. The file does not exist then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file of this name exists.
    #[error("{} exists already; choose another name", .0.display())]
    Exists(PathBuf),
    /// The folder does not exist.
    #[error("there is no folder {}; create it, or write the backup elsewhere", .0.display())]
    NoFolder(PathBuf),
    /// No file can be created in the folder.
    #[error("nothing can be written into the folder {} ({source})", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder has too little room, or had when a part was written.
    #[error("there is too little room in {}: {free} MB are free, {reserve} MB of the disk must stay free, and the backup may take {needed} MB; delete what is not needed there, or name a folder on another disk", .folder.display())]
    NoRoom {
        /// The folder.
        folder: PathBuf,
        /// What is free, in megabytes.
        free: u64,
        /// What must stay free, in megabytes.
        reserve: u64,
        /// What the backup may take, in megabytes.
        needed: u64,
    },
    /// The disk of the database has too little room, or had when a part was read.
    #[error("there is too little room in {}: {free} MB are free, and {reserve} MB of the disk must stay free, because the log of the database grows while it is read; delete what is not needed there", .folder.display())]
    NoRoomForLog {
        /// The folder.
        folder: PathBuf,
        /// What is free, in megabytes.
        free: u64,
        /// What must stay free, in megabytes.
        reserve: u64,
    },
    /// A file of the publication cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The theme has the data directory in it, which is no part of it.
    #[error(
        "the theme's folder {} contains the data directory {}; move the theme to a folder of its own, and write \
         that as theme under [server] in masthead.toml; nothing was written",
        .theme.display(),
        .data.display()
    )]
    DataInTheme {
        /// The folder of the theme.
        theme: PathBuf,
        /// The data directory.
        data: PathBuf,
    },
    /// The file cannot be written.
    #[error("{} cannot be written: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ArchiveError,
    },
    /// The file was written, and is not what it should be when it is read again.
    #[error("{} was written, and cannot be read again: {source}; check the disk", .path.display())]
    NotVerified {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ArchiveError,
    },
    /// The database cannot be read.
    #[error(transparent)]
    Database(#[from] TransferError),
    /// A row cannot be written as JSON.
    #[error("a row cannot be written: {0}")]
    Row(#[from] serde_json::Error),
    /// Not all pictures can be read.
    #[error("not all pictures could be read: {0}")]
    Pictures(#[from] MediaStoreError),
    /// The backup was stopped.
    #[error("stopped before it was done; nothing was written")]
    Stopped,
    /// Its thread has ended with a panic, or could not be started.
    #[error("the thread of the backup has failed; the log of the server has the reason")]
    Thread,
}

impl BackupError {
    /// Whether the same backup may succeed some minutes later, without anybody doing something about it.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Database(_) | Self::Pictures(_))
    }
}
