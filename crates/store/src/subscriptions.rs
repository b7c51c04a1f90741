//! Subscriptions, and every change of one: the change itself, what was paid, the emails and the audit
//! entry are one transaction.
//!
//! | module | contents |
//! | --- | --- |
//! | `queries` | reading subscriptions |
//! | `beginning` | new subscriptions, and what a checkout has paid for |
//! | `changes` | changing a subscription |
//! | `ending` | ending subscriptions, by the link in an email once |
//! | `withdrawals` | withdrawing from contracts |
//! | `claims` | claiming what is due |
//! | `renewals` | what was collected before |
//! | `audit` | who changed a subscription, when, and to which state |
//! | `desk_log` | what the desk's audit log says of it |
//! | `reader_status` | the status of a reader, a column of the account |
//! | `rows` | the row of a subscription |
//! | `price_changes` | by how much their prices changed, and when |
//! | `spans` | how long subscriptions were paid for, added up |

mod audit;
mod beginning;
mod changes;
mod claims;
mod desk_log;
mod ending;
mod price_changes;
mod queries;
mod reader_status;
mod renewals;
mod rows;
mod spans;
mod withdrawals;

pub(crate) use self::{
    audit::note,
    desk_log::record_for_reader,
    reader_status::statement as status_statement,
    rows::{grace_since, monthly_minor, read, read_facts, serialize},
};
pub use self::{
    beginning::NewSubscription,
    changes::SubscriptionChange,
    ending::EndingResult,
    price_changes::PriceChanges,
    renewals::LastRenewal,
    spans::PaidSpans,
    withdrawals::{NewWithdrawal, WithdrawnPayment},
};
