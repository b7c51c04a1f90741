//! Where a payment comes from. The text of a source is the idempotency key of its order: it names
//! everything that is ordered, so an answer for one price is never mistaken for another's.
//!
//! | source | text |
//! | --- | --- |
//! | checkout | the digest in its address, 43 characters of base64url |
//! | renewal | `renewal:SUBSCRIPTION:PERIOD:ATTEMPT:AMOUNT:MANDATE` |
//! | price change | `price:SUBSCRIPTION:PERIOD:ATTEMPT:AMOUNT:MANDATE:PRICE` |
//! | renewal entered by staff | `SUBSCRIPTION-PERIOD-entered` |
//! | beginning entered by staff | `ACCOUNT-MILLISECONDS-entered` |
//!
//! A period is the second at which it begins. Versions before this module wrote renewals as
//! `SUBSCRIPTION-PERIOD-ATTEMPT` and price changes as `SUBSCRIPTION-switch-VERSION`; both are still read.

mod text;

use jiff::Timestamp;

use crate::{AccountId, Digest, Mandate, Money, SubscriptionId};

/// Where a payment comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PaymentSource {
    /// A checkout, by its key.
    Checkout(Digest),
    /// The next period of a subscription.
    Renewal(RenewalOrder),
    /// A change to another price.
    PriceChange(PriceChangeOrder),
    /// Staff entered that a period of a subscription was paid for.
    EnteredByStaff {
        /// The subscription.
        subscription: SubscriptionId,
        /// The second at which the period begins.
        period: i64,
    },
    /// Staff entered a subscription together with its first payment.
    BegunByStaff {
        /// The reader.
        account: AccountId,
        /// The millisecond at which they did.
        at: i64,
    },
    /// A renewal that was ordered by a version whose keys named no amount and no card.
    FormerRenewal {
        /// The subscription.
        subscription: SubscriptionId,
        /// The second at which the period begins.
        period: i64,
        /// How often the period had been refused before.
        attempt: u8,
    },
    /// A price change that was ordered by a version whose keys named no price.
    FormerPriceChange {
        /// The subscription.
        subscription: SubscriptionId,
        /// The version of the subscription that was changed.
        version: u32,
    },
    /// A text that no version has written.
    Unknown(String),
}

/// A renewal, with everything that is ordered by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RenewalOrder {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The second at which the period begins.
    pub period: i64,
    /// How often this period was refused before.
    pub attempt: u8,
    /// What is collected.
    pub amount: Money,
    /// What it is collected with.
    pub mandate: MandateTag,
}

/// A change of price, with everything that is ordered by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PriceChangeOrder {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The second up to which the subscription was paid for before.
    pub period: i64,
    /// How often this very change was refused before.
    pub attempt: u8,
    /// What is collected today.
    pub amount: Money,
    /// What it is collected with.
    pub mandate: MandateTag,
    /// The price that it is changed to, by its slug.
    pub price: String,
}

/// A mandate in a key: it tells two mandates apart and gives neither away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MandateTag(u64);

impl From<&Mandate> for MandateTag {
    fn from(mandate: &Mandate) -> Self {
        let Digest(digest) =
            Digest::of(&[mandate.processor.as_bytes(), b"/", mandate.reference.as_bytes()]);
        Self(digest.iter().take(8).fold(0, |tag, byte| tag << 8 | u64::from(*byte)))
    }
}

impl PaymentSource {
    /// Returns the subscription that the payment is for, or `None` if the source does not name it.
    pub fn subscription(&self) -> Option<SubscriptionId> {
        match self {
            Self::Renewal(order) => Some(order.subscription),
            Self::PriceChange(order) => Some(order.subscription),
            Self::EnteredByStaff { subscription, .. }
            | Self::FormerRenewal { subscription, .. }
            | Self::FormerPriceChange { subscription, .. } => Some(*subscription),
            Self::Checkout(_) | Self::BegunByStaff { .. } | Self::Unknown(_) => None,
        }
    }

    /// Returns whether staff entered the payment, so that no processor knows of it.
    pub fn is_entered(&self) -> bool {
        match self {
            Self::EnteredByStaff { .. } | Self::BegunByStaff { .. } => true,
            Self::Checkout(_)
            | Self::Renewal(_)
            | Self::PriceChange(_)
            | Self::FormerRenewal { .. }
            | Self::FormerPriceChange { .. }
            | Self::Unknown(_) => false,
        }
    }

    /// Returns the key under which a version before this one would have given the same order, or `None`
    /// if it had no other. An answer under that key is an answer to this order.
    pub fn former_key(&self) -> Option<String> {
        match self {
            Self::Renewal(RenewalOrder { subscription, period, attempt, .. }) => {
                let (subscription, period, attempt) = (*subscription, *period, *attempt);
                Some(Self::FormerRenewal { subscription, period, attempt }.to_string())
            }
            Self::Checkout(_)
            | Self::PriceChange(_)
            | Self::EnteredByStaff { .. }
            | Self::BegunByStaff { .. }
            | Self::FormerRenewal { .. }
            | Self::FormerPriceChange { .. }
            | Self::Unknown(_) => None,
        }
    }

    /// A payment that staff enter for the period that begins at `from`.
    pub fn entered(subscription: SubscriptionId, from: Timestamp) -> Self {
        Self::EnteredByStaff { subscription, period: from.as_second() }
    }
}

#[cfg(test)]
mod tests;
