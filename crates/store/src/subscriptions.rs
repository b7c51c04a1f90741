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
//! | `audit` | who changed a subscription, when, and to which state |
//! | `desk_log` | what the desk's audit log says of it |
//! | `rows` | the row of a subscription |

mod audit;
mod beginning;
mod changes;
mod claims;
mod desk_log;
mod ending;
mod queries;
mod rows;
mod withdrawals;

pub(crate) use self::{
    audit::note,
    desk_log::record_for_reader,
    rows::{read, serialize},
};
pub use self::{
    beginning::NewSubscription,
    changes::SubscriptionChange,
    ending::EndingResult,
    withdrawals::{NewWithdrawal, WithdrawnPayment},
};
