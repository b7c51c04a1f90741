//! Where a payment comes from. The text of a source is the idempotency key of its order: it names
//! everything that is ordered, so an answer for one price is never taken for another.
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

use std::{convert::Infallible, fmt, str::FromStr};

use jiff::Timestamp;

use crate::{AccountId, Digest, Mandate, Money, SubscriptionId};

/// From this number on, the number in the key of a staff entry counts milliseconds and not seconds.
const MILLISECONDS: i64 = 100_000_000_000;

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

impl fmt::Display for MandateTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
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

impl fmt::Display for PaymentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkout(digest) => digest.fmt(f),
            Self::Renewal(RenewalOrder { subscription, period, attempt, amount, mandate }) => {
                let amount = AmountText(*amount);
                write!(f, "renewal:{}:{period}:{attempt}:{amount}:{mandate}", subscription.0)
            }
            Self::PriceChange(order) => {
                let PriceChangeOrder { subscription, period, attempt, amount, mandate, price } =
                    order;
                let amount = AmountText(*amount);
                write!(f, "price:{}:{period}:{attempt}:{amount}:{mandate}:{price}", subscription.0)
            }
            Self::EnteredByStaff { subscription, period } => {
                write!(f, "{}-{period}-entered", subscription.0)
            }
            Self::BegunByStaff { account, at } => write!(f, "{}-{at}-entered", account.0),
            Self::FormerRenewal { subscription, period, attempt } => {
                write!(f, "{}-{period}-{attempt}", subscription.0)
            }
            Self::FormerPriceChange { subscription, version } => {
                write!(f, "{}-switch-{version}", subscription.0)
            }
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

/// An amount in a key: `1200USD`.
struct AmountText(Money);

impl fmt::Display for AmountText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.minor(), self.0.currency().code())
    }
}

impl From<&str> for PaymentSource {
    /// Reads a key. Every text is one: what no version has written is [`PaymentSource::Unknown`].
    fn from(text: &str) -> Self {
        let read = known(text).filter(|source| source.to_string() == text);
        read.unwrap_or_else(|| Self::Unknown(text.to_owned()))
    }
}

impl FromStr for PaymentSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

fn known(text: &str) -> Option<PaymentSource> {
    if let Ok(digest) = text.parse() {
        return Some(PaymentSource::Checkout(digest));
    }
    match text.split_once(':') {
        Some(("renewal", rest)) => renewal(rest).map(PaymentSource::Renewal),
        Some(("price", rest)) => price_change(rest).map(PaymentSource::PriceChange),
        Some(_) => None,
        None => with_dashes(text),
    }
}

fn renewal(text: &str) -> Option<RenewalOrder> {
    let mut parts = text.split(':');
    let order = RenewalOrder {
        subscription: SubscriptionId(parts.next()?.parse().ok()?),
        period: parts.next()?.parse().ok()?,
        attempt: parts.next()?.parse().ok()?,
        amount: amount(parts.next()?)?,
        mandate: tag(parts.next()?)?,
    };
    parts.next().is_none().then_some(order)
}

fn price_change(text: &str) -> Option<PriceChangeOrder> {
    // The slug of a price may hold anything, so it comes last.
    let mut parts = text.splitn(6, ':');
    Some(PriceChangeOrder {
        subscription: SubscriptionId(parts.next()?.parse().ok()?),
        period: parts.next()?.parse().ok()?,
        attempt: parts.next()?.parse().ok()?,
        amount: amount(parts.next()?)?,
        mandate: tag(parts.next()?)?,
        price: parts.next()?.to_owned(),
    })
}

fn with_dashes(text: &str) -> Option<PaymentSource> {
    let (number, rest) = text.split_once('-')?;
    let number: u32 = number.parse().ok()?;
    let subscription = SubscriptionId(number);
    if let Some(version) = rest.strip_prefix("switch-") {
        let version = version.parse().ok()?;
        return Some(PaymentSource::FormerPriceChange { subscription, version });
    }
    let (time, last) = rest.rsplit_once('-')?;
    let time: i64 = time.parse().ok()?;
    Some(match last {
        "entered" if time >= MILLISECONDS => {
            PaymentSource::BegunByStaff { account: AccountId(number), at: time }
        }
        "entered" => PaymentSource::EnteredByStaff { subscription, period: time },
        attempt => {
            let attempt = attempt.parse().ok()?;
            PaymentSource::FormerRenewal { subscription, period: time, attempt }
        }
    })
}

