//! How often the sessions of an account, and of everybody, were ended, so that links that say everything themselves end with them.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0076_sign_outs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for table in ["accounts", "edition"] {
            let statement =
                format!("ALTER TABLE {table} ADD COLUMN sign_outs bigint NOT NULL DEFAULT 0");
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
