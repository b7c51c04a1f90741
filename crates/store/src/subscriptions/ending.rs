//! Ending subscriptions, all or none. The link in an email does so once: it has the number of endings of its kind, and of ends of all
//! sessions, that there were when it was asked for, and is used up by any since then.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Actor, EndingKind, EndingRequest};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, sea_query::Query,
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

/// What became of ending subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndingResult {
    /// All the changes were made.
    Done,
    /// Nothing was changed: the link was used before, or something was ended another way.
    Used,
    /// Nothing was changed: a subscription was changed since it was read.
    Changed,
}

impl Store {
    /// Returns how often subscriptions of an account were ended in this way, or all its sessions ended: either ends its links.
    #[tracing::instrument(skip_all)]
    pub async fn endings_of(
        &self,
        account: AccountId,
        kind: EndingKind,
    ) -> Result<u64, StoreError> {
        count(&self.database, account, kind).await
    }

    /// Makes the changes that a link asks for, all or none, with the reason that the reader has given.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_by_link(
        &self,
        request: &EndingRequest,
        changes: &[SubscriptionChange],
        now: Timestamp,
    ) -> Result<EndingResult, StoreError> {
        let transaction = self.begin().await?;
        let result = end(&transaction, request.account, changes, Some(request), now).await?;
        if result != EndingResult::Done {
            transaction.rollback().await?;
            return Ok(result);
        }
        let all: Vec<&SubscriptionChange> = changes.iter().collect();
        write_down(&transaction, &self.email_sealer(), &all, now).await?;
        for change in changes {
            note_reason(&transaction, change, &request.note, now).await?;
        }
        transaction.commit().await?;
        Ok(EndingResult::Done)
    }
}

/// Changes the rows of an account's subscriptions if all are still as they were read, and the link is not used up. Otherwise the
/// transaction is to be rolled back.
pub(super) async fn end(
    transaction: &DatabaseTransaction,
    account: AccountId,
    changes: &[SubscriptionChange],
    link: Option<&EndingRequest>,
    now: Timestamp,
) -> Result<EndingResult, StoreError> {
    for change in changes {
        if !update(transaction, change, now).await? {
            return Ok(EndingResult::Changed);
        }
    }
    // After the subscriptions, as a deletion locks them. Another use of the link at the same time waits here.
    accounts::lock(transaction, account).await?;
    let Some(request) = link else { return Ok(EndingResult::Done) };
    let ended = count(transaction, account, request.kind).await?;
    Ok(if ended > request.ended_before { EndingResult::Used } else { EndingResult::Done })
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

async fn count(
    database: &impl ConnectionTrait,
    account: AccountId,
    kind: EndingKind,
) -> Result<u64, StoreError> {
    let own = Query::select()
        .column(subscription::Column::Id)
        .from(subscription::Entity)
        .and_where(subscription::Column::Account.eq(Key(account)))
        .take();
    let ended = subscription_change::Entity::find()
        .select_only()
        .column(subscription_change::Column::Id)
        .filter(subscription_change::Column::What.eq(kind.event().name()))
        .filter(subscription_change::Column::Subscription.in_subquery(own))
        .count(database)
        .await?;
    Ok(ended + sessions::ended_links(database, account).await?)
}
