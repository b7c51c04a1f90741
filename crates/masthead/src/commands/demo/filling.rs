//! Filling the demonstration's folder once: a lock lets one process do it at a time, and a file says that one has begun and
//! not ended, so that the next one begins again.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{data_record, error::CliError, folder::Folder, remedy};

/// Holds the lock until it is dropped.
pub struct Filling {
    root: PathBuf,
    data: PathBuf,
    _lock: fs::File,
}

impl Filling {
    /// Waits until no other process fills the folder.
    pub async fn lock(folder: &Folder) -> Result<Self, CliError> {
        let data = folder.data().to_path_buf();
        let path = data.join("filling.lock");
        let waiting = tokio::task::spawn_blocking(move || {
            let file = fs::File::create(&path)?;
            file.lock()?;
            Ok(file)
        });
        let locked = waiting.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let lock = locked.map_err(|error| unwritable(&data, &error))?;
        Ok(Self { root: folder.root().to_path_buf(), data, _lock: lock })
    }

    /// Whether a process has begun and was interrupted.
    pub fn was_interrupted(&self) -> bool {
        self.marker().exists()
    }

    /// Removes what an interrupted process has left.
    pub fn clear(&self) -> Result<(), CliError> {
        for name in ["masthead.db", "masthead.db-wal", "masthead.db-shm"] {
            self.remove(&self.data.join(name))?;
        }
        // The next database is not taken for one that was lost.
        data_record::forget(&self.root, &self.data).map_err(|error| unwritable(&self.root, &error))
    }

    /// Notes that filling begins.
    pub fn begin(&self) -> Result<(), CliError> {
        fs::write(self.marker(), "").map_err(|error| unwritable(&self.data, &error))
    }

    /// Notes that everything is there.
    pub fn end(self) -> Result<(), CliError> {
        self.remove(&self.marker())
    }

    fn marker(&self) -> PathBuf {
        self.data.join("filling")
    }

    fn remove(&self, file: &Path) -> Result<(), CliError> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(unwritable(&self.data, &error))
            }
            _ => Ok(()),
        }
    }
}

fn unwritable(folder: &Path, error: &io::Error) -> CliError {
    let folder = folder.display();
    let remedy = remedy::of(error, "check who owns it");
    CliError::new(format!("the folder {folder} cannot be written ({error}); {remedy}"))
}
