//! How long a statement waits for what another program or connection has locked.
//!
//! A server limits it, so that a request is answered, and its connection is free for others. Upgrades and commands wait: they are
//! begun by somebody who can look.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait,
    sqlx::{Database, Executor, Postgres, Sqlite, pool::PoolOptions},
};

use crate::{Store, connection::immediate, error::is_locked, retirement::Retirement};

const LIMIT_POSTGRES: &str = "SET lock_timeout = '5s'";
/// SQLite has one lock, and the program that asks at the right moment gets it, so that a wait may be long while others write a lot.
const LIMIT_SQLITE: &str = "PRAGMA busy_timeout = 10000";
/// How long a transaction waits at most while others of this program write.
const TURN: Duration = Duration::from_secs(30);

/// Whether the connections of a pool wait for locks only for a short time. All clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct LockWait(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Since when the wait is limited.
    limited: OnceLock<Instant>,
    /// How many transactions that write were begun.
    begun: AtomicU64,
    /// Connections that are not used again.
    retirement: Retirement,
}

impl LockWait {
    fn is_limited(&self) -> bool {
        self.0.limited.get().is_some()
    }

    /// Whether a connection of this age was opened before the wait was limited, or was retired. Then another takes its place: which of them
    /// are open is not known, since one that was used a moment ago comes back to its pool a moment later.
    fn is_outdated(&self, age: Duration) -> bool {
        self.0.limited.get().is_some_and(|since| age > since.elapsed())
            || self.0.retirement.includes(age)
    }

    /// Uses none of the connections again that are open now.
    pub(crate) fn retire_connections(&self) {
        self.0.retirement.retire();
    }

    /// Begins a transaction, and tries again while it waits for others of this program, and not for one that keeps a lock.
    pub(crate) async fn take_turn(
        &self,
        database: &DatabaseConnection,
    ) -> Result<DatabaseTransaction, DbErr> {
        let began = Instant::now();
        loop {
            let before = self.0.begun.load(Ordering::Relaxed);
            let begun = database.begin_with_options(immediate()).await;
            if begun.is_ok() {
                self.0.begun.fetch_add(1, Ordering::Relaxed);
                return begun;
            }
            let others_write = self.0.begun.load(Ordering::Relaxed) != before;
            if !(begun.as_ref().is_err_and(is_locked) && others_write && began.elapsed() < TURN) {
                return begun;
            }
        }
    }

    /// Limits the wait on each connection that is opened from when this is limited, and uses no other from then on.
    pub(crate) fn of_postgres(&self, options: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
        self.limit(options, LIMIT_POSTGRES)
    }

    /// The same for SQLite.
    pub(crate) fn of_sqlite(&self, options: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
        self.limit(options, LIMIT_SQLITE)
    }

    fn limit<D: Database>(&self, options: PoolOptions<D>, statement: &'static str) -> PoolOptions<D>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let (limit, known) = (self.clone(), self.clone());
        let options = options.before_acquire(move |_, opened| {
            let is_current = !known.is_outdated(opened.age);
            Box::pin(async move { Ok(is_current) })
        });
        options.after_connect(move |connection, _| {
            let is_limited = limit.is_limited();
            Box::pin(async move {
                if is_limited {
                    connection.execute(statement).await?;
                }
                Ok(())
            })
        })
    }
}

impl Store {
    /// From now on no statement of this store and its clones waits longer than five seconds, on SQLite ten, for what another program or
    /// connection has locked: it fails with [`StoreError::Locked`](crate::StoreError::Locked). For servers, before they begin to use it.
    pub fn limit_lock_waits(&self) {
        self.lock_wait.0.limited.get_or_init(Instant::now);
    }
}

#[cfg(test)]
mod tests {
    use masthead_test_support::postgres;
    use sea_orm::{ConnectionTrait, EntityName};
    use tokio::time::timeout;

    use super::*;
    use crate::{Location, connection::connect_once, records::edition};

    /// Locks the database as another program does, while `test` runs.
    async fn while_locked(location: &Location, test: impl Future<Output = ()>) {
        let other = Store::open(location).await.expect("a database");
        let held = other.begin().await.expect("a transaction");
        if other.is_shared() {
            let table = edition::Entity.table_name().to_owned();
            held.execute_unprepared(&format!("LOCK TABLE {table}")).await.expect("locked");
        }
        test.await;
        held.rollback().await.expect("ended");
    }

    async fn a_server_waits_a_few_seconds_and_says_what_to_do(location: &Location, remedy: &str) {
        let server = Store::open(location).await.expect("a database");
        server.limit_lock_waits();
        let command = Store::open(location).await.expect("a database");
        while_locked(location, async {
            // Several connections: the one that was open, and those that are opened now.
            let began = Instant::now();
            let (one, two) = tokio::join!(server.write(), server.write());
            for refused in [one, two] {
                let error = refused.map(drop).expect_err("locked");
                assert!(error.is_unreachable(), "{error}");
                assert!(error.to_string().contains(remedy), "{error}");
            }
            assert!((4..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
            let patient = timeout(Duration::from_secs(12), command.write()).await;
            assert!(patient.is_err(), "a command waits");
        })
        .await;
        server
            .write()
            .await
            .expect("nothing is locked any more")
            .0
            .rollback()
            .await
            .expect("ended");
        drop(server.database.begin().await.expect("a connection"));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_on_sqlite_does_not_wait_long_for_another_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        a_server_waits_a_few_seconds_and_says_what_to_do(&location, "fuser").await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_on_postgres_does_not_wait_long_for_another_connection() {
        let location = Location::Postgres(postgres::database());
        a_server_waits_a_few_seconds_and_says_what_to_do(&location, "pg_blocking_pids").await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_transaction_waits_for_its_turn_while_others_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let server = Store::open(&location).await.expect("a database");
        let locked = while_locked(&location, async {
            let alone = connect_once(&location).await.expect("a database");
            alone.execute_unprepared("PRAGMA busy_timeout = 10").await.expect("set");
            let others = server.lock_wait.clone();
            let writing = tokio::spawn(async move {
                for _ in 0..100 {
                    others.0.begun.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
            let began = Instant::now();
            let begun = server.lock_wait.take_turn(&alone).await;
            assert!(is_locked(&begun.map(drop).expect_err("locked")));
            assert!(began.elapsed() >= Duration::from_millis(400), "it was tried again");
            writing.await.expect("ended");
        });
        locked.await;
    }
}
