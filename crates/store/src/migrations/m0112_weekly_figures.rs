//! When a member of the staff was last sent the weekly email of figures.

use jiff::Timestamp;
use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0112_weekly_figures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let statement = "ALTER TABLE staff ADD COLUMN figures_sent bigint";
        connection.execute_unprepared(statement).await?;
        // The first email comes on the next Monday, and not with the upgrade.
        let now = Timestamp::now().as_second();
        let statement = format!("UPDATE staff SET figures_sent = {now}");
        connection.execute_unprepared(&statement).await?;
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
