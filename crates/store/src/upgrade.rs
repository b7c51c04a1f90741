//! Creating a database, and upgrading one that an older version made.
//!
//! All pending migrations run in one transaction and under a lock on both engines, so a process that is
//! killed changes nothing, and several processes that start at once upgrade one after another.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, FromQueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::{
    Location, Store, StoreError, connection::connect, durable::sync_with_folder,
    migrations::Migrations, suitability, usage,
};

/// The key of the advisory lock that upgrades hold on PostgreSQL. It is particular to a database.
const LOCK: i64 = 0x6d61_7374_6865_6164;

/// How a database is upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upgrading {
    /// Whether a new database is created.
    pub creates: bool,
    /// Whether it is refused while servers use an older database on PostgreSQL.
    pub is_alone: bool,
}

/// What may be done to a database so that it can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// An older one is upgraded. A copy of an SQLite file is kept.
    Upgrade(Upgrading),
    /// A new one is created, and an older one refused.
    Create,
    /// Nothing. A new one and an older one are refused.
    Existing,
}

impl Opening {
    /// Whether a new database is created.
    pub(crate) fn creates(self) -> bool {
        matches!(self, Self::Upgrade(Upgrading { creates: true, .. }) | Self::Create)
    }
}

/// What was done to a database so that it could be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// Nothing: it is of this version.
    Current,
    /// Its tables were created.
    Created,
    /// It was upgraded.
    Upgraded {
        /// The copy that an SQLite database has from before.
        copy: Option<PathBuf>,
    },
}

impl Store {
    /// Returns whether there is no database, or one without tables. Nothing is created.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be reached or read.
    #[tracing::instrument(skip_all)]
    pub async fn is_empty(location: &Location) -> Result<bool, StoreError> {
        if refuse_missing(location).is_err() {
            return Ok(true);
        }
        let database = connect(location).await?;
        let has_tables = has_migrations(&database).await?;
        database.close().await?;
        Ok(!has_tables)
    }
}

/// Refuses an SQLite database that would be created by connecting to it.
pub(crate) fn refuse_missing(location: &Location) -> Result<(), StoreError> {
    let Location::Sqlite(path) = location else { return Ok(()) };
    let is_empty = match fs::metadata(path) {
        Ok(file) => file.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_empty { Err(StoreError::Empty(location.to_string())) } else { Ok(()) }
}

/// Creates the tables of a new database, and upgrades an older one, if `opening` says so.
pub(crate) async fn prepare(
    database: &DatabaseConnection,
    location: &Location,
    opening: Opening,
) -> Result<Prepared, StoreError> {
    // Without a lock first: a current database must open although its disk is full.
    let found = applied(database).await?;
    let missing = pending(&found)?;
    let Some(first) = missing.first() else { return Ok(Prepared::Current) };
    if found.is_empty() {
        suitability::check_may_create(database).await?;
        if !opening.creates() {
            return Err(StoreError::Empty(location.to_string()));
        }
    }
    if opening == Opening::Existing {
        return Err(StoreError::Older(first.clone()));
    }
    let transaction = lock(database).await?;
    let applied = applied(&transaction).await?;
    let pending = pending(&applied)?;
    let Some(first) = pending.first() else { return Ok(Prepared::Current) };
    let mut prepared = Prepared::Created;
    if !applied.is_empty() {
        match opening {
            Opening::Upgrade(Upgrading { is_alone: true, .. }) => {
                usage::refuse_servers(&transaction).await?;
            }
            Opening::Upgrade(_) => {}
            Opening::Create | Opening::Existing => return Err(StoreError::Older(first.clone())),
        }
        let copy = match location {
            Location::Sqlite(path) => Some(keep_copy(database, path, first).await?),
            Location::Postgres(_) => None,
        };
        prepared = Prepared::Upgraded { copy };
    }
    Migrations::up(&transaction, None).await?;
    if matches!(opening, Opening::Upgrade(Upgrading { is_alone: true, .. })) {
        // One of an older version may have started meanwhile: it waits for no lock, because nothing was to be upgraded for it.
        usage::refuse_servers(&transaction).await?;
    }
    transaction.commit().await?;
    tracing::info!(migrations = pending.join(", "), "store: database created or upgraded");
    Ok(prepared)
}

/// Begins a transaction that no other upgrade can be in.
pub(crate) async fn lock(database: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let transaction = database
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT pg_advisory_xact_lock({LOCK})");
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(transaction)
}

/// Returns the names of the migrations that were applied; none for a new database.
pub(crate) async fn applied(
    connection: &impl ConnectionTrait,
) -> Result<HashSet<String>, StoreError> {
    #[derive(FromQueryResult)]
    struct Applied {
        version: String,
    }
    if !has_migrations(connection).await? {
        return Ok(HashSet::new());
    }
    let sql = "SELECT version FROM seaql_migrations";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = Applied::find_by_statement(statement).all(connection).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// Returns `true` if the database was created by any version.
pub(crate) async fn has_migrations(connection: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let sql = match connection.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'"
        }
        _ => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
    };
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    Ok(connection.query_one_raw(statement).await?.is_some())
}

