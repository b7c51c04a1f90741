//! Subscriptions: what was agreed, the state, and what pays for them.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Event, FirstPeriod, IllegalTransition, Money, State, Terms,
    switching::remaining_value,
};

/// The number of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub u32);

impl SubscriptionId {
    /// The number of a subscription that is not stored yet: the database counts from 1.
    pub const UNSTORED: Self = Self(0);
}

/// The public details of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The brand, such as "Visa".
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The year in which it expires.
    pub year: i16,
    /// The month at the end of which it expires, from 1.
    pub month: i8,
}

impl Card {
    /// Returns the first day on which the card is no longer valid, or `None` if its date is not
    /// valid.
    pub fn expired_on(&self) -> Option<Date> {
        let month = Date::new(self.year, self.month, 1).ok()?;
        month.last_of_month().tomorrow().ok()
    }
}

/// The processor of subscriptions that are paid by invoice: staff enter what was paid.
pub const MANUAL: &str = "manual";

/// The payment method of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// The name of the processor, or [`MANUAL`].
    pub processor: String,
    /// The processor's id of the payment method. Empty if nothing is collected.
    pub reference: String,
    /// The card, if there is one.
    pub card: Option<Card>,
}

impl Mandate {
    /// A mandate for paying by invoice.
    pub fn manual() -> Self {
        Self { processor: MANUAL.to_owned(), reference: String::new(), card: None }
    }

    /// Returns `true` if the reader pays by invoice.
    pub fn is_manual(&self) -> bool {
        self.processor == MANUAL
    }
}

/// How late a first invoice may be sent without moving the time to pay, which is short in comparison: a tenth of it at most.
const LATE_INVOICE: SignedDuration = SignedDuration::from_hours(1);

/// The notifications already sent, each with the time of the event that it announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationsSent {
    /// The end of the trial that was announced.
    pub trial_ending: Option<Timestamp>,
    /// The renewal that was announced.
    pub renewal: Option<Timestamp>,
    /// The renewal before which the card expires that was announced.
    pub card: Option<Timestamp>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The number.
    pub id: SubscriptionId,
    /// The subscriber.
    pub account: AccountId,
    /// What was agreed.
    pub terms: Terms,
    /// When it started.
    pub begun: Timestamp,
    /// The time from which billing periods are counted.
    pub anchor: Timestamp,
    /// What was paid for the current period, if anything. It determines the credit when changing to
    /// another price.
    pub paid: Option<PaidTime>,
    /// How much had been refunded, in minor units, of what was collected when the plan was last changed: it was taken off what is
    /// paid then, and is not taken off again.
    pub refunds_deducted: u64,
    /// The state.
    pub state: State,
    /// The payment method.
    pub mandate: Mandate,
    /// The notifications that have been sent.
    pub notified: NotificationsSent,
    /// The number of changes so far. A change is written only if the version is still the same.
    pub version: i32,
}

/// A period that has been paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidTime {
    /// What was paid.
    pub amount: Money,
    /// The start of the period.
    pub from: Timestamp,
    /// The end of the period (exclusive).
    pub through: Timestamp,
}

impl Subscription {
    /// Starts a subscription at `now`. If the terms start with a payment, it has been paid.
    pub fn start(
        id: SubscriptionId,
        account: AccountId,
        terms: Terms,
        mandate: Mandate,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let FirstPeriod { amount, through } = terms.first(now, zone);
        let trial = terms.begins_with_trial();
        let state = if trial {
            State::Trial { ends: through, renews: terms.needs_card() }
        } else {
            State::Active { through }
        };
        // The introduction is not a billing period: those follow it, on the day on which it began.
        let anchor = terms
            .introduction
            .as_ref()
            .map_or(now, |introduction| terms.every.anchor_after(introduction.lasts, now, zone));
        let paid = (!trial).then_some(PaidTime { amount, from: now, through });
        let notified = NotificationsSent::default();
        Self {
            id,
            account,
            terms,
            begun: now,
            anchor,
            paid,
            refunds_deducted: 0,
            state,
            mandate,
            notified,
            version: 0,
        }
    }

    /// Starts a subscription at `now` before its first invoice is paid. The invoice is due after `grace`, or half of the first period
    /// if that is shorter, and the reader keeps access for as long again while they are reminded: a late payment still pays
    /// for time that is not over.
    pub fn start_unpaid(
        id: SubscriptionId,
        account: AccountId,
        terms: Terms,
        now: Timestamp,
        grace: SignedDuration,
        zone: &TimeZone,
    ) -> Self {
        let begun = Self::start(id, account, terms, Mandate::manual(), now, zone);
        let State::Active { through } = begun.state else { return begun };
        let time_to_pay = grace.min(through.duration_since(now) / 2);
        let due = now + time_to_pay;
        let state = State::Grace { since: due, ends: due + time_to_pay, tries: 0 };
        Self { paid: None, state, ..begun }
    }

    /// Returns the subscription as it begins again at `now` if its first invoice was not sent in time, because no server ran: the
    /// reader gets the whole time to pay, and the whole period. Returns `None` if the invoice was sent, or is still in time.
    pub fn with_late_first_invoice(
        &self,
        now: Timestamp,
        grace: SignedDuration,
        zone: &TimeZone,
    ) -> Option<Self> {
        let State::Grace { since, tries: 0, .. } = self.state else { return None };
        let time_to_pay = since.duration_since(self.begun);
        let is_late = now.duration_since(self.begun) > LATE_INVOICE.min(time_to_pay / 10);
        // Who has entered a card since is charged, and gets no invoice.
        let is_invoiced = self.mandate.is_manual() && self.notified.renewal != Some(since);
        if !is_invoiced || self.paid.is_some() || !is_late {
            return None;
        }
        let terms = self.terms.clone();
        let again = Self::start_unpaid(self.id, self.account, terms, now, grace, zone);
        Some(Self { state: again.state, begun: now, anchor: again.anchor, ..self.clone() })
    }

