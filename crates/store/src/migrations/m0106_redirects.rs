//! Redirects from addresses that have no page.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0106_redirects"
    }
}

const STATEMENTS: [&str; 3] = [
    "CREATE TABLE redirects (path varchar NOT NULL PRIMARY KEY, target text NOT NULL, \
     status integer NOT NULL, revision bigint NOT NULL)",
    "CREATE INDEX redirects_revision ON redirects (revision)",
    "CREATE INDEX redirects_target ON redirects (target)",
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
