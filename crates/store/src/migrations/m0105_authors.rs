//! Authors at the desk: their public address, their account, and where their articles are once they are merged with another.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0105_authors"
    }
}

const STATEMENTS: [&str; 5] = [
    "ALTER TABLE authors ADD COLUMN contact varchar NOT NULL DEFAULT ''",
    "ALTER TABLE authors ADD COLUMN account integer REFERENCES accounts (id) ON DELETE SET NULL",
    "ALTER TABLE authors ADD COLUMN merged_into varchar",
    "CREATE UNIQUE INDEX authors_account ON authors (account)",
    "CREATE INDEX authors_name ON authors (name)",
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
