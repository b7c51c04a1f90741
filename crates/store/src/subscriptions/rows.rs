//! The row of a subscription: what queries search by, and the other facts as JSON.

use jiff::Timestamp;
use masthead_circulation::{
    Mandate, NotificationsSent, PaidTime, State, Subscription, SubscriptionId, Terms,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use crate::{StoreError, ids::Key, records::subscription};

/// The facts of a subscription that nobody looks for.
#[derive(Serialize, Deserialize)]
struct Facts {
    terms: Terms,
    begun: Timestamp,
    anchor: Timestamp,
    paid: Option<PaidTime>,
    state: State,
    mandate: Mandate,
    told: NotificationsSent,
}

pub(super) fn new_row(
    new: &Subscription,
    due: Option<Timestamp>,
) -> Result<subscription::ActiveModel, StoreError> {
    Ok(subscription::ActiveModel {
        id: NotSet,
        account: Set(Key(new.account)),
        state: Set(new.state.name().to_owned()),
        due: Set(due.map(Timestamp::as_second)),
        processor: Set(new.mandate.processor.clone()),
        reference: Set(new.mandate.reference.clone()),
        version: Set(0),
        facts: Set(facts(new)?),
    })
}

pub(super) fn facts(subscription: &Subscription) -> Result<String, StoreError> {
    let Subscription { terms, begun, anchor, paid, state, mandate, notified, .. } =
        subscription.clone();
    let facts = Facts { terms, begun, anchor, paid, state, mandate, told: notified };
    Ok(serde_json::to_string(&facts)?)
}

pub(crate) fn read(row: &subscription::Model) -> Result<Subscription, StoreError> {
    let Facts { terms, begun, anchor, paid, state, mandate, told } =
        serde_json::from_str(&row.facts)?;
    Ok(Subscription {
        id: row.id.0,
        account: row.account.0,
        terms,
        begun,
        anchor,
        paid,
        state,
        mandate,
        notified: told,
        version: row.version,
    })
}

/// Locks a subscription until the transaction ends. Returns `false` if it is deleted, so that nothing can
/// refer to it.
pub(crate) async fn serialize(
    database: &impl ConnectionTrait,
    id: SubscriptionId,
) -> Result<bool, StoreError> {
    // An update that changes nothing locks the row on PostgreSQL, and the database on SQLite.
    let locked = subscription::Entity::update_many()
        .col_expr(subscription::Column::Version, Expr::col(subscription::Column::Version))
        .filter(subscription::Column::Id.eq(Key(id)))
        .exec(database)
        .await?;
    Ok(locked.rows_affected == 1)
}
