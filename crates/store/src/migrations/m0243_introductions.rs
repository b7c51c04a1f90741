//! Which addresses have begun a trial or subscription, as digests, so that a mailbox with many addresses has one introduction if the
//! publisher wants that.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0243_introductions"
    }
}

const STATEMENTS: [&str; 2] = [
    "CREATE TABLE introductions (digest varchar NOT NULL PRIMARY KEY, claimant varchar NOT NULL, at bigint NOT NULL)",
    "CREATE INDEX introductions_at ON introductions (at)",
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
