//! The row of a subscription: what queries search by, and the other facts as JSON.

use jiff::Timestamp;
use masthead_circulation::{
    Mandate, NotificationsSent, PaidTime, State, Subscription, SubscriptionId, Terms,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait, QuerySelect,
    sea_query::LockType,
};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    ids::{Key, SubscriptionKey},
    records::subscription,
};

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

pub(super) fn read(row: &subscription::Model) -> Result<Subscription, StoreError> {
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

/// The number of a subscription as a row may refer to it: it stays until the transaction ends. Returns
/// `None` if the subscription is deleted.
pub(crate) async fn lock(
    database: &impl ConnectionTrait,
    id: SubscriptionId,
) -> Result<Option<SubscriptionKey>, StoreError> {
    Ok(subscription::Entity::find_by_id(Key(id))
        .select_only()
        .column(subscription::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple()
        .one(database)
        .await?)
}
