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
