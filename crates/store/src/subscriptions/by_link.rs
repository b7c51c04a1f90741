//! Cancelling by the link in an email, which does so once: the link has the number of cancellations, and of ends of all sessions,
//! that there were when it was asked for, and is used up by any since then.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Actor, CancellationRequest, Event};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::Query,
};

use super::{
    SubscriptionChange,
    audit::entry,
    changes::{update, write_down},
};
use crate::{
    Store, StoreError, accounts,
    ids::Key,
    records::{subscription, subscription_change},
    sessions,
};

/// What became of a cancellation by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedCancellation {
    /// All the changes were made.
    Done,
    /// Nothing was changed: the link was used before, or something was cancelled another way.
    Used,
    /// Nothing was changed: a subscription was changed since it was read.
    Changed,
}

impl Store {
    /// Returns how often subscriptions of an account were cancelled, or all its sessions ended: either ends its links to cancel.
    #[tracing::instrument(skip_all)]
    pub async fn cancellations_of(&self, account: AccountId) -> Result<u64, StoreError> {
        count(&self.database, account).await
    }

    /// Makes the changes that a link asks for, all or none, with the reason that the reader has given.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_by_link(
        &self,
        request: &CancellationRequest,
        changes: &[SubscriptionChange],
        now: Timestamp,
    ) -> Result<LinkedCancellation, StoreError> {
        let transaction = self.begin().await?;
        for change in changes {
            if !update(&transaction, change, now).await? {
                transaction.rollback().await?;
                return Ok(LinkedCancellation::Changed);
            }
        }
        // After the subscriptions, as a deletion locks them. Another use of the link at the same time waits here.
        accounts::lock(&transaction, request.account).await?;
        if count(&transaction, request.account).await? > request.cancelled_before {
            transaction.rollback().await?;
            return Ok(LinkedCancellation::Used);
        }
        let all: Vec<&SubscriptionChange> = changes.iter().collect();
        write_down(&transaction, &self.email_sealer(), &all, now).await?;
        for change in changes {
            note_reason(&transaction, change, &request.reason, now).await?;
        }
        transaction.commit().await?;
        Ok(LinkedCancellation::Done)
    }
}

async fn note_reason(
    database: &impl ConnectionTrait,
    change: &SubscriptionChange,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    if reason.is_empty() {
        return Ok(());
    }
    let (what, state) = (format!("gave a reason: {reason}"), change.after.state.name());
    let line = entry(change.before.id, now, &Actor::Reader, &what, (state, state));
    subscription_change::Entity::insert(line).exec_without_returning(database).await?;
    Ok(())
}

async fn count(database: &impl ConnectionTrait, account: AccountId) -> Result<u64, StoreError> {
    let own = Query::select()
        .column(subscription::Column::Id)
        .from(subscription::Entity)
        .and_where(subscription::Column::Account.eq(Key(account)))
        .take();
    let cancelled = subscription_change::Entity::find()
        .select_only()
        .column(subscription_change::Column::Id)
        .filter(subscription_change::Column::What.eq(Event::Cancelled.name()))
        .filter(subscription_change::Column::Subscription.in_subquery(own))
        .count(database)
        .await?;
    Ok(cancelled + sessions::ended_links(database, account).await?)
}
