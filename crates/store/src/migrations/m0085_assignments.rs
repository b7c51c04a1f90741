//! The responsible editor of a story, and its deadline. Its writers are in `story_writers`.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0085_assignments"
    }
}

const STATEMENTS: [&str; 4] = [
    "ALTER TABLE stories ADD COLUMN editor_account integer REFERENCES accounts (id) ON DELETE SET NULL",
    "ALTER TABLE stories ADD COLUMN deadline bigint",
    "CREATE INDEX stories_editor ON stories (editor_account)",
    "CREATE INDEX stories_deadline ON stories (deadline)",
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
