//! Files that root must not create: those in a folder of another user, who could not use them. Every command that writes into a
//! folder asks here first.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{error::CliError, invocation::user_name};

/// The user that this folder belongs to, or the one that it would be created in, if this process is root and that user is not.
pub fn foreign_owner(folder: &Path) -> Option<u32> {
    owner_of(folder).filter(|owner| rustix::process::geteuid().is_root() && *owner != 0)
}

/// Refuses to create files as root in a folder of another user.
///
/// # Errors
///
/// Returns an error that names the folder and its user.
pub fn refuse_root(folder: &Path) -> Result<(), CliError> {
    let Some(owner) = foreign_owner(folder) else { return Ok(()) };
    Err(CliError::new(format!(
        "{} belongs to user {1}, and root would create files there that this user and the server cannot use; run the command \
         as that user, with sudo -u {1}",
        existing(folder).display(),
        user_name(owner)
    )))
}

/// The user that this folder belongs to, or the one that it would be created in.
pub fn owner_of(folder: &Path) -> Option<u32> {
    fs::metadata(existing(folder)).ok().map(|found| found.uid())
}

/// The folder itself, or the one that it would be created in.
fn existing(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    whole.ancestors().find(|path| path.exists()).unwrap_or(&whole).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_does_not_exist_belongs_to_whom_it_would_be_created_by() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = fs::metadata(folder.path()).expect("a folder").uid();
        assert_eq!(owner_of(&folder.path().join("new/data")), Some(own));
        assert_eq!(owner_of(folder.path()), Some(own));
        assert!(owner_of(Path::new("new/below")).is_some(), "a relative path");
    }
}
