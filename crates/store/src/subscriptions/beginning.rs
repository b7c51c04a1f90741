//! Beginning a subscription, and what a checkout has paid for.

use jiff::Timestamp;
use masthead_circulation::{Actor, Checkout, Subscription, SubscriptionId};
use sea_orm::{EntityTrait, TransactionTrait};

use super::{
    SubscriptionChange,
    audit::entry,
    changes::{update, write_down},
    rows::new_row,
};
use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    checkouts::settle,
    outbox,
    payments::{self, AppliedPayment},
    records::{audit, subscription},
};

/// What comes with a new subscription.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The subscription; its number is given now.
    pub subscription: Subscription,
    /// When something is to be done about it first.
    pub due: Option<Timestamp>,
    /// Who begins it.
    pub actor: Actor,
    /// The recorded payment that pays for the beginning.
    pub payment: Option<AppliedPayment>,
    /// What is written to the reader.
    pub letters: Vec<Email>,
    /// What becomes of those that it replaces.
    pub changes: Vec<SubscriptionChange>,
}

impl Store {
    /// Begins a subscription, and makes the changes that come with it. Returns `None` if the checkout that
    /// bought it was settled before, if its payment was applied before, or if somebody else made one of the
    /// changes.
    #[tracing::instrument(skip_all)]
    pub async fn begin_subscription(
        &self,
        checkout: Option<&Checkout>,
        begun: NewSubscription,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        let transaction = self.database.begin().await?;
        if let Some(checkout) = checkout
            && !settle(&transaction, checkout).await?
        {
            transaction.rollback().await?;
            return Ok(None);
        }
        for change in &begun.changes {
            if !update(&transaction, change).await? {
                transaction.rollback().await?;
                return Ok(None);
            }
        }
        let changes: Vec<_> = begun.changes.iter().collect();
        write_down(&transaction, &self.email_sealer, &changes, now).await?;
        let row = new_row(&begun.subscription, begun.due)?;
        let inserted = subscription::Entity::insert(row).exec(&transaction).await?;
        let id = inserted.last_insert_id.0;
        let states = ("", begun.subscription.state.name());
        let line = entry(id, now, &begun.actor, "begun", states);
        audit::Entity::insert(line).exec_without_returning(&transaction).await?;
        if let Some(payment) = &begun.payment
            && !payments::apply(&transaction, payment, id).await?
        {
            transaction.rollback().await?;
            return Ok(None);
        }
        outbox::enqueue(&transaction, &self.email_sealer, &begun.letters, now).await?;
        notify(&transaction, &[begun.subscription.account]).await?;
        transaction.commit().await?;
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
        let transaction = self.database.begin().await?;
        let settled = settle(&transaction, checkout).await? && update(&transaction, change).await?;
        if settled {
            write_down(&transaction, &self.email_sealer, &[change], now).await?;
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
        subscription::Entity::insert_many(rows).exec_without_returning(&self.database).await?;
        Ok(())
    }
}
