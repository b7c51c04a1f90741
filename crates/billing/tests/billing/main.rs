//! What billing promises about money, on both engines: no charge without a payment record and a receipt or
//! a pending refund, no double charge, no invoice above its charge, whatever happens at the same time.

#![allow(clippy::expect_used, clippy::panic)]

mod bank;
mod beginning;
mod clock;
mod conflicts;
mod deleted;
mod disputes;
mod entered;
mod late;
mod missed;
mod orders;
mod plan_change;
mod races;
mod reconciliation;
mod recovery;
mod refunds;
mod refunds_elsewhere;
mod sandbox;
mod sweeps;
mod withdrawals;
mod world;

/// Runs each test on a new database of either engine.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let folder = tempfile::tempdir().expect("a directory");
                let location = masthead_store::Location::Sqlite(folder.path().join("masthead.db"));
                super::$test(crate::world::World::open(&location).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let location =
                    masthead_store::Location::Postgres(masthead_test_support::postgres::database());
                super::$test(crate::world::World::open(&location).await).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;
