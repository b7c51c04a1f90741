//! Payments: what was collected, where each came from, and what became of the money.

use std::fmt;

use jiff::Timestamp;

use crate::{AccountId, Money, PaymentSource, SubscriptionId, TaxRate, TaxedAmount};

/// The number of a payment, which is also the number of its invoice. The first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentNumber(pub u32);

impl fmt::Display for PaymentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A collected payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its number.
    pub number: PaymentNumber,
    /// Where it came from. A payment is stored once per source.
    pub source: PaymentSource,
    /// The name of the processor that collected it; empty for payments stored before this was kept.
    pub processor: String,
    /// The processor's reference for the checkout in which it was paid; empty if there was none.
    pub reference: String,
    /// Who paid; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// The subscription that it pays for; `None` until one was begun with it, and once it is deleted with
    /// its account.
    pub subscription: Option<SubscriptionId>,
    /// What it pays for, in words.
    pub what: String,
    /// The amount that was collected.
    pub amount: Money,
    /// When it was recorded.
    pub at: Timestamp,
    /// The first instant that is paid for.
    pub from: Timestamp,
    /// The first instant that is no longer paid for.
    pub through: Timestamp,
    /// The card, in words; may be empty.
    pub card: String,
    /// The tax that the amount includes, as it was when the payment was recorded; `None` if it was not known.
    pub tax: Option<TaxRate>,
    /// What became of the money.
    pub status: PaymentStatus,
}

impl Payment {
    /// The amount without its tax, and the tax. `None` if the rate is not known.
    pub fn taxed(&self) -> Option<TaxedAmount> {
        self.tax.map(|rate| rate.split(self.amount))
    }
}

/// A collected payment that is about to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// Where it came from.
    pub source: PaymentSource,
    /// The name of the processor that collected it.
    pub processor: String,
    /// The processor's reference for the checkout in which it was paid; empty if there was none.
    pub reference: String,
    /// Who paid; `None` if the account was deleted meanwhile.
    pub account: Option<AccountId>,
    /// The subscription that it pays for; `None` if one is begun with it.
    pub subscription: Option<SubscriptionId>,
    /// What it pays for, in words.
    pub what: String,
    /// The amount that was collected.
    pub amount: Money,
    /// The first instant that it was ordered for.
    pub from: Timestamp,
    /// The first instant that it was not ordered for.
    pub through: Timestamp,
    /// The card, in words; may be empty.
    pub card: String,
    /// The tax that the amount includes; `None` if the publisher has not set it.
    pub tax: Option<TaxRate>,
}

/// What became of collected money.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum PaymentStatus {
    /// It is recorded, and no subscription has it yet. This lasts for moments, or until the next sweep.
    Recorded,
    /// It was applied to a subscription.
    Applied,
    /// No subscription can take it, or its reader has withdrawn from the contract. It is about to be refunded, or staff decide
    /// whether it is refunded or kept.
    RefundPending,
    /// All of it was refunded.
    Refunded,
    /// Staff decided to keep it.
    Kept,
}

impl PaymentStatus {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Why a payment is to be refunded.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum UnusedReason {
    /// The subscription had ended before the payment arrived.
    SubscriptionEnded,
    /// The period was paid for another way meanwhile.
    PaidAlready,
    /// The reader had subscribed meanwhile.
    SubscribedAlready,
    /// The subscription cannot be changed to what was paid for any more.
    ChangeImpossible,
    /// What was bought is not there any more.
    NothingToPayFor,
    /// The payment came from a source that this version does not know.
    UnknownSource,
    /// The reader has withdrawn from the contract that it was paid for.
    Withdrawn,
}

impl UnusedReason {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
