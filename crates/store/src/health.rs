//! What an operator wants to know about a database.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TryGetable};

use crate::{Store, StoreError};

/// A database at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseHealth {
    /// The engine and its version, such as "PostgreSQL 15.18".
    pub engine: String,
    /// How much room it takes, in bytes.
    pub bytes: u64,
    /// The time of its clock, in seconds.
    pub clock: Timestamp,
    /// What its own check of its file found; empty if nothing is wrong. Only SQLite has one.
    pub damage: String,
    /// The settings of PostgreSQL that are off, although a power cut may take commits back or damage the database without
    /// them, such as `fsync`. Always empty for SQLite, whose connections wait for the disk.
    pub unsafe_settings: Vec<String>,
}

impl Store {
    /// Asks the database about itself.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn health(&self) -> Result<DatabaseHealth, StoreError> {
        let is_sqlite = self.database.get_database_backend() == DbBackend::Sqlite;
        let engine = if is_sqlite {
            "SELECT 'SQLite ' || sqlite_version() AS value"
        } else {
            "SELECT 'PostgreSQL ' || current_setting('server_version') AS value"
        };
        let damage =
            if is_sqlite { self.value("PRAGMA quick_check(1)").await? } else { "ok".to_owned() };
        Ok(DatabaseHealth {
            engine: self.value(engine).await?,
            bytes: self.bytes().await?,
            clock: self.clock().await?,
            damage: if damage == "ok" { String::new() } else { damage },
            unsafe_settings: if is_sqlite { Vec::new() } else { self.unsafe_settings().await? },
        })
    }

    /// Returns the time of the database's clock, in whole seconds.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn clock(&self) -> Result<Timestamp, StoreError> {
        let sql = match self.database.get_database_backend() {
            DbBackend::Sqlite => "SELECT CAST(strftime('%s', 'now') AS bigint) AS value",
            _ => "SELECT CAST(floor(extract(epoch FROM clock_timestamp())) AS bigint) AS value",
        };
        Ok(crate::time(self.value(sql).await?))
    }

    /// Returns how much room the database takes, in bytes.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn bytes(&self) -> Result<u64, StoreError> {
        let sql = match self.database.get_database_backend() {
            DbBackend::Sqlite => {
                "SELECT page_count * page_size AS value FROM pragma_page_count, pragma_page_size"
            }
            _ => "SELECT pg_database_size(current_database()) AS value",
        };
        let bytes: i64 = self.value(sql).await?;
        Ok(bytes.unsigned_abs())
    }

    async fn unsafe_settings(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM pg_settings WHERE setting = 'off' \
            AND name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name";
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let rows = self.database.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    async fn value<T: TryGetable>(&self, sql: &str) -> Result<T, StoreError> {
        value(&self.database, sql).await
    }
}

/// Reads the only value of a query.
pub(crate) async fn value<T: TryGetable>(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<T, StoreError> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("no answer"))?;
    Ok(row.try_get_by_index(0)?)
}
