//! Saved settings get a revision that counts across all parts, so that a part is saved only if no other part has
//! changed since the parts were checked together.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0024_settings_revision"
    }
}

/// The column may be null: a server of an earlier version that still runs during an update does not know it.
///
/// Existing versions are numbered by part, so that the highest revision is a part's latest version.
const STATEMENTS: [&str; 3] = [
    "ALTER TABLE steering ADD COLUMN revision bigint",
    "UPDATE steering SET revision = (SELECT COUNT(*) FROM steering AS earlier \
     WHERE earlier.part < steering.part OR (earlier.part = steering.part AND earlier.version <= steering.version))",
    "CREATE UNIQUE INDEX steering_revision ON steering (revision)",
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
