//! In which order processors were asked about disputes.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0201_dispute_questions"
    }
}

const STATEMENTS: [&str; 2] = [
    "ALTER TABLE edition ADD COLUMN dispute_questions bigint NOT NULL DEFAULT 0",
    "ALTER TABLE disputes ADD COLUMN asked bigint NOT NULL DEFAULT 0",
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
