//! Refunds that were made at a processor and not from here: each once, by the processor's number of it. One may have been taken for an
//! attempt at a refund from here.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0242_refunds_elsewhere"
    }
}

const STATEMENTS: [&str; 5] = [
    "CREATE TABLE refunds_elsewhere (processor varchar NOT NULL, reference varchar NOT NULL, \
     payment integer NOT NULL REFERENCES payments (number), \
     minor bigint NOT NULL, currency varchar NOT NULL, made bigint NOT NULL, \
     in_place_of integer, is_failed boolean NOT NULL DEFAULT FALSE, is_told boolean NOT NULL DEFAULT FALSE, \
     is_followed boolean NOT NULL DEFAULT FALSE, PRIMARY KEY (processor, reference))",
    "CREATE INDEX refunds_elsewhere_payment ON refunds_elsewhere (payment)",
    "CREATE INDEX refunds_elsewhere_untold ON refunds_elsewhere (is_told) WHERE is_told = FALSE",
    "CREATE INDEX refunds_elsewhere_open ON refunds_elsewhere (is_followed) WHERE is_followed = FALSE",
    // Their sum, of those that have not failed and were not taken for an attempt from here.
    "ALTER TABLE refunds ADD COLUMN elsewhere_minor bigint NOT NULL DEFAULT 0",
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