    /// Returns the subscription after `event`. Resuming moves the paid period, and what is paid after a prolonged trial is whole
    /// periods from its end. A free subscription
    /// ends when the publisher decided, so its reader cannot pause it or undo its cancellation.
    pub fn after(&self, event: Event, now: Timestamp) -> Result<Self, IllegalTransition> {
        if self.terms.amount.is_zero() && matches!(event, Event::Uncancelled | Event::Paused { .. })
        {
            return Err(IllegalTransition { state: self.state, event });
        }
        let mut next = Self { state: self.state.after(event, now)?, ..self.clone() };
        let through = match next.state {
            State::Active { through } => Some(through),
            State::Cancelling { ends, trial: false } => Some(ends),
            State::Trial { .. }
            | State::Grace { .. }
            | State::Paused { .. }
            | State::Cancelling { trial: true, .. }
            | State::Ended { .. } => None,
        };
        let was_paid = matches!(event, Event::Paid { .. });
        if let (Some(through), Some(paid), false) = (through, &mut next.paid, was_paid)
            && paid.through != through
        {
            paid.from += through.duration_since(paid.through);
            paid.through = through;
            next.anchor = through;
        }
        if let Event::Prolonged { ends } = event {
            next.anchor = ends;
        }
        Ok(next)
    }

    /// Returns the subscription after the payment of its next period.
    pub fn renewed(&self, now: Timestamp, zone: &TimeZone) -> Result<Self, IllegalTransition> {
        let passed = self.after(Event::TimePassed, now)?;
        passed.extended(passed.next_payment(zone), now)
    }

    /// Returns the subscription after `payment`. The unused part of the previous payment keeps its
    /// value.
    pub fn extended(&self, payment: PaidTime, now: Timestamp) -> Result<Self, IllegalTransition> {
        let next = self.after(Event::Paid { through: payment.through }, now)?;
        let paid = match (self.state, self.paid) {
            (State::Active { through }, Some(before)) if through > now => {
                let left = remaining_value(before, through, now);
                let amount = Money::of(left + payment.amount.minor(), payment.amount.currency());
                PaidTime { amount, from: now, through: payment.through }
            }
            _ => payment,
        };
        Ok(Self { paid: Some(paid), ..next })
    }

    /// The next payment and the period that it covers.
    pub fn next_payment(&self, zone: &TimeZone) -> PaidTime {
        if self.paid.is_none() && !self.terms.begins_with_trial() {
            let FirstPeriod { amount, through } = self.terms.first(self.begun, zone);
            return PaidTime { amount, from: self.begun, through };
        }
        let from = match self.state {
            State::Trial { ends, .. } | State::Cancelling { ends, .. } => ends,
            State::Active { through } => through,
            State::Paused { until, left } => until + left,
            State::Grace { since: at, .. } | State::Ended { at, .. } => {
                self.paid.map_or(at, |paid| paid.through)
            }
        };
        let through = self.terms.every.following_end(self.anchor, from, zone);
        PaidTime { amount: self.terms.amount, from, through }
    }

    /// Returns how long a reader may pay for the next period if `grace` is the usual time. It is over when the period is, so that a
    /// late payment pays for time that is still to come, and no second period is due meanwhile. If less than half of the
    /// period is left, because no server ran, the time is as long as the period.
    pub fn time_to_pay(
        &self,
        grace: SignedDuration,
        now: Timestamp,
        zone: &TimeZone,
    ) -> SignedDuration {
        let next = self.next_payment(zone);
        let whole = next.through.duration_since(next.from);
        let left = next.through.duration_since(now);
        grace.min(if left > whole / 2 { left } else { whole })
    }

    /// Returns `true` if the time at `now` is paid for.
    pub fn is_paid_at(&self, now: Timestamp) -> bool {
        match self.state {
            State::Active { through } => through > now,
            State::Cancelling { ends, trial } => !trial && ends > now,
            State::Paused { .. } => true,
            State::Trial { .. } | State::Grace { .. } | State::Ended { .. } => false,
        }
    }

    /// Returns `true` if the reader has gone on with `other`, so that this one must not go on as well. What begins
    /// at or after the end of this one follows it, even if the end is still to come by a clock that is behind.
    pub fn is_succeeded_by(&self, other: &Self, now: Timestamp) -> bool {
        let is_after = |end| other.begun >= end;
        other.id != self.id
            && !other.state.is_over(now)
            && (self.state.is_over(now) || self.state.ends().is_some_and(is_after))
    }

    /// Returns when the payment that the reader is told of ahead is due: the next renewal, or an invoice that is not due yet.
    pub fn payment_ahead(&self) -> Option<Timestamp> {
        match self.state {
            State::Grace { since, tries: 0, .. } => Some(since),
            State::Trial { .. }
            | State::Active { .. }
            | State::Paused { .. }
            | State::Grace { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => self.renews_at(),
        }
    }

    /// Returns when the next payment is due, or `None` if the subscription does not renew.
    pub fn renews_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Trial { ends, renews } => renews.then_some(ends),
            State::Active { through } => Some(through),
            State::Paused { until, left } => Some(until + left),
            State::Grace { .. } | State::Cancelling { .. } | State::Ended { .. } => None,
        }
    }
}
