//! Who of the staff ordered a change of price for a reader, and why, so that the change is theirs also if it is paid for later.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0115_orders_by_staff"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE charges ADD COLUMN by_staff boolean NOT NULL DEFAULT FALSE",
            "ALTER TABLE charges ADD COLUMN ordered_by integer REFERENCES accounts (id) ON DELETE SET NULL",
            "ALTER TABLE charges ADD COLUMN reason text NOT NULL DEFAULT ''",
            "CREATE INDEX charges_ordered_by ON charges (ordered_by)",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
