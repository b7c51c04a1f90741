//! The audit: who changed a subscription, when, and to which state.

use jiff::Timestamp;
use masthead_circulation::{
    Actor, Event, StaffActor, SubscriptionId, audit::AuditEntry, figures::StateTransition,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};

use crate::{
    Store, StoreError,
    ids::{Key, SubscriptionKey},
    records::{subscription, subscription_change},
    time,
};

impl Store {
    /// What has happened to a subscription, in order.
    #[tracing::instrument(skip_all)]
    pub async fn audit_of(&self, id: SubscriptionId) -> Result<Vec<AuditEntry>, StoreError> {
        self.audit_of_each(&[id]).await
    }

    /// What has happened to each of these subscriptions, in order.
    #[tracing::instrument(skip_all)]
    pub async fn audit_of_each(
        &self,
        ids: &[SubscriptionId],
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = subscription_change::Entity::find()
            .filter(subscription_change::Column::Subscription.is_in(ids.iter().map(|id| Key(*id))))
            .order_by_asc(subscription_change::Column::Id)
            .all(&self.database)
            .await?;
        rows.into_iter().map(|row| read_entry(row.subscription.0, row)).collect()
    }

    /// The state transitions of these subscriptions, in order.
    #[tracing::instrument(skip_all)]
    pub async fn transitions_of(
        &self,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<StateTransition>, StoreError> {
        let ids = subscriptions.iter().map(|id| Key(*id));
        let rows: Vec<(SubscriptionKey, i64, String, String, String)> =
            subscription_change::Entity::find()
                .select_only()
                .columns([
                    subscription_change::Column::Subscription,
                    subscription_change::Column::At,
                    subscription_change::Column::Before,
                    subscription_change::Column::After,
                    subscription_change::Column::What,
                ])
                .filter(ExprTrait::ne(
                    Expr::col(subscription_change::Column::Before),
                    Expr::col(subscription_change::Column::After),
                ))
                .filter(subscription_change::Column::Subscription.is_in(ids))
                .order_by_asc(subscription_change::Column::Id)
                .into_tuple()
                .all(&self.database)
                .await?;
        let turn = |(subscription, at, before, after, what): (
            SubscriptionKey,
            i64,
            String,
            String,
            String,
        )| {
            StateTransition {
                subscription: subscription.0,
                at: time(at),
                before,
                after,
                replaced: what == Event::Replaced.name(),
            }
        };
        Ok(rows.into_iter().map(turn).collect())
    }
}

/// Writes down what happened to a subscription and left it as it is.
pub(crate) async fn note(
    transaction: &DatabaseTransaction,
    id: SubscriptionId,
    actor: &Actor,
    what: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row =
        subscription::Entity::find_by_id(Key(id)).lock(LockType::KeyShare).one(transaction).await?;
    // Deleted with its account since.
    let Some(state) = row.map(|row| row.state) else { return Ok(()) };
    let line = entry(id, now, actor, what, (&state, &state));
    subscription_change::Entity::insert(line).exec_without_returning(transaction).await?;
    Ok(())
}

pub(super) fn entry(
    id: SubscriptionId,
    now: Timestamp,
    actor: &Actor,
    what: &str,
    (before, after): (&str, &str),
) -> subscription_change::ActiveModel {
    subscription_change::ActiveModel {
        id: NotSet,
        subscription: Set(Key(id)),
        at: Set(now.as_second()),
        actor: Set(actor.name().to_owned()),
        what: Set(what.to_owned()),
        before: Set(before.to_owned()),
        after: Set(after.to_owned()),
        done_by: Set(actor.staff_actor().and_then(|helper| helper.by).map(Key)),
        reason: Set(actor.staff_actor().map(|helper| helper.reason.clone()).unwrap_or_default()),
    }
}

fn helper(row: &subscription_change::Model) -> Option<StaffActor> {
    // On the server itself nobody is named and no reason given.
    let by = row.done_by.map(|key| key.0);
    (by.is_some() || !row.reason.is_empty()).then(|| StaffActor { by, reason: row.reason.clone() })
}

fn read_entry(
    subscription: SubscriptionId,
    row: subscription_change::Model,
) -> Result<AuditEntry, StoreError> {
    let actor = Actor::from_parts(&row.actor, helper(&row))
        .ok_or_else(|| StoreError::unreadable(format_args!("the actor \"{}\"", row.actor)))?;
    Ok(AuditEntry {
        subscription,
        at: time(row.at),
        actor,
        what: row.what,
        before: row.before,
        after: row.after,
    })
}
