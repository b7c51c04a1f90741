//! Reading subscriptions.

use jiff::Timestamp;
use masthead_circulation::{AccountId, MANUAL, ReaderStatus, Subscription, SubscriptionId};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Query,
};

use super::rows::read;
use crate::{
    ReaderSelection, Store, StoreError,
    ids::Key,
    records::{account, subscription},
};

/// The stored name of [`State::Grace`](masthead_circulation::State::Grace).
const GRACE: &str = "grace";

/// Subscriptions in grace of which readers have this status.
fn in_grace(status: ReaderStatus) -> Select<subscription::Entity> {
    subscription::Entity::find()
        .filter(subscription::Column::State.eq(GRACE))
        .filter(subscription::Column::ReaderStatus.eq(status.name()))
}

impl Store {
    /// An account's subscriptions, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Account.eq(Key(account)))
            .order_by_desc(subscription::Column::Id)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// At most `most` subscriptions with numbers above `after`, in order.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_after(
        &self,
        after: u32,
        most: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Id.gt(Key(SubscriptionId(after))))
            .order_by_asc(subscription::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// At most `most` subscriptions, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn latest_subscriptions(&self, most: u64) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .order_by_desc(subscription::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many subscriptions there are of which a payment has failed.
    #[tracing::instrument(skip_all)]
    pub async fn count_failed_payments(&self) -> Result<u64, StoreError> {
        Ok(in_grace(ReaderStatus::PastDue).count(&self.database).await?)
    }

    /// How many subscriptions there are of which an invoice is overdue: it was to be paid by `now`.
    #[tracing::instrument(skip_all)]
    pub async fn count_overdue_invoices(&self, now: Timestamp) -> Result<u64, StoreError> {
        let overdue = in_grace(ReaderStatus::InvoiceOpen)
            .filter(subscription::Column::GraceSince.lte(now.as_second()));
        Ok(overdue.count(&self.database).await?)
    }

    /// The complimentary subscriptions of the readers of a selection that have not ended, with numbers above `after`, in order.
    #[tracing::instrument(skip_all)]
    pub async fn complimentary_subscriptions(
        &self,
        of: &ReaderSelection,
        after: SubscriptionId,
        most: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        let mut readers = Query::select();
        readers.column(account::Column::Id).from(account::Entity).cond_where(of.condition());
        let rows = subscription::Entity::find()
            .filter(subscription::Column::ReaderStatus.eq(ReaderStatus::Complimentary.name()))
            .filter(subscription::Column::Id.gt(Key(after)))
            .filter(subscription::Column::Account.in_subquery(readers))
            .order_by_asc(subscription::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The subscription with this number.
    #[tracing::instrument(skip_all)]
    pub async fn subscription(
        &self,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let row = subscription::Entity::find_by_id(Key(id)).one(&self.database).await?;
        row.as_ref().map(read).transpose()
    }

    /// Returns the subscriptions with these numbers, as far as they exist.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions(
        &self,
        ids: &[SubscriptionId],
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Id.is_in(ids.iter().copied().map(Key)))
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// All subscriptions of the accounts after `account`, in the order of accounts: at least `least` of them if there
    /// are so many, and never a part of those of one account.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_of_accounts_after(
        &self,
        account: AccountId,
        least: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        let ordered = || {
            subscription::Entity::find()
                .order_by_asc(subscription::Column::Account)
                .order_by_asc(subscription::Column::Id)
        };
        let mut rows = ordered()
            .filter(subscription::Column::Account.gt(Key(account)))
            .limit(least)
            .all(&self.database)
            .await?;
        if let Some(last) = rows.last() {
            let rest = ordered()
                .filter(subscription::Column::Account.eq(last.account))
                .filter(subscription::Column::Id.gt(last.id));
            rows.extend(rest.all(&self.database).await?);
        }
        rows.iter().map(read).collect()
    }

    /// How many subscriptions that have not ended are paid at a processor.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn subscriptions_going_on_at(&self, processor: &str) -> Result<u64, StoreError> {
        let going_on = subscription::Entity::find()
            .filter(subscription::Column::Processor.eq(processor))
            // Nothing is ever due for one that has ended.
            .filter(subscription::Column::Due.is_not_null())
            .count(&self.database)
            .await?;
        Ok(going_on)
    }

    /// How many subscriptions that have not ended are paid by invoice.
    #[tracing::instrument(skip_all)]
    pub async fn count_paid_by_invoice(&self) -> Result<u64, StoreError> {
        let by_invoice = subscription::Entity::find()
            .filter(subscription::Column::Processor.eq(MANUAL))
            .filter(subscription::Column::Ended.is_null())
            .filter(subscription::Column::ReaderStatus.ne(ReaderStatus::Complimentary.name()));
        Ok(by_invoice.count(&self.database).await?)
    }

    /// The subscriptions that a processor knows by this reference.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_by(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Processor.eq(processor))
            .filter(subscription::Column::Reference.eq(reference))
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }
}
