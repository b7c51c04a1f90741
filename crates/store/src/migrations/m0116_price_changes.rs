//! By how much the price of a month of a subscription changed, and when, so that past months keep the revenue that they had. What
//! earlier versions changed is not known.

use sea_orm_migration::prelude::*;

const STATEMENTS: [&str; 2] = [
    "CREATE TABLE price_changes (subscription integer NOT NULL, version integer NOT NULL, \
     at bigint NOT NULL, difference bigint NOT NULL, PRIMARY KEY (subscription, version), \
     FOREIGN KEY (subscription) REFERENCES subscriptions (id) ON DELETE CASCADE)",
    "CREATE INDEX price_changes_time ON price_changes (at)",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0116_price_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
