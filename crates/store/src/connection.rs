//! A database that is open, and its transactions.

mod connecting;

use std::sync::{Arc, atomic::AtomicBool};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait, prelude::Expr,
    sea_query::ExprTrait,
};

pub(crate) use self::connecting::{POSTGRES_WAIT, connect, connect_once};
use self::connecting::{SQLITE_CONNECTIONS, connect_waiting, unreachable};
use crate::{
    Location, StoreError,
    address_digests::AddressDigests,
    breaker::Breaker,
    lock_wait::LockWait,
    records::edition,
    sealer::Sealer,
    suitability,
    upgrade::{self, Opening, Prepared, Upgrading},
    usability::Opened,
    usage::Usage,
};

/// A publication's database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: DatabaseConnection,
    pub(crate) sealer: Sealer,
    pub(crate) breaker: Breaker,
    pub(crate) address_digests: AddressDigests,
    /// Whether all addresses of a mailbox count as one reader. Shared by all clones.
    pub(crate) folds_addresses: Arc<AtomicBool>,
    pub(crate) lock_wait: LockWait,
    pub(crate) opened: Arc<Opened>,
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
        Ok(Self::migrate(location, Upgrading { creates: true, is_alone: false }).await?.0)
    }

    /// Does the same as [`Self::open`], within these limits, and returns what was done to the database.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::open`] does, and with [`StoreError::ServersRunning`] or [`StoreError::Empty`].
    #[tracing::instrument(skip_all)]
    pub async fn migrate(
        location: &Location,
        upgrading: Upgrading,
    ) -> Result<(Self, Prepared), StoreError> {
        Self::connect(location, Opening::Upgrade(upgrading)).await
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
        if !opening.creates() {
            upgrade::refuse_missing(location)?;
        }
        let lock_wait = LockWait::default();
        let database = connect_waiting(location, &lock_wait).await?;
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
        let store = Self {
            database,
            sealer,
            breaker,
            address_digests,
            folds_addresses: Arc::default(),
            lock_wait,
            opened: Arc::new(Opened::at(location)),
            _usage: usage,
        };
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

/// Makes what was opened ready for use.
async fn prepare(
    database: &DatabaseConnection,
    location: &Location,
    opening: Opening,
) -> Result<(Usage, Prepared), StoreError> {
    suitability::check(database, location).await?;
    let usage = Usage::begin(database, location).await?;
    Ok((usage, upgrade::prepare(database, location, opening).await?))
}
