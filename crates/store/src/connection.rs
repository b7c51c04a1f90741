//! Opening a database.

use std::time::Duration;

use crate::{
    Location, StoreError,
    address_digests::AddressDigests,
    breaker::Breaker,
    lock_wait::LockWait,
    records::edition,
    sealer::Sealer,
    upgrade::{self, Opening, Prepared},
    usage::Usage,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, EntityTrait, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    prelude::Expr,
    sea_query::ExprTrait,
    sqlx::{
        Connection, Sqlite,
        pool::PoolOptions,
        postgres::PgConnection,
        sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::time::timeout;

/// How many connections to an SQLite database are open at most.
const SQLITE_CONNECTIONS: u32 = 4;
/// How many rows SQLite's thread reads ahead. With the default of 50, it and the thread that takes them wait for each other
/// so often that it costs more than reading.
const SQLITE_ROWS: usize = 1000;

/// What PostgreSQL must allow.
const CONNECTIONS: &str = "each server needs nine connections: raise max_connections, or the limit of the role with ALTER ROLE \
    … CONNECTION LIMIT";
/// How long to look for the reason why PostgreSQL cannot be reached.
const EXPLANATION: Duration = Duration::from_secs(3);
/// How long to wait for a connection to PostgreSQL, which may be busy.
const POSTGRES_WAIT: Duration = Duration::from_secs(5);

/// A publication's database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: DatabaseConnection,
    pub(crate) sealer: Sealer,
    pub(crate) breaker: Breaker,
    pub(crate) address_digests: AddressDigests,
    pub(crate) lock_wait: LockWait,
    pub(crate) _usage: Usage,
}

impl Store {
    /// Opens the database, creating or upgrading it first. Of an SQLite file that is upgraded, a copy is kept
    /// beside it.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be reached, is newer than this version, or cannot be upgraded; it is then
    /// unchanged.
    #[tracing::instrument(skip_all)]
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        Ok(Self::migrate(location).await?.0)
    }

    /// Does the same as [`Self::open`], and returns what was done to the database.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::open`] does.
    #[tracing::instrument(skip_all)]
    pub async fn migrate(location: &Location) -> Result<(Self, Prepared), StoreError> {
        Self::connect(location, Opening::Upgrade).await
    }

    /// Opens the database, creating it first if it is new.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be reached, or is of another version; it is then unchanged.
    #[tracing::instrument(skip_all)]
    pub async fn open_current(location: &Location) -> Result<Self, StoreError> {
        Ok(Self::connect(location, Opening::Create).await?.0)
    }

    /// Opens a database that exists. Nothing is created or upgraded.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be reached, is empty, or is of another version.
    #[tracing::instrument(skip_all)]
    pub async fn open_existing(location: &Location) -> Result<Self, StoreError> {
        Ok(Self::connect(location, Opening::Existing).await?.0)
    }

    async fn connect(
        location: &Location,
        opening: Opening,
    ) -> Result<(Self, Prepared), StoreError> {
        if opening == Opening::Existing {
            upgrade::refuse_missing(location)?;
        }
        let lock_wait = LockWait::default();
        let mut options = options(location);
        limit_lock_waits(&mut options, &lock_wait);
        let database = connect_with(options, location).await?;
        let (usage, prepared) = match prepare(&database, location, opening).await {
            // The pool says only that it has waited.
            Err(StoreError::NoConnection(error)) => {
                return Err(unreachable(&error, location).await);
            }
            prepared => prepared?,
        };
        let address_digests = AddressDigests::default();
        let breaker = Breaker::default();
        let sealer = Sealer::default();
        let store = Self { database, sealer, breaker, address_digests, lock_wait, _usage: usage };
        Ok((store, prepared))
    }

    /// Returns `true` if other servers may use this database at the same time. An SQLite database belongs
    /// to one server.
    pub fn is_shared(&self) -> bool {
        self.database.get_database_backend() == DbBackend::Postgres
    }

    /// Closes all connections, for every clone of this store. An SQLite database that nobody else has open is then complete in
    /// its file, without companions.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.database.close_by_ref().await?)
    }

    /// Checks that the database answers.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.database.ping().await?)
    }

    /// Returns the revision of the latest write; 0 for a new database.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn revision(&self) -> Result<i64, StoreError> {
        let revision = edition::Entity::find()
            .select_only()
            .column(edition::Column::Revision)
            .into_tuple()
            .one(&self.database)
            .await?;
        // Servers ask for it all the time while the database is away, so an outage ends for readers at once.
        self.breaker.close();
        Ok(revision.unwrap_or_default())
    }

    /// Returns the random identity of this database. A restored or moved database has another one.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn identity(&self) -> Result<String, StoreError> {
        Ok(self.identity_and_revision().await?.0)
    }

    /// Returns the identity of this database and the revision of the latest write, with one question.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn identity_and_revision(&self) -> Result<(String, i64), StoreError> {
        let row = edition::Entity::find().one(&self.database).await?;
        Ok(row.map(|row| (row.identity, row.revision)).unwrap_or_default())
    }

    /// Limits an SQLite database to `pages` pages of 4 KiB, like a full disk. For tests.
    #[doc(hidden)]
    #[tracing::instrument(skip_all)]
    pub async fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        // The limit holds for a connection, so all of them are taken at the same time.
        let mut connections = Vec::new();
        for _ in 0..SQLITE_CONNECTIONS {
            let connection = self.database.begin().await?;
            let sql = format!("PRAGMA max_page_count = {pages}");
            connection.execute_unprepared(&sql).await?;
            connections.push(connection);
        }
        Ok(())
    }

    /// Records a migration that this version does not know, like a newer version. For tests.
    #[doc(hidden)]
    #[tracing::instrument(skip_all)]
    pub async fn pretend_newer(&self, version: &str) -> Result<(), StoreError> {
        let sql =
            format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{version}', 0)");
        self.database.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Begins a transaction that writes. On SQLite it waits for its turn here: one that read first, and wrote only after another had
    /// written, would fail.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.lock_wait.take_turn(&self.database).await
    }

    /// Begins a write. It takes the next revision first, which serializes writers on both engines before any of
    /// them reads what it will change.
    pub(crate) async fn write(&self) -> Result<(DatabaseTransaction, i64), StoreError> {
        let transaction = self.begin().await?;
        edition::Entity::update_many()
            .col_expr(edition::Column::Revision, Expr::col(edition::Column::Revision).add(1))
            .exec(&transaction)
            .await?;
        let row = edition::Entity::find().one(&transaction).await?;
        let revision = row.map(|row| row.revision).unwrap_or_default();
        Ok((transaction, revision))
    }
}

