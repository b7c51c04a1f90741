//! By how much the price of a month of a subscription changed, and when, so that past months keep the revenue that they had. Of what
//! earlier versions changed, only the pauses that go on are known: what is paused counts for nothing since then.

use sea_orm_migration::prelude::*;

const STATEMENTS: [&str; 2] = [
    "CREATE TABLE price_changes (subscription integer NOT NULL, version integer NOT NULL, \
     at bigint NOT NULL, difference bigint NOT NULL, PRIMARY KEY (subscription, version), \
     FOREIGN KEY (subscription) REFERENCES subscriptions (id) ON DELETE CASCADE)",
    "INSERT INTO price_changes (subscription, version, at, difference) \
     SELECT s.id, s.version, MAX(c.at), -s.monthly FROM subscriptions s \
     JOIN subscription_changes c ON c.subscription = s.id AND c.after = 'paused' \
     WHERE s.reader_status = 'paused' AND s.monthly > 0 GROUP BY s.id, s.version, s.monthly",
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
