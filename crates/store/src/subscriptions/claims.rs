//! Claiming what is due, so that one of several servers handles it.

use jiff::Timestamp;
use masthead_circulation::Subscription;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, Order, QueryFilter,
    QuerySelect,
    sea_query::{Expr, LockBehavior, LockType, Query, UpdateStatement},
};

use super::rows::read;
use crate::{Store, StoreError, ids::SubscriptionKey, records::subscription};

impl Store {
    /// Claims at most `most` subscriptions about which something is to be done at `now`, those that have waited longest: they are
    /// due again at `until`, unless they are changed or deferred before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_due_subscriptions(
        &self,
        now: Timestamp,
        until: Timestamp,
        most: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        // Reading waits for nobody. On SQLite a write waits for other writers even if it changes nothing.
        if !self.is_anything_due(now).await? {
            return Ok(Vec::new());
        }
        let rows = self.database.query_all(&claim(now, until, most)).await?;
        let read = |row| -> Result<Subscription, StoreError> {
            read(&subscription::Model::from_query_result(row, "")?)
        };
        // One that cannot be read must not hold up the others, which nobody else handles while they are claimed.
        let readable = rows.iter().filter_map(|row| {
            read(row)
                .inspect_err(|error| {
                    tracing::error!(%error, "renewals: a subscription that is due cannot be read");
                })
                .ok()
        });
        Ok(readable.collect())
    }

    async fn is_anything_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let due = subscription::Entity::find()
            .select_only()
            .column(subscription::Column::Id)
            .filter(subscription::Column::Due.lte(now.as_second()))
            .into_tuple::<SubscriptionKey>()
            .one(&self.database)
            .await?;
        Ok(due.is_some())
    }
}

/// Servers that claim at the same time skip the rows of each other (PostgreSQL), or take turns (SQLite). The condition is
/// repeated for the row as it is once it is locked.
fn claim(now: Timestamp, until: Timestamp, most: u64) -> UpdateStatement {
    let is_due = || Expr::col(subscription::Column::Due).lte(now.as_second());
    let due = Query::select()
        .column(subscription::Column::Id)
        .from(subscription::Entity)
        .and_where(is_due())
        .order_by(subscription::Column::Due, Order::Asc)
        .order_by(subscription::Column::Id, Order::Asc)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    Query::update()
        .table(subscription::Entity)
        .value(subscription::Column::Due, until.as_second())
        .and_where(Expr::col(subscription::Column::Id).in_subquery(due))
        .and_where(is_due())
        .returning_all()
        .to_owned()
}