fn amount(text: &str) -> Option<Money> {
    let (minor, currency) = text.split_at_checked(text.len().checked_sub(3)?)?;
    Some(Money::of(minor.parse().ok()?, currency.parse().ok()?))
}

fn tag(text: &str) -> Option<MandateTag> {
    u64::from_str_radix(text, 16).ok().map(MandateTag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(minor: u64) -> Money {
        Money::of(minor, "USD".parse().expect("a currency"))
    }

    fn sources() -> impl Strategy<Value = PaymentSource> {
        let order = (any::<u32>(), any::<i64>(), any::<u8>(), any::<u64>(), any::<u64>(), ".*");
        let ordered = order.prop_map(|(id, period, attempt, minor, mandate, price)| {
            let (subscription, mandate) = (SubscriptionId(id), MandateTag(mandate));
            let amount = usd(minor);
            [
                PaymentSource::Renewal(RenewalOrder {
                    subscription,
                    period,
                    attempt,
                    amount,
                    mandate,
                }),
                PaymentSource::PriceChange(PriceChangeOrder {
                    subscription,
                    period,
                    attempt,
                    amount,
                    mandate,
                    price,
                }),
                PaymentSource::FormerRenewal { subscription, period, attempt },
                PaymentSource::FormerPriceChange { subscription, version: id },
            ]
        });
        let entered = (any::<u32>(), any::<i64>()).prop_map(|(id, at)| {
            if at >= MILLISECONDS {
                PaymentSource::BegunByStaff { account: AccountId(id), at }
            } else {
                PaymentSource::EnteredByStaff { subscription: SubscriptionId(id), period: at }
            }
        });
        prop_oneof![
            any::<[u8; 32]>().prop_map(|bytes| PaymentSource::Checkout(Digest(bytes))),
            (ordered, 0_usize..4).prop_map(|(all, which)| all[which].clone()),
            entered,
        ]
    }

    proptest! {
        #[test]
        fn a_source_is_read_as_it_was_written(source in sources()) {
            prop_assert_eq!(PaymentSource::from(source.to_string().as_str()), source);
        }

        #[test]
        fn every_text_is_a_source_and_keeps_its_characters(text in ".*") {
            prop_assert_eq!(PaymentSource::from(text.as_str()).to_string(), text);
        }
    }

    #[test]
    fn keys_of_earlier_versions_are_read() {
        let subscription = SubscriptionId(7);
        let source = |text: &str| PaymentSource::from(text);
        let former =
            PaymentSource::FormerRenewal { subscription, period: 1_796_893_200, attempt: 2 };
        assert_eq!(source("7-1796893200-2"), former);
        let change = PaymentSource::FormerPriceChange { subscription, version: 3 };
        assert_eq!(source("7-switch-3"), change);
        let entered = PaymentSource::EnteredByStaff { subscription, period: 1_796_893_200 };
        assert_eq!(source("7-1796893200-entered"), entered);
        let begun = PaymentSource::BegunByStaff { account: AccountId(7), at: 1_796_893_200_123 };
        assert_eq!(source("7-1796893200123-entered"), begun);
        let digest = Digest([9; 32]);
        assert_eq!(source(&digest.to_string()), PaymentSource::Checkout(digest));
    }

    #[test]
    fn a_key_names_everything_that_is_ordered() {
        let mandate =
            Mandate { processor: "stripe".into(), reference: "cus_1/pm_1".into(), card: None };
        let order = PriceChangeOrder {
            subscription: SubscriptionId(7),
            period: 1_796_893_200,
            attempt: 0,
            amount: usd(1200),
            mandate: (&mandate).into(),
            price: "web-yearly".into(),
        };
        let other_card = Mandate { reference: "cus_1/pm_2".into(), ..mandate };
        let others = [
            PriceChangeOrder { subscription: SubscriptionId(8), ..order.clone() },
            PriceChangeOrder { period: 1_796_893_201, ..order.clone() },
            PriceChangeOrder { attempt: 1, ..order.clone() },
            PriceChangeOrder { amount: usd(1300), ..order.clone() },
            PriceChangeOrder { mandate: (&other_card).into(), ..order.clone() },
            PriceChangeOrder { price: "paper-monthly".into(), ..order.clone() },
        ];
        let key = PaymentSource::PriceChange(order).to_string();
        for other in others {
            assert_ne!(PaymentSource::PriceChange(other).to_string(), key);
        }
        assert!(key.len() < 255, "Stripe takes keys of at most 255 characters");
    }
}
