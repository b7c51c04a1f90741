//! Payments that were collected, as their invoices show them.

use jiff::Timestamp;

use crate::{AccountId, Money, PaymentSource, SubscriptionId};

/// A collected payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its number, which is also the number of its invoice; 0 until it is stored.
    pub number: u32,
    /// Where it came from. A payment is stored once per source.
    pub source: PaymentSource,
    /// Who paid.
    pub account: AccountId,
    /// The subscription that it pays for.
    pub subscription: SubscriptionId,
    /// What it pays for, in words.
    pub what: String,
    /// The amount.
    pub amount: Money,
    /// When it was recorded.
    pub at: Timestamp,
    /// The first instant that is paid for.
    pub from: Timestamp,
    /// The first instant that is no longer paid for.
    pub through: Timestamp,
    /// The card, in words; may be empty.
    pub card: String,
}
