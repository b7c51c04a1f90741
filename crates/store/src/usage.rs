//! Who uses a database: any number of programs, or one that moves it to another database.
//!
//! A program that moves it must see every write, and nobody may write to what it leaves behind. On SQLite every open
//! store has a shared lock on a file beside the database. On PostgreSQL a move has an advisory lock, which a program asks
//! for once it is connected, so that it is either refused or seen among the connections. A server is known there by the name of the
//! connection on which it listens to changes.

use std::{
    fs::{self, TryLockError},
    io,
    os::unix::fs::{MetadataExt, fchown},
    path::{Path, PathBuf},
    sync::Arc,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend};

use crate::{
    Location, Store, StoreError, change_feed::LISTENER, health::value, upgrade::with_suffix,
};

/// The key of the advisory lock that a move has on PostgreSQL. It is particular to a database.
const LOCK: i64 = 0x6d61_7374_6d6f_7665;

/// The shared lock of an open store on SQLite.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    _lock: Option<Arc<fs::File>>,
}

impl Usage {
    /// Says that a program uses the database, to which it is connected.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Moving`] if another program moves it.
    pub(crate) async fn begin(
        database: &DatabaseConnection,
        location: &Location,
    ) -> Result<Self, StoreError> {
        let Location::Sqlite(path) = location else {
            let is_free = ask(database, "pg_try_advisory_xact_lock_shared").await?;
            return if is_free { Ok(Self::default()) } else { Err(StoreError::Moving) };
        };
        // On a disk that is full or cannot be written there may be no file. Nobody moves the database then.
        let Ok(file) = open(path) else { return Ok(Self::default()) };
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _lock: Some(Arc::new(file)) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Moving),
            Err(TryLockError::Error(_)) => Ok(Self::default()),
        }
    }
}

/// Keeps all other programs from an SQLite database until the file is dropped. Returns `None` if some use it.
pub(crate) fn exclude_others(database: &Path) -> io::Result<Option<fs::File>> {
    let file = open(database)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Keeps new programs from a PostgreSQL database until the transaction ends. Returns `false` if another move does.
pub(crate) async fn refuse_new_programs(
    transaction: &impl ConnectionTrait,
) -> Result<bool, StoreError> {
    ask(transaction, "pg_try_advisory_xact_lock").await
}

/// Refuses a PostgreSQL database that servers use at this moment.
///
/// # Errors
///
/// Returns [`StoreError::ServersRunning`] if there are any.
pub(crate) async fn refuse_servers(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // Within a transaction PostgreSQL would answer as it did the first time.
    transaction.execute_unprepared("SELECT pg_stat_clear_snapshot()").await?;
    match count_servers(transaction).await? {
        0 => Ok(()),
        servers => Err(StoreError::ServersRunning(servers)),
    }
}

/// How many servers use a PostgreSQL database.
async fn count_servers(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{LISTENER}'"
    );
    value(connection, &sql).await
}

impl Store {
    /// Whether servers use the database at this moment. Only PostgreSQL knows: with SQLite the data directory is locked by its server.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn has_servers(&self) -> Result<bool, StoreError> {
        Ok(self.is_shared() && count_servers(&self.database).await? > 0)
    }
}

async fn ask(connection: &impl ConnectionTrait, function: &str) -> Result<bool, StoreError> {
    value(connection, &format!("SELECT {function}({LOCK})")).await
}

fn open(database: &Path) -> io::Result<fs::File> {
    let path: PathBuf = with_suffix(database, ".lock");
    let mut options = fs::OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
    // What root creates belongs to the owner of the database, as SQLite does it with its own files. Otherwise the server could not
    // open it.
    if let (Ok(owner), Ok(found)) = (fs::metadata(database), file.metadata())
        && owner.uid() != found.uid()
    {
        let _ = fchown(&file, Some(owner.uid()), Some(owner.gid()));
    }
    Ok(file)
}
