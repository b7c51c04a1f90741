//! Since when a payment has failed, or an invoice is to be paid, as a column: the first page of the desk counts by it.

use masthead_circulation::SubscriptionId;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{
    ids::{AccountKey, Key, SubscriptionKey},
    records::subscription,
    subscriptions::{grace_since, read_facts},
};

/// Subscriptions that are read at once.
const BATCH: u64 = 500;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0118_grace_since"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let column = "ALTER TABLE subscriptions ADD COLUMN grace_since bigint";
        connection.execute_unprepared(column).await?;
        let mut after = Key(SubscriptionId(0));
        loop {
            let rows: Vec<(SubscriptionKey, AccountKey, String)> = subscription::Entity::find()
                .select_only()
                .columns([
                    subscription::Column::Id,
                    subscription::Column::Account,
                    subscription::Column::Facts,
                ])
                .filter(subscription::Column::State.eq("grace"))
                .filter(subscription::Column::Id.gt(after))
                .order_by_asc(subscription::Column::Id)
                .limit(BATCH)
                .into_tuple()
                .all(connection)
                .await?;
            let Some((last, ..)) = rows.last() else { return Ok(()) };
            after = *last;
            for (id, account, facts) in &rows {
                // What cannot be read must not hold up the upgrade.
                let read = read_facts(id.0, account.0, 0, facts).ok();
                let Some(since) = read.as_ref().and_then(grace_since) else { continue };
                let number = id.0.0;
                let set =
                    format!("UPDATE subscriptions SET grace_since = {since} WHERE id = {number}");
                connection.execute_unprepared(&set).await?;
            }
        }
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
