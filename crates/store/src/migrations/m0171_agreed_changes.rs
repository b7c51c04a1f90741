//! An order for a change of plan says what was agreed, so that a refund before the bank's answer is not credited, and every order
//! when it was given.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0171_agreed_changes"
    }
}

const STATEMENTS: [&str; 2] = [
    "ALTER TABLE charges ADD COLUMN agreed text NOT NULL DEFAULT ''",
    "ALTER TABLE charges ADD COLUMN asked bigint",
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
