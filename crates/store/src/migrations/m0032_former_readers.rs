//! What an address has used is kept under a digest of it after its reader has left, and given to the account that
//! registers it again.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0032_former_readers"
    }
}

const STATEMENTS: [&str; 4] = [
    "CREATE TABLE former_readers (digest varchar NOT NULL PRIMARY KEY, had_subscription boolean NOT NULL, \
     reads text NOT NULL, at bigint NOT NULL)",
    "CREATE INDEX former_readers_at ON former_readers (at)",
    "ALTER TABLE accounts ADD COLUMN had_subscription boolean NOT NULL DEFAULT FALSE",
    "ALTER TABLE accounts ADD COLUMN former_reads text NOT NULL DEFAULT ''",
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
