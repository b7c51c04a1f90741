//! Disputes about payments: what a processor says of each.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0173_disputes"
    }
}

const STATEMENTS: [&str; 5] = [
    "CREATE TABLE disputes (processor varchar NOT NULL, reference varchar NOT NULL, \
     payment integer NOT NULL REFERENCES payments (number), \
     account integer REFERENCES accounts (id) ON DELETE SET NULL, \
     minor bigint NOT NULL, currency varchar NOT NULL, reason text NOT NULL, status varchar NOT NULL, \
     opened bigint NOT NULL, evidence_due bigint, is_told boolean NOT NULL DEFAULT FALSE, \
     PRIMARY KEY (processor, reference))",
    "CREATE INDEX disputes_payment ON disputes (payment)",
    "CREATE INDEX disputes_account ON disputes (account)",
    "CREATE INDEX disputes_status ON disputes (status)",
    "CREATE INDEX disputes_untold ON disputes (is_told) WHERE is_told = FALSE",
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
