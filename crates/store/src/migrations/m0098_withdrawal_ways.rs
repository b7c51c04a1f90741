//! How a withdrawal from a contract reached the publication, in place of whether it came by a link: staff enter letters.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0098_withdrawal_ways"
    }
}

const STATEMENTS: [&str; 3] = [
    "ALTER TABLE withdrawals ADD COLUMN way varchar NOT NULL DEFAULT 'signed-in'",
    "UPDATE withdrawals SET way = 'link' WHERE by_link",
    "ALTER TABLE withdrawals DROP COLUMN by_link",
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
