//! Why an archive cannot be written or read.

use std::io;

/// Why an archive cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be written or opened.
    #[error("{0}")]
    File(#[from] io::Error),
    /// It is no archive of ours.
    #[error("it is not a backup that Masthead has made")]
    NotABackup,
    /// It was written by a newer version.
    #[error("it was made by Masthead {0}, which is newer than this version; install that one")]
    Newer(String),
    /// It was cut short or changed.
    #[error("it is damaged or incomplete ({0}); use another backup")]
    Damaged(String),
    /// It is encrypted.
    #[error("it is encrypted; name the file with its passphrase with --passphrase-file")]
    Encrypted,
    /// The passphrase is another.
    #[error(
        "it cannot be decrypted; check the passphrase; if it is right, the file is damaged: use another backup"
    )]
    WrongPassphrase,
    /// The passphrase cannot be used.
    #[error("the passphrase cannot be used; it must have at least {0} characters")]
    ShortPassphrase(usize),
}

impl ArchiveError {
    pub(crate) fn damaged(reason: impl std::fmt::Display) -> Self {
        Self::Damaged(reason.to_string())
    }
}
