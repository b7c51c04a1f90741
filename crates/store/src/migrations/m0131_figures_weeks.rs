//! Of which Monday a member of the staff was last sent the weekly email of figures, whatever time zone the publication has, and when
//! one that could not be written is tried again.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0131_figures_weeks"
    }
}

/// Emails were sent on Mondays from seven in the publication's time zone on, which is on Sunday in UTC in some. Day 0 was a Thursday.
const MONDAYS: &str = "UPDATE staff SET figures_monday = \
    CAST((figures_sent + 25200) / 86400 - ((figures_sent + 25200) / 86400 + 3) % 7 AS integer)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE staff ADD COLUMN figures_monday integer",
            "ALTER TABLE staff ADD COLUMN figures_retry bigint",
            MONDAYS,
            "ALTER TABLE staff DROP COLUMN figures_sent",
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
