//! Connections to a database.

use masthead_circulation::staff::Role;
use masthead_store::{Location, Store, StoreError};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{connect, open, races::at_once, staff::joined};

on_both_engines!(
    a_healthy_database_says_so,
    what_only_reads_creates_nothing,
    what_reads_first_waits_for_its_turn_to_write,
);

#[tokio::test]
async fn a_connection_to_postgresql_can_be_encrypted() {
    let location = Location::Postgres(masthead_test_support::postgres::encrypted_database());
    Store::open(&location).await.expect("a database");
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = connect(&location).await.query_one_raw(statement).await.expect("answered");
    let encrypted: bool = row.expect("a row").try_get("", "ssl").expect("a boolean");
    assert!(encrypted);
}

#[tokio::test]
async fn a_damaged_file_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("masthead.db");
    let location = Location::Sqlite(path.clone());
    let store = Store::open(&location).await.expect("a database");
    store.close().await.expect("closed");
    let whole = std::fs::read(&path).expect("a file");
    // The header stays, and what follows does not; or it is something else altogether.
    let mut damaged = whole.clone();
    damaged[100..4096].fill(7);
    for content in [damaged, b"This is a letter, and no database at all. ".repeat(200)] {
        std::fs::write(&path, content).expect("written");
        let error = Store::open_existing(&location).await.expect_err("damaged");
        assert!(matches!(error, StoreError::DamagedFile(_)), "{error}");
        assert!(error.to_string().contains("restore a backup"), "{error}");
    }
}

#[tokio::test]
async fn a_closed_database_is_complete_in_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("masthead.db");
    let store = Store::open(&Location::Sqlite(path.clone())).await.expect("a database");
    let clone = store.clone();
    store.close().await.expect("closed");
    let names = std::fs::read_dir(folder.path()).expect("a folder").flatten();
    let names: Vec<_> = names.map(|entry| entry.file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("-wal")), "{names:?}");
    assert!(std::fs::metadata(&path).expect("a file").len() > 100_000, "{names:?}");
    clone.revision().await.expect_err("it is closed for all");
}

async fn a_healthy_database_says_so(location: &Location) {
    let health = open(location).await.health().await.expect("an answer");
    assert_eq!(health.damage, "");
    assert!(health.bytes > 100_000, "{health:?}");
    assert!(["SQLite 3", "PostgreSQL "].iter().any(|engine| health.engine.starts_with(engine)));
    // The tests' server does not wait for the disk, because what they store may be lost.
    let unsafe_settings: &[&str] = match location {
        Location::Sqlite(_) => &[],
        Location::Postgres(_) => &["fsync", "full_page_writes"],
    };
    assert_eq!(health.unsafe_settings, unsafe_settings);
    let difference = jiff::Timestamp::now().duration_since(health.clock).abs();
    assert!(difference.as_secs() < 5, "{health:?}");
}

async fn what_only_reads_creates_nothing(location: &Location) {
    for _ in 0..2 {
        let refused = Store::open_existing(location).await.expect_err("an empty database");
        assert!(matches!(refused, StoreError::Empty(_)), "{refused}");
        assert!(refused.to_string().contains("run `masthead migrate`"), "{refused}");
    }
    if let Location::Sqlite(path) = location {
        let folder = path.parent().expect("a folder");
        assert_eq!(folder.read_dir().expect("a folder").count(), 0, "no file was written");
    } else {
        let sql = "SELECT 1 FROM pg_tables WHERE schemaname = 'public'";
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let table = connect(location).await.query_one_raw(statement).await.expect("answered");
        assert!(table.is_none(), "no table was created");
    }
    open(location).await;
    Store::open_existing(location).await.expect("a current database");
}

async fn what_reads_first_waits_for_its_turn_to_write(location: &Location) {
    let servers = [open(location).await, open(location).await];
    let owner = joined(&servers[0], "owner@example.org", Role::Owner).await;
    let ada = joined(&servers[0], "ada@example.org", Role::Editor).await;
    let now = jiff::Timestamp::now();
    let answers = at_once(200, |number| {
        let (store, ada, owner) =
            (servers[usize::from(number) % 2].clone(), ada.clone(), owner.clone());
        async move {
            if number % 3 == 0 {
                store.end_sessions_of_staff(&ada, owner.id, now).await
            } else {
                store.rename_account(owner.id, &format!("Owner {number}"), now).await.map(|()| true)
            }
        }
    });
    assert!(answers.await.into_iter().all(|done| done), "each is done in its turn");
}

/// Runs a statement in this database.
async fn run(location: &Location, sql: &str) {
    crate::connect(location).await.execute_unprepared(sql).await.expect("done");
}

#[tokio::test]
async fn a_postgres_database_that_can_hold_no_publication_is_refused() {
    let url = masthead_test_support::postgres::database();
    let (server, options) = url.split_once('?').expect("options");
    let (server, name) = server.rsplit_once('/').expect("a name");
    let location = Location::Postgres(url.clone());
    run(&location, &format!("CREATE DATABASE {name}_latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")).await;
    let latin = Location::Postgres(format!("{server}/{name}_latin?{options}"));
    let refused = Store::open(&latin).await.expect_err("LATIN1").to_string();
    assert!(refused.contains("LATIN1") && refused.contains("CREATE DATABASE"), "{refused}");
    run(&location, "CREATE ROLE reporter LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let reporter = Location::Postgres(url.replace("//postgres@", "//reporter@"));
    for opened in [Store::open(&reporter).await, Store::open_existing(&reporter).await] {
        let refused = opened.expect_err("no permission").to_string();
        assert!(refused.contains("GRANT USAGE, CREATE ON SCHEMA"), "{refused}");
    }
    run(&location, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    for opened in [Store::open(&location).await, Store::open_existing(&location).await] {
        let refused = opened.expect_err("read-only").to_string();
        assert!(refused.contains("default_transaction_read_only"), "{refused}");
    }
}
