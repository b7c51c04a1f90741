//! What was collected for a subscription, and what of it goes back.

use std::collections::HashMap;

use masthead_circulation::{CollectedPayment, Money, PaymentStatus, SubscriptionId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};

use super::row;
use crate::{
    Store, StoreError,
    ids::{Key, PaymentKey},
    records::refund,
    subscriptions::serialize,
};

impl Store {
    /// The payments that were applied to a subscription, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn collected_for(
        &self,
        subscription: SubscriptionId,
    ) -> Result<Vec<CollectedPayment>, StoreError> {
        collected_for(&self.database, subscription).await
    }
}

/// Locks a subscription, and returns whether this was collected for it. A refund is asked for under the same lock.
pub(crate) async fn is_collected(
    transaction: &DatabaseTransaction,
    subscription: SubscriptionId,
    expected: &[CollectedPayment],
) -> Result<bool, StoreError> {
    Ok(serialize(transaction, subscription).await?
        && collected_for(transaction, subscription).await? == expected)
}

async fn collected_for(
    database: &impl ConnectionTrait,
    subscription: SubscriptionId,
) -> Result<Vec<CollectedPayment>, StoreError> {
    let payments = row::Entity::find()
        .filter(row::Column::Subscription.eq(Key(subscription)))
        .filter(row::Column::Status.eq(PaymentStatus::Applied.name()))
        .order_by_desc(row::Column::Number)
        .all(database)
        .await?;
    let refunds = refund::Entity::find()
        .filter(refund::Column::Payment.is_in(payments.iter().map(|payment| payment.number)))
        .all(database)
        .await?;
    let refunded: HashMap<PaymentKey, u64> =
        refunds.iter().map(|refund| (refund.payment, goes_back(refund))).collect();
    let read = |payment: &row::Model| {
        let currency = payment.currency.parse().map_err(StoreError::unreadable)?;
        let refunded = refunded.get(&payment.number).copied().unwrap_or_default();
        Ok(CollectedPayment {
            amount: Money::of(payment.minor.unsigned_abs(), currency),
            refunded: Money::of(refunded, currency),
        })
    };
    payments.iter().map(read).collect()
}

/// How much of a payment was refunded, or is about to be, in minor units.
fn goes_back(refund: &refund::Model) -> u64 {
    let is_out = refund.settled || refund.retry_at.is_some();
    let now = if is_out { refund.minor } else { 0 };
    refund.before_minor.saturating_add(now).unsigned_abs()
}
