//! The audit log covers everything that staff change: who they were, what was concerned, and the values before and after.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0053_audit_log"
    }
}

const STATEMENTS: [&str; 10] = [
    "ALTER TABLE desk_records ADD COLUMN by_name varchar NOT NULL DEFAULT ''",
    "ALTER TABLE desk_records ADD COLUMN concerned_account integer REFERENCES accounts (id) ON DELETE SET NULL",
    "ALTER TABLE desk_records ADD COLUMN piece integer REFERENCES pieces (id) ON DELETE SET NULL",
    "ALTER TABLE desk_records ADD COLUMN changes text NOT NULL DEFAULT ''",
    "ALTER TABLE desk_records ADD COLUMN words text NOT NULL DEFAULT ''",
    "UPDATE desk_records SET by_name = (SELECT CASE WHEN name = '' THEN email ELSE name END FROM accounts \
     WHERE accounts.id = desk_records.done_by) WHERE done_by IN (SELECT id FROM accounts)",
    "UPDATE desk_records SET concerned_account = (SELECT id FROM accounts WHERE accounts.email = desk_records.about)",
    "UPDATE desk_records SET words = lower(by_name || ' ' || about || ' ' || reason)",
    "CREATE INDEX desk_records_by_account ON desk_records (concerned_account)",
    "CREATE INDEX desk_records_by_piece ON desk_records (piece)",
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
