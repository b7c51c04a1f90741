//! Payment sources as texts, which are the idempotency keys of orders.

use std::{convert::Infallible, fmt, str::FromStr};

use super::{MandateTag, PaymentSource, PriceChangeOrder, RenewalOrder};
use crate::{AccountId, Money, SubscriptionId};

/// From this number on, the number in the key of a staff entry counts milliseconds and not seconds.
pub(super) const MILLISECONDS: i64 = 100_000_000_000;

impl fmt::Display for MandateTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
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
