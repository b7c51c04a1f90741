//! The files of the theme that a backup has.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::BackupError;

/// The files of a theme.
pub struct ThemeFiles {
    /// The folder of the theme.
    pub folder: PathBuf,
    /// Its files and those in the folders below, in order.
    pub files: Vec<PathBuf>,
    /// Links, and what is no file: a link may lead anywhere, to the folder that it is in as well.
    pub left_out: Vec<PathBuf>,
}

impl ThemeFiles {
    /// Finds the files of the theme in `folder`; none if it does not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the theme cannot be read, or contains the data directory, which is no part of it.
    pub fn find(folder: &Path, data: &Path) -> Result<Self, BackupError> {
        let mut found =
            Self { folder: folder.to_path_buf(), files: Vec::new(), left_out: Vec::new() };
        // The folder itself may be a link: the settings name it.
        let Ok(whole) = folder.canonicalize() else { return Ok(found) };
        let data = data.canonicalize().map_err(|error| unreadable(data, error))?;
        if data.starts_with(&whole) {
            return Err(BackupError::DataInTheme { theme: folder.to_path_buf(), data });
        }
        found.add(folder).map_err(|error| unreadable(folder, error))?;
        found.files.sort();
        Ok(found)
    }

    fn add(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let (entry_type, path) =
                entry.and_then(|entry| Ok((entry.file_type()?, entry.path())))?;
            if entry_type.is_dir() {
                self.add(&path)?;
            } else if entry_type.is_file() {
                self.files.push(path);
            } else {
                self.left_out.push(path);
            }
        }
        Ok(())
    }
}

fn unreadable(path: &Path, source: io::Error) -> BackupError {
    BackupError::Unreadable { path: path.to_path_buf(), source }
}
