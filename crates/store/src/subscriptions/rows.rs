//! The row of a subscription: what queries search by, and the other facts as JSON.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Mandate, NotificationsSent, PaidTime, ReaderStatus, State, Subscription,
    SubscriptionId, Terms, figures::monthly,
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
    #[serde(default)]
    refunds_deducted: u64,
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
        reader_status: Set(ReaderStatus::of(new).name().to_owned()),
        product: Set(new.terms.product.clone()),
        paying_since: Set(new.has_paid().then(|| new.begun.as_second())),
        ended: Set(ended(new)),
        monthly: Set(monthly_minor(new)),
        currency: Set(new.terms.amount.currency().code().to_owned()),
        grace_since: Set(grace_since(new)),
    })
}

/// When a payment first failed, or the invoice is to be paid; `None` if the subscription is not in grace.
pub(crate) fn grace_since(subscription: &Subscription) -> Option<i64> {
    match subscription.state {
        State::Grace { since, .. } => Some(since.as_second()),
        State::Trial { .. }
        | State::Active { .. }
        | State::Paused { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => None,
    }
}

/// When a subscription ended; `None` if it goes on.
pub(super) fn ended(subscription: &Subscription) -> Option<i64> {
    match subscription.state {
        State::Ended { at, .. } => Some(at.as_second()),
        State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. } => None,
    }
}

/// The price of a month in minor units.
pub(crate) fn monthly_minor(subscription: &Subscription) -> i64 {
    i64::try_from(monthly(subscription).minor()).unwrap_or(i64::MAX)
}

pub(super) fn facts(subscription: &Subscription) -> Result<String, StoreError> {
    let Subscription { terms, begun, anchor, paid, state, mandate, notified, .. } =
        subscription.clone();
    let refunds_deducted = subscription.refunds_deducted;
    let facts =
        Facts { terms, begun, anchor, paid, refunds_deducted, state, mandate, told: notified };
    Ok(serde_json::to_string(&facts)?)
}

pub(crate) fn read(row: &subscription::Model) -> Result<Subscription, StoreError> {
    read_facts(row.id.0, row.account.0, row.version, &row.facts)
}

/// The subscription with these facts.
pub(crate) fn read_facts(
    id: SubscriptionId,
    account: AccountId,
    version: i32,
    facts: &str,
) -> Result<Subscription, StoreError> {
    let Facts { terms, begun, anchor, paid, refunds_deducted, state, mandate, told } =
        serde_json::from_str(facts)?;
    Ok(Subscription {
        id,
        account,
        terms,
        begun,
        anchor,
        paid,
        refunds_deducted,
        state,
        mandate,
        notified: told,
        version,
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
