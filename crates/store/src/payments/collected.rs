//! What was collected for a subscription, and what of it goes back.

use masthead_circulation::{CollectedPayment, PaymentStatus, SubscriptionId};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{read, row};
use crate::{Store, StoreError, disputes, ids::Key, refunds, subscriptions::serialize};

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
        .all(database)
        .await?;
    let payments = payments.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let numbers = || payments.iter().map(|payment| payment.number);
    let refunds = refunds::of_payments(database, numbers()).await?;
    let disputes = disputes::of_payments(database, numbers()).await?;
    Ok(CollectedPayment::of(subscription, &payments, &refunds, &disputes))
}
