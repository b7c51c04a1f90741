//! Keys of saved settings that were renamed get their present names.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0025_renamed_settings"
    }
}

const STATEMENTS: [&str; 2] = [
    "UPDATE steering SET setting = REPLACE(setting, 'shelves = [', 'lists = [') WHERE part = 'fronts'",
    "UPDATE steering SET setting = REPLACE(setting, 'fresh_per_network = ', 'first_reads_per_network = ') \
     WHERE part = 'meter'",
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