/// Returns the names of the migrations that are to be applied, in order.
///
/// # Errors
///
/// Returns [`StoreError::Newer`] if one was applied that this version does not know.
fn pending(applied: &HashSet<String>) -> Result<Vec<String>, StoreError> {
    let known: Vec<String> =
        Migrations::migrations().iter().map(|step| step.name().to_owned()).collect();
    if let Some(unknown) = applied.iter().filter(|name| !known.contains(name)).max() {
        return Err(StoreError::Newer(unknown.clone()));
    }
    Ok(known.into_iter().filter(|name| !applied.contains(name)).collect())
}

/// Upgrades a database of an older version within a transaction.
pub(crate) async fn complete(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    Ok(Migrations::up(transaction, None).await?)
}

/// Creates the tables of an empty database as they are after the first `count` migrations.
pub(crate) async fn create(
    transaction: &DatabaseTransaction,
    count: u32,
) -> Result<(), StoreError> {
    Ok(Migrations::up(transaction, Some(count)).await?)
}

/// Returns the names of this version's tables.
pub(crate) async fn tables_of_this_version() -> Result<HashSet<String>, StoreError> {
    #[derive(FromQueryResult)]
    struct Named {
        name: String,
    }
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Each connection has a database of its own.
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options).await?;
    Migrations::up(&database, None).await?;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let tables = Named::find_by_statement(statement).all(&database).await?;
    Ok(tables.into_iter().map(|table| table.name).collect())
}

/// Copies an SQLite database to `<file>.before-<migration>`. Nobody else writes, because the caller holds the lock.
async fn keep_copy(
    database: &DatabaseConnection,
    path: &Path,
    migration: &str,
) -> Result<PathBuf, StoreError> {
    let copy = with_suffix(path, &format!(".before-{migration}"));
    // Complete or not there at all, even if the process is killed.
    let unfinished = with_suffix(&copy, ".unfinished");
    let made = copy_to(database, &unfinished).await.and_then(|()| {
        fs::rename(&unfinished, &copy)?;
        // Before the upgrade, which a power cut must not leave without the copy.
        sync_with_folder(&copy)?;
        Ok(())
    });
    if let Err(error) = made {
        // It may fill the disk.
        remove_unfinished(&unfinished).ok();
        return Err(StoreError::NoCopy {
            copy: copy.display().to_string(),
            reason: error.to_string(),
        });
    }
    tracing::info!(copy = %copy.display(), "store: database copied before its upgrade");
    Ok(copy)
}

async fn copy_to(database: &DatabaseConnection, file: &Path) -> Result<(), CopyError> {
    remove_unfinished(file)?;
    let quoted = file.display().to_string().replace('\'', "''");
    database.execute_unprepared(&format!("VACUUM INTO '{quoted}'")).await?;
    fs::File::open(file)?.sync_all()?;
    Ok(())
}

/// Removes a copy that was not finished, and what SQLite has left beside it.
fn remove_unfinished(file: &Path) -> io::Result<()> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(with_suffix(file, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Why a database was not copied.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// The same path with more at the end of its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_killed_upgrade_has_left_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("masthead.db.before-m0002.unfinished");
        let journal = with_suffix(&copy, "-journal");
        for left in [&copy, &journal] {
            fs::write(left, "unfinished").expect("written");
        }
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let database = crate::connection::connect(&location).await.expect("a database");
        copy_to(&database, &copy).await.expect("copied");
        assert!(copy.exists() && !journal.exists());
        fs::write(&journal, "unfinished").expect("written");
        remove_unfinished(&copy).expect("removed");
        assert!(!copy.exists() && !journal.exists());
    }
}
