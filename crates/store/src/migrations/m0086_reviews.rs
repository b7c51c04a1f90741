//! The review of a story: which editor has begun it, and why the story was returned.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0086_reviews"
    }
}

const STATEMENTS: [&str; 6] = [
    "ALTER TABLE stories ADD COLUMN reviewer_account integer REFERENCES accounts (id) ON DELETE SET NULL",
    "ALTER TABLE stories ADD COLUMN returned_by integer REFERENCES accounts (id) ON DELETE SET NULL",
    "ALTER TABLE stories ADD COLUMN returned_at bigint",
    "ALTER TABLE stories ADD COLUMN return_note text",
    // Each is looked through when an account is deleted.
    "CREATE INDEX stories_reviewer_account ON stories (reviewer_account)",
    "CREATE INDEX stories_returned_by ON stories (returned_by)",
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
