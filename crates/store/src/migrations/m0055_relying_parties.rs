//! A passkey belongs to one host. After the site's address has changed it signs nobody in, so it must not be counted as a second
//! factor either. Of passkeys from before this step it is not known.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0055_relying_parties"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE passkeys ADD COLUMN relying_party text";
        manager.get_connection().execute_unprepared(column).await?;
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
