//! What happens to subscriptions: checkouts, renewals, price changes, refunds, staff actions and
//! reconciliation. Site, desk and command line call it.
//!
//! # The money path
//!
//! While the machine's clock cannot be relied on or the file of the database is lost ([`Billing::set_charge_check`]), nothing is ordered,
//! no answer to an order is asked for, and nothing is done because it is due. What readers pay meanwhile at a payment page, and what was
//! paid and is not applied, is applied all the same, by the clock as it is; checkouts are given up by it as well.
//!
//! 1. An order is written to the log of charges before a processor sees it (`start_charge`), and only if
//!    the subscription is still as it was read and no other order for it is unanswered.
//! 2. The processor is asked. If the answer is lost, the same order is given again under the same key.
//! 3. A collected payment is recorded in a transaction of its own, whatever happened to the subscription
//!    meanwhile (`record_payment`).
//! 4. The change that it pays for is computed on the latest row and applied in one transaction with the
//!    payment's status, the audit entry and the receipt. On a conflict it is computed again.
//! 5. A payment that no subscription can take becomes a pending refund: staff see it at the desk, and the
//!    reader is told.
//!
//! Whatever is interrupted between two steps is taken up by the next sweep.
//!
//! | module | contents |
//! | --- | --- |
//! | [`checkout`] | what was bought on the site |
//! | [`renewals`] | what is due: reminders, renewals, ends |
//! | [`plan_change`] | changes to another price |
//! | [`reader_actions`] | what readers do with their subscriptions |
//! | [`endings`], [`withdrawals`] | cancelling by the link in an email, and withdrawing from contracts |
//! | `disputes` | payments that a bank has taken back |
//! | [`staff_actions`] | what staff enter by hand |
//! | [`refunds`] | refunds, and payments that no subscription can take |
//! | `refunds_elsewhere` | refunds that were made at a processor and not from here |
//! | [`webhooks`] | messages from processors |
//! | [`sweeps`] | what was interrupted, and checkouts that nobody came back from |
//! | [`reconciliation`] | charges, payments, refunds and access compared |

#![warn(missing_docs)]

mod apply;
mod beginning;
mod billing;
mod charge_log;
pub mod checkout;
mod disputes;
pub mod endings;
mod error;
mod orders;
mod panics;
pub mod plan_change;
mod publication;
pub mod reader_actions;
pub mod reconciliation;
pub mod refunds;
mod refunds_elsewhere;
pub mod renewals;
pub mod staff_actions;
pub mod sweeps;
pub mod webhooks;
pub mod withdrawals;

pub use billing::{Billing, ChargeCheck};
pub use error::BillingError;
pub use publication::PublicationServices;
