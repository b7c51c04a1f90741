//! A payment that was made, as its invoice has it.

use jiff::Timestamp;

use crate::{AccountId, Money, SubscriptionId};

/// A payment that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its number, which is also the invoice's; 0 until it is written down.
    pub number: u32,
    /// By which it is written down once, however often it is heard of.
    pub key: String,
    /// Who paid.
    pub account: AccountId,
    /// For what.
    pub subscription: SubscriptionId,
    /// What for, in words.
    pub what: String,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
    /// The first instant that is paid for.
    pub from: Timestamp,
    /// The first instant that is not.
    pub through: Timestamp,
    /// With which card, in words; may be empty.
    pub card: String,
}
