//! Connections to a database.

use masthead_store::{Location, Store};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{connect, open};

on_both_engines!(a_healthy_database_says_so);

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
    let difference = jiff::Timestamp::now().duration_since(health.clock).abs();
    assert!(difference.as_secs() < 5, "{health:?}");
}
