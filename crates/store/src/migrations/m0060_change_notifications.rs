//! On PostgreSQL, triggers notify every server when something is written that servers read again. Triggers do it for
//! every writer: servers, commands, and people with `psql`.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// What notifies, and of which topic (`Topic` in `change_feed`).
const STATEMENTS: [&str; 5] = [
    "CREATE OR REPLACE FUNCTION masthead_notify_change() RETURNS trigger LANGUAGE plpgsql AS $$ \
     BEGIN PERFORM pg_notify('masthead_changes', TG_ARGV[0]); RETURN NULL; END $$",
    "CREATE TRIGGER notify_change AFTER INSERT ON account_changes \
     FOR EACH STATEMENT EXECUTE FUNCTION masthead_notify_change('accounts')",
    "CREATE TRIGGER notify_change AFTER UPDATE ON edition \
     FOR EACH STATEMENT EXECUTE FUNCTION masthead_notify_change('content')",
    "CREATE TRIGGER notify_change AFTER INSERT ON setting_versions \
     FOR EACH STATEMENT EXECUTE FUNCTION masthead_notify_change('settings')",
    "CREATE TRIGGER notify_change AFTER INSERT OR UPDATE ON offer_redemptions \
     FOR EACH STATEMENT EXECUTE FUNCTION masthead_notify_change('offers')",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0060_change_notifications"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
