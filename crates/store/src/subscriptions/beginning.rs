//! Beginning a subscription, and what a checkout has paid for.

use jiff::Timestamp;
use masthead_circulation::{Actor, Checkout, Progress, Subscription, SubscriptionId};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    SubscriptionChange,
    audit::entry,
    changes::{update, write_down},
    desk_log,
    reader_status::update_statuses,
    rows::new_row,
};
use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    accounts,
    checkouts::{lock_offer, reclaim_slot, settle},
    deliveries, former_readers,
    ids::{Key, SubscriptionKey},
    outbox,
    payments::{self, AppliedPayment},
    records::{subscription, subscription_change},
};

/// A new subscription, and what comes with it.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The subscription, without its number.
    pub subscription: Subscription,
    /// The account's other subscriptions as they were read, the latest first. The subscription begins only
    /// if they are still the same.
    pub held: Vec<Subscription>,
    /// When something is to be done about it first.
    pub due: Option<Timestamp>,
    /// Who begins it.
    pub actor: Actor,
    /// The recorded payment that pays for the beginning.
    pub payment: Option<AppliedPayment>,
    /// The emails about it.
    pub emails: Vec<Email>,
    /// What becomes of those that it replaces.
    pub changes: Vec<SubscriptionChange>,
}

impl Store {
    /// Begins a subscription, and makes the changes that come with it. Returns `None` if the checkout that
    /// bought it is settled, if its payment is applied or set aside, if the account is deleted, or if
    /// anything happened to the account's subscriptions since they were read.
    ///
    /// A checkout at which nothing was paid begins nothing once it is abandoned.
    #[tracing::instrument(skip_all)]
    pub async fn begin_subscription(
        &self,
        checkout: Option<&Checkout>,
        begun: NewSubscription,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        let transaction = self.begin().await?;
        let mut id = None;
        if claim(&transaction, checkout, &begun, now).await? {
            id = self.insert_begun(&transaction, &begun, now).await?;
        }
        if let (Some(_), Some(checkout)) = (id, checkout) {
            deliveries::accept(&transaction, checkout, begun.subscription.account, now).await?;
        }
        if id.is_some() {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(id)
    }

    /// Begins a subscription that nobody has bought, in a transaction that does more. Returns `None`, and has to be rolled back
    /// then, as [`Store::begin_subscription`] does.
    pub(crate) async fn begin_in(
        &self,
        transaction: &DatabaseTransaction,
        begun: &NewSubscription,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        if !claim(transaction, None, begun, now).await? {
            return Ok(None);
        }
        self.insert_begun(transaction, begun, now).await
    }

    async fn insert_begun(
        &self,
        transaction: &DatabaseTransaction,
        begun: &NewSubscription,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        let changes: Vec<_> = begun.changes.iter().collect();
        write_down(transaction, &self.email_sealer(), &changes, now).await?;
        let row = new_row(&begun.subscription, begun.due)?;
        let inserted = subscription::Entity::insert(row).exec(transaction).await?;
        let id = inserted.last_insert_id.0;
        update_statuses(transaction, &[begun.subscription.account]).await?;
        if let Some(payment) = &begun.payment
            && !payments::apply(transaction, payment, id).await?
        {
            return Ok(None);
        }
        let states = ("", begun.subscription.state.name());
        let line = entry(id, now, &begun.actor, "begun", states);
        subscription_change::Entity::insert(line).exec_without_returning(transaction).await?;
        desk_log::begun(transaction, id, begun, now).await?;
        outbox::enqueue(transaction, &self.email_sealer(), &begun.emails, now).await?;
        notify(transaction, &[begun.subscription.account]).await?;
        Ok(Some(id))
    }

    /// Makes the change that a checkout has paid for. Returns `false` if it was settled before, or as
    /// [`Store::change`] does.
    #[tracing::instrument(skip_all)]
    pub async fn settle_with(
        &self,
        checkout: &Checkout,
        change: &SubscriptionChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let settled = settle(&transaction, checkout, &Progress::UNSETTLED).await?
            && update(&transaction, change, now).await?;
        if settled {
            write_down(&transaction, &self.email_sealer(), &[change], now).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(settled)
    }

    /// Takes in subscriptions from elsewhere, many at once, each with when something is to be done about
    /// it; their numbers are given now.
    #[tracing::instrument(skip_all)]
    pub async fn import_subscriptions(
        &self,
        subscriptions: &[(Subscription, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        let rows = subscriptions.iter().map(|(subscription, due)| new_row(subscription, *due));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let accounts: Vec<_> = subscriptions.iter().map(|(of, _)| of.account).collect();
        let transaction = self.begin().await?;
        subscription::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
        update_statuses(&transaction, &accounts).await?;
        Ok(transaction.commit().await?)
    }
}

/// Settles the checkout, replaces what the subscription replaces, and locks the account. Returns `false` if
/// anything is no longer as it was read. Rows are locked in the order in which a deletion of the account
/// locks them: offer, checkout, subscriptions, account.
async fn claim(
    transaction: &DatabaseTransaction,
    checkout: Option<&Checkout>,
    begun: &NewSubscription,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if let Some(checkout) = checkout {
        lock_offer(transaction, checkout).await?;
        let unpaid: &[Progress] = &[Progress::Open];
        let from = if begun.payment.is_some() { &Progress::UNSETTLED } else { unpaid };
        if !settle(transaction, checkout, from).await? {
            return Ok(false);
        }
        reclaim_slot(transaction, checkout).await?;
    }
    for change in &begun.changes {
        if !update(transaction, change, now).await? {
            return Ok(false);
        }
    }
    let account = begun.subscription.account;
    let is_there = accounts::lock(transaction, account).await?.is_some();
    // Staff may give a subscription by invoice to whom they want; a reader who owes may not order one.
    let is_by_invoice = checkout.is_some() && begun.subscription.mandate.is_manual();
    if is_by_invoice && former_readers::owes(transaction, account).await? {
        return Ok(false);
    }
    Ok(is_there && is_as_read(transaction, begun).await?)
}

/// Returns whether an account has the subscriptions that were read, in the same versions but for those
/// that the new one replaces.
async fn is_as_read(
    transaction: &DatabaseTransaction,
    begun: &NewSubscription,
) -> Result<bool, StoreError> {
    let latest: Vec<(SubscriptionKey, i32)> = subscription::Entity::find()
        .select_only()
        .columns([subscription::Column::Id, subscription::Column::Version])
        .filter(subscription::Column::Account.eq(Key(begun.subscription.account)))
        .order_by_desc(subscription::Column::Id)
        .into_tuple()
        .all(transaction)
        .await?;
    let is_replaced = |id| begun.changes.iter().any(|change| change.before.id == id);
    let read = begun
        .held
        .iter()
        .map(|held| (Key(held.id), held.version + i32::from(is_replaced(held.id))));
    Ok(read.eq(latest))
}
