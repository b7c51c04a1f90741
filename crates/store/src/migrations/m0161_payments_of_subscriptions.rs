//! The payments of one subscription are read at each renewal and plan change, while its row is locked.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0161_payments_of_subscriptions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX payments_of_subscription ON payments (subscription, at)";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
