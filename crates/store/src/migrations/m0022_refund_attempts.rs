//! Refunds are asked for again until the processor answers, and say if it refused. Payments keep the
//! processor's reference for their checkout, so that a refund needs neither account nor checkout.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0022_refund_attempts"
    }
}

const STATEMENTS: [&str; 7] = [
    "ALTER TABLE refunds ADD COLUMN attempt integer NOT NULL DEFAULT 0",
    "ALTER TABLE refunds ADD COLUMN retry_at bigint",
    "ALTER TABLE refunds ADD COLUMN refusal text NOT NULL DEFAULT ''",
    // Nothing says why these have no answer: staff may have decided against them since. They decide again.
    "UPDATE refunds SET refusal = 'an earlier version asked for it, and its answer is not known' \
     WHERE settled = FALSE",
    "CREATE INDEX refunds_open ON refunds (retry_at)",
    "ALTER TABLE payments ADD COLUMN reference varchar NOT NULL DEFAULT ''",
    "UPDATE payments SET reference = (SELECT checkouts.reference FROM checkouts \
     WHERE checkouts.key = payments.key) \
     WHERE EXISTS (SELECT 1 FROM checkouts WHERE checkouts.key = payments.key)",
];

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
