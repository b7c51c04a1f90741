//! An invoice that is unpaid when its reader leaves is remembered under their address, as what else it has used.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0141_debts"
    }
}

const STATEMENTS: [&str; 4] = [
    "ALTER TABLE former_readers ADD COLUMN debt bigint",
    "ALTER TABLE accounts ADD COLUMN debt bigint",
    "CREATE INDEX former_readers_debt ON former_readers (debt) WHERE debt IS NOT NULL",
    "CREATE INDEX accounts_debt ON accounts (debt) WHERE debt IS NOT NULL",
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
