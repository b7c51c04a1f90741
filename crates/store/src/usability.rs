//! Whether a database that was opened can still be used: a PostgreSQL server may become a standby or be set to read-only, and the file
//! of an SQLite database may be deleted or replaced.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Location, Store, StoreError};

/// Where a database was opened, and which file that was.
#[derive(Debug)]
pub(crate) struct Opened {
    location: Location,
    file: Option<FileIdentity>,
}

/// A file, whatever its name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    fn of(path: &Path) -> io::Result<Self> {
        let file = fs::metadata(path)?;
        Ok(Self { device: file.dev(), inode: file.ino() })
    }
}

impl Opened {
    /// Notes what is open there.
    pub(crate) fn at(location: &Location) -> Self {
        let file = match location {
            Location::Sqlite(path) => FileIdentity::of(path).ok(),
            Location::Postgres(_) => None,
        };
        Self { location: location.clone(), file }
    }

    /// Where the database is.
    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// Refuses a file that is no longer the one that was opened. Other errors than a missing file say nothing about it.
    fn check_file(&self) -> Result<(), StoreError> {
        let (Location::Sqlite(path), Some(opened)) = (&self.location, self.file) else {
            return Ok(());
        };
        let is_lost = match FileIdentity::of(path) {
            Ok(found) => found != opened,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if !is_lost {
            return Ok(());
        }
        Err(StoreError::FileLost { path: path.display().to_string(), process: std::process::id() })
    }
}

impl Store {
    /// Checks that the database answers and can be written, and returns whether it is a restored copy that was not activated.
    ///
    /// If PostgreSQL can only be read, the connections of this store are closed and others opened: after a failover the same address
    /// may lead to another server.
    ///
    /// # Errors
    ///
    /// Fails if the database does not answer. Returns [`StoreError::Standby`] or [`StoreError::OnlyRead`] if PostgreSQL can only be
    /// read, and [`StoreError::FileLost`] if the file of an SQLite database was deleted or replaced.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn check_usable(&self) -> Result<bool, StoreError> {
        self.opened.check_file()?;
        let sql = match self.database.get_database_backend() {
            DbBackend::Postgres => {
                "SELECT restored_at IS NOT NULL, pg_is_in_recovery(), current_setting('transaction_read_only') = 'on' FROM edition"
            }
            _ => "SELECT restored_at IS NOT NULL, FALSE, FALSE FROM edition",
        };
        let statement = Statement::from_string(self.database.get_database_backend(), sql);
        let row = match self.database.query_one_raw(statement).await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(false),
            Err(error) => return Err(self.explained(error.into()).await),
        };
        let (is_standby, is_read_only) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        refuse_read_only(&self.opened.location, is_standby, is_read_only)
            .inspect_err(|_| self.lock_wait.retire_connections())?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Whether the file of an SQLite database is still the one that was opened; for PostgreSQL always.
    pub fn has_its_file(&self) -> bool {
        self.opened.check_file().is_ok()
    }

    /// Checks that the database can be locked for a write: SQLite has one lock for that, which another program may keep.
    ///
    /// # Errors
    ///
    /// Fails with [`StoreError::Locked`] if it cannot, after the time that [`Store::limit_lock_waits`] sets.
    #[tracing::instrument(skip_all)]
    pub async fn check_unlocked(&self) -> Result<(), StoreError> {
        Ok(self.begin().await?.rollback().await?)
    }
}

/// Refuses a PostgreSQL database that can only be read.
pub(crate) fn refuse_read_only(
    location: &Location,
    is_standby: bool,
    is_read_only: bool,
) -> Result<(), StoreError> {
    if is_standby {
        return Err(StoreError::Standby(location.to_string()));
    }
    if is_read_only {
        return Err(StoreError::OnlyRead(location.to_string()));
    }
    Ok(())
}
