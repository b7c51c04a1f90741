//! What the desk's audit log says of subscriptions and payments: what staff do, and what somebody does on the command
//! line. What readers, processors and the calendar do is in the audit of the subscription alone.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Actor, AuditAction, AuditChange, StaffActor, State, Subscription, SubscriptionId,
};
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::{NewSubscription, SubscriptionChange};
use crate::{
    StoreError,
    audit_log::{AuditRecord, record},
    ids::Key,
    records::account,
};

/// Records a change of a subscription.
pub(super) async fn changed(
    transaction: &DatabaseTransaction,
    change: &SubscriptionChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Actor::Staff(staff) = &change.actor else { return Ok(()) };
    let SubscriptionChange { before, after, .. } = change;
    let ends = |state: State| state.ends().map(|at| at.to_string()).unwrap_or_default();
    let values = [
        AuditChange::between("state", before.state.name(), after.state.name()),
        AuditChange::between("ends", &ends(before.state), &ends(after.state)),
        AuditChange::between("price", &before.terms.price, &after.terms.price),
    ];
    let facts = subscription_facts(before.id, change.what);
    let changes = facts.into_iter().chain(values.into_iter().flatten()).collect();
    write(transaction, before.account, staff.as_ref(), changes, now).await
}

/// Records the beginning of a subscription.
pub(super) async fn begun(
    transaction: &DatabaseTransaction,
    id: SubscriptionId,
    begun: &NewSubscription,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Actor::Staff(staff) = &begun.actor else { return Ok(()) };
    let Subscription { account, state, terms, .. } = &begun.subscription;
    let ends = state.ends().map(|at| at.to_string()).unwrap_or_default();
    let values = [
        AuditChange::between("state", "", state.name()),
        AuditChange::between("ends", "", &ends),
        AuditChange::between("price", "", &terms.price),
        AuditChange::between("amount", "", &terms.amount.to_string()),
    ];
    let facts = subscription_facts(id, "begun");
    let changes = facts.into_iter().chain(values.into_iter().flatten()).collect();
    write(transaction, *account, staff.as_ref(), changes, now).await
}

fn subscription_facts(id: SubscriptionId, what: &str) -> [AuditChange; 2] {
    [
        AuditChange::fact("subscription", format_args!("S-{}", id.0)),
        AuditChange::fact("event", what),
    ]
}

async fn write(
    transaction: &DatabaseTransaction,
    account: AccountId,
    staff: Option<&StaffActor>,
    changes: Vec<AuditChange>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let action = AuditAction::ChangedSubscription;
    record_for_reader(transaction, action, Some(account), staff, changes, now).await
}

/// Records what was done for a reader, whose account may be deleted. `staff` is `None` for the command line.
pub(crate) async fn record_for_reader(
    transaction: &DatabaseTransaction,
    action: AuditAction,
    reader: Option<AccountId>,
    staff: Option<&StaffActor>,
    changes: Vec<AuditChange>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = match reader {
        Some(reader) => account::Entity::find_by_id(Key(reader)).one(transaction).await?,
        None => None,
    };
    let entry = AuditRecord {
        account: row.as_ref().map(|row| row.id.0),
        about: row.as_ref().map_or("", |row| &row.email),
        reason: staff.map_or("", |staff| &staff.reason),
        changes,
        ..AuditRecord::new(staff.and_then(|staff| staff.by), now, action)
    };
    record(transaction, entry).await
}
