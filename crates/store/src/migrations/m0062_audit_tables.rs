//! The tables of the audit log and of what happened to subscriptions say which is which.

use sea_orm_migration::prelude::*;

use super::rename::rename_tables;

/// The names until now, and from now on.
const NAMES: [(&str, &str); 2] = [("audit", "subscription_changes"), ("desk_records", "audit_log")];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0062_audit_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename_tables(manager, &NAMES).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
