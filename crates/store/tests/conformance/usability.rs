//! Databases that can no longer be used although they answer.

use std::fs;

use masthead_store::{Location, Store, StoreError};
use sea_orm::ConnectionTrait;

use crate::{connect, open};

on_both_engines!(a_database_can_be_used);

async fn a_database_can_be_used(location: &Location) {
    assert!(!open(location).await.check_usable().await.expect("usable"), "it is no copy");
}

#[tokio::test]
async fn postgres_that_becomes_read_only_is_noticed_and_heals_without_a_restart() {
    let url = masthead_test_support::postgres::database();
    let name = url.split_once('?').expect("options").0.rsplit_once('/').expect("a name").1;
    let location = Location::Postgres(url.clone());
    let store = open(&location).await;
    // Begun before, so that it can still change what new connections cannot.
    let administrator = connect(&location).await;
    let read_only = |state: &str| {
        format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = {state}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    };
    administrator.execute_unprepared(&read_only("on")).await.expect("read-only");
    // The first answers may be those of connections that were ended.
    let mut refused = None;
    for _ in 0..20 {
        if let Err(error) = store.check_usable().await
            && error.is_unusable()
        {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("read-only");
    assert!(matches!(refused, StoreError::OnlyRead(_)), "{refused}");
    assert!(refused.is_unreachable(), "a client is told when to ask again");
    assert!(store.measure(jiff::Timestamp::now()).await.is_err(), "masthead_database_up is 0");
    let written = store.activate(jiff::Timestamp::now()).await.expect_err("read-only");
    assert!(written.is_unreachable(), "{written}");
    assert!(written.to_string().contains("default_transaction_read_only"), "{written}");
    // No connection is ended: those that can only be read are not used again.
    let healed = format!("ALTER DATABASE {name} SET default_transaction_read_only = off");
    administrator.execute_unprepared(&healed).await.expect("writable");
    let mut is_usable = false;
    for _ in 0..20 {
        is_usable = is_usable
            || (store.check_usable().await.is_ok()
                && store.activate(jiff::Timestamp::now()).await.is_ok());
    }
    assert!(is_usable, "with new connections");
}

#[tokio::test]
async fn a_file_that_was_deleted_or_replaced_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("masthead.db");
    let store = Store::open(&Location::Sqlite(path.clone())).await.expect("a database");
    store.check_usable().await.expect("usable");
    let kept = folder.path().join("kept.db");
    fs::rename(&path, &kept).expect("renamed");
    let lost = store.check_usable().await.expect_err("deleted");
    assert!(matches!(lost, StoreError::FileLost { .. }), "{lost}");
    assert!(!store.has_its_file(), "nothing is charged");
    assert!(lost.to_string().contains(&format!("/proc/{}/fd", std::process::id())), "{lost}");
    fs::copy(&kept, &path).expect("replaced");
    assert!(store.check_usable().await.is_err(), "another file with the same content");
    fs::rename(&kept, &path).expect("put back");
    store.check_usable().await.expect("usable");
    assert!(store.has_its_file());
}
