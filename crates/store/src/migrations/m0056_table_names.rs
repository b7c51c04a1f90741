//! Tables have the names of what they hold.

use sea_orm_migration::prelude::*;

use super::rename::rename_tables;

/// The names until now, and from now on.
const NAMES: [(&str, &str); 8] = [
    ("bulletins", "account_changes"),
    ("crowds", "unique_readers"),
    ("experiment_tallies", "experiment_counts"),
    ("letters", "outbox"),
    ("moves", "address_changes"),
    ("steering", "setting_versions"),
    ("takers", "offer_redemptions"),
    ("tallies", "article_counts"),
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0056_table_names"
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
