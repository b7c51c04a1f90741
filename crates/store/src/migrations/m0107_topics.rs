//! What the newsroom says about topics, and which were merged with others.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0107_topics"
    }
}

const STATEMENTS: [&str; 2] = [
    "CREATE TABLE topics (slug varchar NOT NULL PRIMARY KEY, name varchar NOT NULL, description text, \
     merged_into varchar, revision bigint NOT NULL)",
    "CREATE INDEX topics_revision ON topics (revision)",
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
