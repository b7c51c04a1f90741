//! How often long work has failed since it last went on. A renaming that was given up goes on: half of it would stay for good.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0181_job_failures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE desk_jobs ADD COLUMN failures integer NOT NULL DEFAULT 0",
            "UPDATE desk_jobs SET finished = NULL, stopped = FALSE WHERE kind = 'rename-in-articles' AND stopped",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
