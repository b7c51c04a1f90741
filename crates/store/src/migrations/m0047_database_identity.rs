//! A database has a random identity, so that what is derived from it, such as the search index, is not taken for that of
//! another database.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0047_database_identity"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let column = "ALTER TABLE edition ADD COLUMN identity varchar NOT NULL DEFAULT ''";
        database.execute_unprepared(column).await?;
        let identity = crate::connection::random_identity();
        let set = format!("UPDATE edition SET identity = '{identity}'");
        database.execute_unprepared(&set).await?;
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
