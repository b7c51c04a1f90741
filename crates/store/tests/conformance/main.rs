//! One suite, run on both engines.

#![allow(clippy::expect_used, clippy::panic)]

use jiff::Timestamp;
use masthead_access::token::Keyring;
use masthead_circulation::{AccountId, AddressMove, Digest, EmailAddress, Secret};
use masthead_store::{AddressChangeResult, Location, Store};
use rand::{SeedableRng, rngs::StdRng};

/// Runs each test on a new database of either engine.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                let folder = tempfile::tempdir().expect("a directory");
                let location = masthead_store::Location::Sqlite(folder.path().join("masthead.db"));
                super::$test(&location).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&masthead_store::Location::Postgres(masthead_test_support::postgres::database())).await;
            })*
        }
    };
}

mod added_readers;
mod address_changes;
mod article_imports;
mod assignments;
mod audience;
mod audit_log;
mod authors;
mod backups;
mod beginning;
mod change_feed;
mod checkouts;
mod comments;
mod confirming_emails;
mod connection;
mod deliveries;
mod desk_jobs;
mod disputes;
mod factor_changes;
mod former_readers;
mod identity;
mod key_fingerprints;
mod live_coverage;
mod measurements;
mod notifications;
mod orders;
mod outbox;
mod picture_files;
mod picture_uses;
mod pieces;
mod plan_changes;
mod planning;
mod races;
mod reader_imports;
mod reader_list;
mod readers;
mod reading;
mod recipients;
mod refunds;
mod refunds_elsewhere;
mod reminders;
mod renaming;
mod retention;
mod reviews;
mod schema;
mod second_factors;
mod served;
mod settings;
mod staff;
mod stories;
mod subscriptions;
mod transfer;
mod unreadable;
mod upgrade;
mod usability;
mod weekly_figures;
mod withdrawals;

async fn open(location: &Location) -> Store {
    Store::open(location).await.expect("a database").with_keys(&keys())
}

/// The same keys for every server of a test.
fn keys() -> Keyring {
    Keyring::generate(&mut StdRng::seed_from_u64(1))
}

/// Changes an account's address as if both addresses had just confirmed it.
async fn change_address(
    store: &Store,
    account: AccountId,
    email: &EmailAddress,
    kept: Option<&Digest>,
    now: Timestamp,
) -> AddressChangeResult {
    let request = AddressMove {
        from_old: Secret::generate(&mut rand::rng()).digest(),
        from_new: Secret::generate(&mut rand::rng()).digest(),
        account,
        email: email.clone(),
        asked: now,
        old_agrees: true,
        new_agrees: true,
    };
    store.create_address_change(&request).await.expect("stored");
    store.change_address(&request, kept, &[], now).await.expect("a database")
}

/// A connection of its own to a database, for what the store does not offer.
async fn connect(location: &Location) -> sea_orm::DatabaseConnection {
    let url = match location {
        Location::Sqlite(path) => format!("sqlite://{}?mode=rwc", path.display()),
        Location::Postgres(url) => url.clone(),
    };
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("a connection")
}
