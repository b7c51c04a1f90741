//! Accounting: orders are written before a processor is asked, and payments have their
//! processor and status.
//!
//! Payments of earlier versions were stored together with the change that they paid for, so they are
//! applied; their processor is found by their source.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0014_payment_records"
    }
}

/// Both engines add columns with constant defaults, and keys to columns that are null, in place.
const STATEMENTS: [&str; 15] = [
    "ALTER TABLE payments ADD COLUMN processor varchar NOT NULL DEFAULT ''",
    "ALTER TABLE payments ADD COLUMN status varchar NOT NULL DEFAULT 'applied'",
    "ALTER TABLE payments ADD COLUMN status_reason varchar NOT NULL DEFAULT ''",
    "CREATE INDEX payments_by_status ON payments (status)",
    "ALTER TABLE charges ADD COLUMN open boolean NOT NULL DEFAULT FALSE",
    "ALTER TABLE charges ADD COLUMN subscription integer REFERENCES subscriptions (id) ON DELETE SET NULL",
    "ALTER TABLE charges ADD COLUMN minor bigint",
    "ALTER TABLE charges ADD COLUMN currency varchar NOT NULL DEFAULT ''",
    "ALTER TABLE charges ADD COLUMN due bigint",
    "ALTER TABLE charges ADD COLUMN retry_at bigint",
    "ALTER TABLE charges ADD COLUMN plan text NOT NULL DEFAULT ''",
    "CREATE INDEX charges_by_subscription ON charges (subscription)",
    "CREATE INDEX charges_open ON charges (open, retry_at)",
    "CREATE TABLE reconciliations (at bigint NOT NULL PRIMARY KEY, mismatches text NOT NULL)",
    "UPDATE payments SET processor = 'manual' WHERE key LIKE '%-entered'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// A transaction on SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
