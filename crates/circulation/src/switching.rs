//! Changing to another price during a paid period.
//!
//! The unused part of the paid period is credited in proportion, to the second, and deducted from
//! the first payment at the new price. If the credit is higher than that, nothing is paid now, and
//! the rest prolongs the time until the next payment: by whole periods of the calendar, and by a part of
//! the one that follows. Rounding never exceeds one minor unit.
//!
//! What was refunded, or is about to be, is taken off the credit: nobody is paid back twice.
//!
//! A bank may decide about a payment days after the change was ordered. The change is then made as it was agreed
//! ([`AgreedChange`]). If something was refunded or taken back since, less is credited, and the time that is paid for is shorter in
//! proportion. What a bank only asks about by then is credited as it was agreed: nobody would give the time back when nothing is taken.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    CollectedPayment, Money, PaidTime, State, Subscription, Terms,
    collected::{refunded, without_refunds},
};

/// The result of changing to another price now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The new terms.
    pub terms: Terms,
    /// The value of the unused part of the paid period, without what was refunded of it.
    pub credit: Money,
    /// How much was refunded so far of all that was collected for the subscription, or is about to be.
    pub refunded: Money,
    /// What is paid now.
    pub today: Money,
    /// When the next payment at the new price is due.
    pub through: Timestamp,
}

/// A change that was ordered, and is made when it is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedChange {
    /// The new terms.
    pub terms: Terms,
    /// What was credited when it was ordered.
    pub credit: Money,
    /// When it was ordered.
    pub asked: Timestamp,
}

/// The reason why a subscription cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchRefused {
    /// Only an active subscription can be changed.
    #[error("only a subscription that goes on can be changed; go on with it first")]
    NotActive,
    /// The reader already has this price.
    #[error("that is the subscription that you have")]
    Same,
    /// The new price is in another currency.
    #[error("your subscription is paid in another currency; let it end, and then subscribe again")]
    Currency,
    /// The credit pays for more than ten years.
    #[error("what is left of your subscription would pay for more than ten years of this one")]
    TooLong,
}

/// The longest time until the next payment that a credit can pay for. Beyond it the price is likely to be a mistake.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 3660);

impl Subscription {
    /// Calculates a change to `terms` at `now`. The new subscription starts without an
    /// introduction. `collected` is what was paid for the subscription, the latest first.
    pub fn switch(
        &self,
        terms: &Terms,
        collected: &[CollectedPayment],
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
        let value = self.paid.map_or(0, |paid| remaining_value(paid, until, now));
        let credit = without_refunds(value, collected, self.refunds_deducted);
        let price = terms.amount.minor();
        let rest = credit.saturating_sub(price);
        let through = prepaid(terms, now, rest, zone);
        if rest > 0 && through.duration_since(now) > LONGEST {
            return Err(SwitchRefused::TooLong);
        }
        let money = |minor| Money::of(minor, terms.amount.currency());
        Ok(Switch {
            terms: Terms { offer: None, introduction: None, ..terms.clone() },
            credit: money(credit),
            refunded: money(refunded(collected)),
            // What can't be collected is the publisher's loss.
            today: money(price.saturating_sub(credit)).down_to_step(),
            through,
        })
    }

    /// Calculates the change that was agreed, for which `paid` was collected, at `now`. What was refunded or taken back since it was
    /// ordered is not credited: `collected` is what was paid for the subscription, the latest first. The time that the bank took costs the reader
    /// nothing. What was paid and what is credited buy their share of the time that was agreed, and all of it if nothing was
    /// refunded.
    pub fn switch_as_agreed(
        &self,
        agreed: &AgreedChange,
        paid: Money,
        collected: &[CollectedPayment],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Switch, SwitchRefused> {
        let collected: Vec<_> =
            collected.iter().copied().map(CollectedPayment::without_inquiries).collect();
        let then = self.switch(&agreed.terms, &collected, agreed.asked, zone)?;
        let switch = self.switch(&agreed.terms, &collected, now, zone)?;
        let credit = then.credit.minor().min(agreed.credit.minor()).max(switch.credit.minor());
        let price = paid.minor().saturating_add(agreed.credit.minor());
        let through =
            bought(&agreed.terms, now, (paid.minor().saturating_add(credit), price), zone);
        let credit = Money::of(credit, paid.currency());
        Ok(Switch { credit, today: paid, through, ..switch })
    }

    /// Returns the subscription after `switch`, paid at `now`.
    #[must_use]
    pub fn switched(&self, switch: &Switch, now: Timestamp) -> Self {
        let Switch { terms, credit, refunded, today, through } = switch.clone();
        let spent = Money::of(today.minor() + credit.minor(), today.currency());
        Self {
            terms,
            anchor: through,
            paid: Some(PaidTime { amount: spent, from: now, through }),
            state: State::Active { through },
            refunds_deducted: refunded.minor(),
            ..self.clone()
        }
    }
}

/// Returns the value of the unused part of `paid` at `now` in minor units, rounded down. `until` is
/// the end of the period, which a pause may have moved.
pub(crate) fn remaining_value(paid: PaidTime, until: Timestamp, now: Timestamp) -> u64 {
    let whole = seconds(paid.through.duration_since(paid.from));
    let left = seconds(until.duration_since(now)).min(whole);
    if whole == 0 {
        return 0;
    }
    let remaining_value = u128::from(paid.amount.minor()) * u128::from(left) / u128::from(whole);
    u64::try_from(remaining_value).unwrap_or(u64::MAX)
}

/// Returns the end of the first period that begins at `now`, moved by what `rest` pays for.
fn prepaid(terms: &Terms, now: Timestamp, rest: u64, zone: &TimeZone) -> Timestamp {
    let price = terms.amount.minor();
    bought(terms, now, (price.saturating_add(rest), price), zone)
}

/// Returns the end of the time from `now` that `amount` pays for, if a period costs `price`. What is free is paid for one period.
fn bought(
    terms: &Terms,
    now: Timestamp,
    (amount, price): (u64, u64),
    zone: &TimeZone,
) -> Timestamp {
    let periods = u32::try_from(amount.checked_div(price).unwrap_or(1)).unwrap_or(u32::MAX);
    let end = if periods == 0 { now } else { terms.every.after(now, periods, zone) };
    let next = terms.every.after(now, periods.saturating_add(1), zone);
    let part = amount.checked_rem(price).unwrap_or_default();
    end.checked_add(share(next.duration_since(end), part, price)).unwrap_or(Timestamp::MAX)
}

/// Returns `length` × `part` ÷ `whole`, rounded up to the second.
fn share(length: SignedDuration, part: u64, whole: u64) -> SignedDuration {
    let product = u128::from(seconds(length)) * u128::from(part);
    let share = product.div_ceil(u128::from(whole.max(1)));
    SignedDuration::from_secs(i64::try_from(share).unwrap_or(i64::MAX / 2))
}

fn seconds(length: SignedDuration) -> u64 {
    u64::try_from(length.as_secs()).unwrap_or_default()
}
