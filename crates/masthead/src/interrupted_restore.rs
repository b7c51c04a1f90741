//! Folders in which a restore has not come to its end.

use std::{fs, os::unix::ffi::OsStrExt, path::Path};

use crate::error::CliError;

/// How the names of hidden folders begin in which a restore prepares what it moves to its place.
pub const RESTORING: &str = ".restore-";
/// What to do about such a folder.
pub const REMEDY: &str = "delete all that is in this folder and in its data directory, and run masthead restore again; if \
    the database is then not empty, create a new one";

/// Says what to do about a folder in which a restore has not come to its end.
///
/// # Errors
///
/// Returns an error if it is such a folder.
pub fn refuse(root: &Path) -> Result<(), CliError> {
    let mut entries = fs::read_dir(root).into_iter().flatten().flatten();
    if entries.any(|entry| entry.file_name().as_bytes().starts_with(RESTORING.as_bytes())) {
        return Err(CliError::new(format!(
            "a restore into {} runs, or was interrupted; if none runs, {REMEDY}",
            root.display()
        )));
    }
    Ok(())
}
