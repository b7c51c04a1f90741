//! Moving a publication to another database, with every write and without leaving two that charge readers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait, sea_query::Expr,
};

use super::{DatabaseLoad, Snapshot, TransferError};
use crate::{
    Location, StoreError,
    connection::{commit_durably, connect_once},
    health::value,
    records::edition,
    upgrade::{self, Opening},
    usage,
};

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them were copied.
    pub copied: u64,
}

/// Copies everything into an empty database, while no other program uses this one. What is left behind is marked as a
/// copy, so that a server which is started on it by mistake charges nobody. Returns how many rows there are, by table.
///
/// # Errors
///
/// Returns [`TransferError`] if other programs use the database, it is itself a copy, the other one is not empty, or
/// either fails. Nothing has changed then.
#[tracing::instrument(skip_all)]
pub async fn move_database(
    from: &Location,
    to: &Location,
    now: Timestamp,
    progress: impl Fn(Progress) + Send,
) -> Result<BTreeMap<String, u64>, TransferError> {
    upgrade::refuse_missing(from)?;
    let _lock = match from {
        Location::Sqlite(path) => {
            let locked = usage::exclude_others(path).map_err(TransferError::Lock)?;
            Some(locked.ok_or(TransferError::InUse)?)
        }
        Location::Postgres(_) => None,
    };
    let database = connect_once(from).await?;
    upgrade::prepare(&database, from, Opening::Existing).await?;
    let snapshot = Snapshot::of(begin_alone(&database).await?).await?;
    let mut load = DatabaseLoad::begin(to, snapshot.migrations()).await?;
    let counts = copy(&snapshot, &mut load, progress).await?;
    let load = load.complete(&counts, &snapshot.sequences().await?, None).await?;
    // In this order: a process that is killed in between leaves a copy, and never two that charge readers. The mark is on the
    // disk before the new database is there, because a power cut that takes the mark back would leave two as well.
    let source = snapshot.into_transaction();
    mark_as_copy(&source, now).await?;
    commit_durably(source).await?;
    // A commit that seems to fail may have happened.
    load.commit().await.map_err(|error| TransferError::Unfinished(error.to_string()))
}

/// Begins a transaction that sees all that was ever written, and beside which nobody writes.
async fn begin_alone(database: &DatabaseConnection) -> Result<DatabaseTransaction, TransferError> {
    let transaction = database
        .begin_with_options(TransactionOptions {
            isolation_level: (database.get_database_backend() == DbBackend::Postgres)
                .then_some(IsolationLevel::RepeatableRead),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        lock_tables(&transaction).await?;
        let is_alone = usage::refuse_new_programs(&transaction).await?
            && other_connections(&transaction).await? == 0;
        if !is_alone {
            return Err(TransferError::InUse);
        }
    }
    let row = edition::Entity::find().one(&transaction).await?;
    match row.and_then(|row| row.restored_at) {
        Some(_) => Err(TransferError::Copy),
        None => Ok(transaction),
    }
}

/// Waits until no table is being written. It must be the transaction's first statement: what it sees is of the moment of
/// the next one (PostgreSQL, LOCK).
async fn lock_tables(transaction: &DatabaseTransaction) -> Result<(), TransferError> {
    let tables = upgrade::tables_of_this_version().await?;
    let own = tables.iter().filter(|name| !name.starts_with("sqlite_"));
    let names: Vec<String> = own.map(|name| format!("\"{name}\"")).collect();
    // PostgreSQL's own cleaning of a table ends when somebody waits.
    let sql = format!(
        "SET LOCAL lock_timeout = '10s'; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
        names.join(", ")
    );
    let locked = transaction.execute_unprepared(&sql).await;
    locked
        .map(drop)
        .map_err(|error| if is_locked(&error) { TransferError::InUse } else { error.into() })
}

/// SQLSTATE 55P03, `lock_not_available`.
fn is_locked(error: &DbErr) -> bool {
    crate::error::code(error).as_deref() == Some("55P03")
}

async fn other_connections(transaction: &DatabaseTransaction) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    value(transaction, sql).await
}

async fn mark_as_copy(source: &DatabaseTransaction, at: Timestamp) -> Result<(), DbErr> {
    let mark = Expr::value(at.as_second());
    let update = edition::Entity::update_many().col_expr(edition::Column::RestoredAt, mark);
    update.exec(source).await.map(drop)
}

/// Copies all rows. Returns how many there are, by table.
async fn copy(
    snapshot: &Snapshot,
    load: &mut DatabaseLoad,
    progress: impl Fn(Progress) + Send,
) -> Result<BTreeMap<String, u64>, TransferError> {
    let mut done = Progress { rows: snapshot.count().await?, copied: 0 };
    let mut counts = BTreeMap::new();
    for table in snapshot.tables() {
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let (mut last, before) = (None, done.copied);
        loop {
            let rows = snapshot.rows_after(table, last.as_ref()).await?;
            if rows.is_empty() {
                break;
            }
            load.insert(&table.name, &columns, &rows).await?;
            done.copied += rows.len() as u64;
            progress(done);
            last = rows.into_iter().next_back();
        }
        counts.insert(table.name.clone(), done.copied - before);
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use masthead_test_support::postgres;

    use super::*;
    use crate::connection::connect;

    #[tokio::test]
    async fn commits_of_a_move_on_postgresql_wait_for_the_disk_though_others_do_not() {
        let location = Location::Postgres(postgres::database());
        let database = connect(&location).await.expect("a database");
        let name: String = value(&database, "SELECT current_database()::text").await.expect("read");
        let lazy = format!("ALTER DATABASE \"{name}\" SET synchronous_commit = off");
        database.execute_unprepared(&lazy).await.expect("set");
        database.close().await.expect("closed");
        let database = connect_once(&location).await.expect("a database");
        let transaction = database.begin().await.expect("begun");
        let trigger = "CREATE TABLE seen (setting text); CREATE TABLE moved (a integer); \
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
            INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$; \
            CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON moved DEFERRABLE INITIALLY DEFERRED \
            FOR EACH ROW EXECUTE FUNCTION note(); INSERT INTO moved VALUES (1)";
        transaction.execute_unprepared(trigger).await.expect("created");
        commit_durably(transaction).await.expect("committed");
        let at_commit: String = value(&database, "SELECT setting FROM seen").await.expect("noted");
        assert_eq!(at_commit, "on");
    }
}
