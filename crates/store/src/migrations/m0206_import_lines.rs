//! How many lines of a part of a file of readers are imported, and the job of a file. A part was noted as a whole before; one that is
//! half imported counts those lines as unchanged once more.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0206_import_lines"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE reader_import_parts ADD COLUMN noted integer NOT NULL DEFAULT 0",
            "ALTER TABLE reader_imports ADD COLUMN job integer REFERENCES desk_jobs (id) ON DELETE SET NULL",
            "CREATE INDEX reader_imports_job ON reader_imports (job)",
            // Parameters as the desk wrote them.
            "UPDATE reader_imports SET job = (SELECT max(desk_jobs.id) FROM desk_jobs WHERE desk_jobs.kind = 'import-readers' \
             AND desk_jobs.parameters = '{\"import\":' || reader_imports.id || '}')",
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
