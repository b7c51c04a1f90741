//! The fingerprints of the keys that the publication's servers have, so that a server with others says so.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0151_key_fingerprints"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE edition ADD COLUMN key_fingerprints text NOT NULL DEFAULT ''";
        manager.get_connection().execute_unprepared(column).await.map(drop)
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
