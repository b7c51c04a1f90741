//! Changing from one price to another in the middle of what was paid for.
//!
//! What is left of the old is worth its share of what was paid, to the second, and is taken off the
//! first payment for the new. Where it is worth more than that, nothing is paid now, and the rest
//! lengthens the time until the next payment. Nobody loses or wins more than the smallest coin.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{Money, PaidTime, State, Subscription, Terms};

/// What changing now comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What is agreed then.
    pub terms: Terms,
    /// What is left of the time that was paid for is worth this.
    pub credit: Money,
    /// What is paid today.
    pub today: Money,
    /// The next payment, of the new price, is due then.
    pub through: Timestamp,
}

/// Why there is no changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchRefused {
    /// Only one that is active can be changed.
    #[error("only a subscription that goes on can be changed; go on with it first")]
    NotActive,
    /// It is what the reader has.
    #[error("that is the subscription that you have")]
    Same,
    /// The new price is in another currency.
    #[error("your subscription is paid in another currency; let it end and subscribe anew")]
    Currency,
}

impl Subscription {
    /// What changing to `terms` at `now` comes to. An introduction is for who begins, not for who changes.
    pub fn switch(
        &self,
        terms: &Terms,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Switch, SwitchRefused> {
        let State::Active { through: until } = self.state else {
            return Err(SwitchRefused::NotActive);
        };
        if terms.price == self.terms.price {
            return Err(SwitchRefused::Same);
        }
        if terms.amount.currency() != self.terms.amount.currency() {
            return Err(SwitchRefused::Currency);
        }
        let credit = self.paid.map_or(0, |paid| worth(paid, until, now));
        let price = terms.amount.minor();
        let end = terms.every.after(now, 1, zone);
        let rest = credit.saturating_sub(price);
        let through = end + share(end.duration_since(now), rest, price);
        let money = |minor| Money::of(minor, terms.amount.currency());
        Ok(Switch {
            terms: Terms { offer: None, introduction: None, ..terms.clone() },
            credit: money(credit),
            today: money(price.saturating_sub(credit)),
            through,
        })
    }

    /// The subscription after `switch`, which was paid for at `now`.
    #[must_use]
    pub fn switched(&self, switch: &Switch, now: Timestamp) -> Self {
        let Switch { terms, credit, today, through } = switch.clone();
        let spent = Money::of(today.minor() + credit.minor(), today.currency());
        Self {
            terms,
            anchor: through,
            paid: Some(PaidTime { amount: spent, from: now, through }),
            state: State::Active { through },
            ..self.clone()
        }
    }
}

/// What is left of a paid time at `now`, in minor units, rounded down. A pause moves its end.
pub(crate) fn worth(paid: PaidTime, until: Timestamp, now: Timestamp) -> u64 {
    let whole = seconds(paid.through.duration_since(paid.from));
    let left = seconds(until.duration_since(now)).min(whole);
    if whole == 0 {
        return 0;
    }
    let worth = u128::from(paid.amount.minor()) * u128::from(left) / u128::from(whole);
    u64::try_from(worth).unwrap_or(u64::MAX)
}

/// `length` × `part` ÷ `whole`, rounded up to the second.
fn share(length: SignedDuration, part: u64, whole: u64) -> SignedDuration {
    let product = u128::from(seconds(length)) * u128::from(part);
    let share = product.div_ceil(u128::from(whole.max(1)));
    SignedDuration::from_secs(i64::try_from(share).unwrap_or(i64::MAX / 2))
}

fn seconds(length: SignedDuration) -> u64 {
    u64::try_from(length.as_secs()).unwrap_or_default()
}
