//! An account has one checkout of an offer that is to be paid: opening another supersedes it. Those from before
//! have no offer here, and are superseded by none.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0031_superseded_checkouts"
    }
}

const STATEMENTS: [&str; 3] = [
    "ALTER TABLE checkouts ADD COLUMN offer varchar NOT NULL DEFAULT ''",
    "ALTER TABLE checkouts ADD COLUMN superseded boolean NOT NULL DEFAULT FALSE",
    "CREATE UNIQUE INDEX checkouts_one_of_offer ON checkouts (account, offer) \
     WHERE progress = 'open' AND offer <> '' AND NOT superseded",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
