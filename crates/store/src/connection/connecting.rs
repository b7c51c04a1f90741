//! Connecting to a database, with what each engine needs to be set, and why it cannot be reached.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::{
        Connection, Sqlite,
        pool::PoolOptions,
        postgres::PgConnection,
        sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::time::timeout;

use crate::{Location, Store, StoreError, lock_wait::LockWait};

/// How many connections to an SQLite database are open at most.
pub(super) const SQLITE_CONNECTIONS: u32 = 4;
/// How many rows SQLite's thread reads ahead. With the default of 50, it and the thread that takes them wait for each other
/// so often that it costs more than reading.
const SQLITE_ROWS: usize = 1000;

/// What PostgreSQL must allow.
const CONNECTIONS: &str = "each server needs nine connections: raise max_connections, or the limit of the role with ALTER ROLE \
    … CONNECTION LIMIT";
/// How long to look for the reason why PostgreSQL cannot be reached.
const EXPLANATION: Duration = Duration::from_secs(3);
/// How long to wait for a connection to PostgreSQL, which may be busy.
pub(crate) const POSTGRES_WAIT: Duration = Duration::from_secs(5);

/// Connects to a database, whatever is in it. What is committed on SQLite is on the disk, and stays there after a power cut.
/// On PostgreSQL the server decides, see [`commit_durably`](super::commit_durably).
pub(crate) async fn connect(location: &Location) -> Result<DatabaseConnection, StoreError> {
    connect_with(options(location), location).await
}

/// The same with one connection, so that any other is somebody else's.
pub(crate) async fn connect_once(location: &Location) -> Result<DatabaseConnection, StoreError> {
    let mut options = options(location);
    options.max_connections(1);
    connect_with(options, location).await
}

/// The same for a publication's server, whose connections wait for locks as `lock_wait` says.
pub(super) async fn connect_waiting(
    location: &Location,
    lock_wait: &LockWait,
) -> Result<DatabaseConnection, StoreError> {
    let mut options = options(location);
    let (postgres, sqlite) = (lock_wait.clone(), lock_wait.clone());
    options
        .map_sqlx_postgres_pool_opts(move |options| postgres.of_postgres(options))
        .map_sqlx_sqlite_pool_opts(move |options| sqlite.of_sqlite(close_broken(options)));
    connect_with(options, location).await
}

async fn connect_with(
    options: ConnectOptions,
    location: &Location,
) -> Result<DatabaseConnection, StoreError> {
    match Database::connect(options).await {
        Ok(database) => Ok(database),
        Err(error) => Err(match StoreError::from(error) {
            StoreError::DamagedFile(_) => StoreError::DamagedFile(location.to_string()),
            StoreError::Other(error) | StoreError::NoConnection(error) => {
                unreachable(&error, location).await
            }
            error => error,
        }),
    }
}

impl Store {
    /// Returns the error with the reason why PostgreSQL lets no connection in, such as the limit of the role; any other error as it is.
    pub(crate) async fn explained(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::NoConnection(error) if self.is_shared() => {
                unreachable(&error, self.opened.location()).await
            }
            error => error,
        }
    }
}

pub(super) async fn unreachable(error: &DbErr, location: &Location) -> StoreError {
    let reason = explain(error, location).await;
    StoreError::Unreachable { location: location.to_string(), reason }
}

fn options(location: &Location) -> ConnectOptions {
    let url = match location {
        Location::Sqlite(path) => format!("sqlite://{}?mode=rwc", path.display()),
        Location::Postgres(url) => url.clone(),
    };
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(8)
        .connect_timeout(Duration::from_secs(10))
        .acquire_timeout(Duration::from_secs(30))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                // With less, a power cut may take back the last commits of a write-ahead log, payments among them.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(30))
                .row_buffer_size(SQLITE_ROWS)
                // In KiB where negative. The system keeps the file in its own cache anyway.
                .pragma("cache_size", "-512")
                // Deleted content is overwritten with zeros, so that a copy of the file holds nothing that was deleted.
                .pragma("secure_delete", "ON")
        })
        .map_sqlx_sqlite_pool_opts(close_broken);
    match location {
        Location::Sqlite(_) => options.max_connections(SQLITE_CONNECTIONS),
        Location::Postgres(_) => options.acquire_timeout(POSTGRES_WAIT),
    };
    options
}

/// Closes connections whose transaction could not be rolled back, instead of returning them to the pool.
///
/// On a full disk SQLite may roll a transaction back by itself. The driver's own `ROLLBACK` then fails, and it takes the next
/// transaction for one within the first: rolling that back would keep SQLite's write lock for good.
fn close_broken(options: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    options.after_release(|connection, _| Box::pin(is_reusable(connection)))
}

async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, sea_orm::sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may be on its way. Commands are worked off in order.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Whether the limit of connections of PostgreSQL, of its database or of the role is reached.
fn is_limit(error: &sea_orm::sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sea_orm::sqlx::error::DatabaseError::code);
    code.as_deref() == Some("53300")
}

async fn explain(error: &DbErr, location: &Location) -> String {
    match location {
        Location::Sqlite(path) => {
            let folder = path.parent().map(|folder| folder.display().to_string());
            format!(
                "{error}; check that the directory {} exists and may be written",
                folder.unwrap_or_default()
            )
        }
        Location::Postgres(url) => {
            // The pool says only that it has waited. A connection of its own says for what.
            let connecting = timeout(EXPLANATION, PgConnection::connect(url)).await;
            let reason = match connecting {
                Ok(Err(error)) if is_limit(&error) => return format!("{error}; {CONNECTIONS}"),
                Ok(Err(error)) => error.to_string(),
                Ok(Ok(_)) => return format!("all connections were in use; {CONNECTIONS}"),
                Err(_) => "it does not answer".to_owned(),
            };
            format!("{reason}; check the URL, and that the server runs and lets this user in")
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::TransactionTrait;

    use super::*;
    use crate::health::value;

    /// `PRAGMA synchronous`, FULL.
    const FULL: i64 = 2;

    #[tokio::test]
    async fn every_commit_on_sqlite_waits_for_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        // All at the same time, so that each is another connection.
        let mut connections = Vec::new();
        for _ in 0..SQLITE_CONNECTIONS {
            connections.push(store.database.begin().await.expect("a connection"));
        }
        for connection in &connections {
            let synchronous: i64 =
                value(connection, "PRAGMA synchronous").await.expect("a setting");
            assert_eq!(synchronous, FULL);
        }
        let alone = connect_once(&location).await.expect("a database");
        let synchronous: i64 = value(&alone, "PRAGMA synchronous").await.expect("a setting");
        assert_eq!(synchronous, FULL);
    }
}