/// The options of a transaction that writes.
pub(crate) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// Generates an identity for a database.
pub(crate) fn random_identity() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Connects to a database, whatever is in it. What is committed on SQLite is on the disk, and stays there after a power cut.
/// On PostgreSQL the server decides, see [`commit_durably`].
pub(crate) async fn connect(location: &Location) -> Result<DatabaseConnection, StoreError> {
    connect_with(options(location), location).await
}

/// The same with one connection, so that any other is somebody else's.
pub(crate) async fn connect_once(location: &Location) -> Result<DatabaseConnection, StoreError> {
    let mut options = options(location);
    options.max_connections(1);
    connect_with(options, location).await
}

/// Commits a transaction, and returns once that is on the disk. PostgreSQL may be set up to answer before
/// (`synchronous_commit = off`).
pub(crate) async fn commit_durably(transaction: DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Every other value waits for the disk at least, and may not wait for a standby that is away.
        let sql = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";
        transaction.execute_unprepared(sql).await?;
    }
    transaction.commit().await
}

/// Lets `lock_wait` decide how long the connections wait for locks.
fn limit_lock_waits(options: &mut ConnectOptions, lock_wait: &LockWait) {
    let (postgres, sqlite) = (lock_wait.clone(), lock_wait.clone());
    options
        .map_sqlx_postgres_pool_opts(move |options| postgres.of_postgres(options))
        .map_sqlx_sqlite_pool_opts(move |options| sqlite.of_sqlite(close_broken(options)));
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

/// Makes what was opened ready for use.
async fn prepare(
    database: &DatabaseConnection,
    location: &Location,
    opening: Opening,
) -> Result<(Usage, Prepared), StoreError> {
    let usage = Usage::begin(database, location).await?;
    Ok((usage, upgrade::prepare(database, location, opening).await?))
}

async fn unreachable(error: &DbErr, location: &Location) -> StoreError {
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
                Ok(Err(error)) if is_limit(&error) => format!("{error}; {CONNECTIONS}"),
                Ok(Err(error)) => error.to_string(),
                Ok(Ok(_)) => format!("{error}; {CONNECTIONS}"),
                Err(_) => "it does not answer".to_owned(),
            };
            format!("{reason}; check the URL, and that the server runs and lets this user in")
        }
    }
}

#[cfg(test)]
mod tests {
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
