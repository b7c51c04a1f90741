//! A reader's subscription: what was agreed, how it stands, and what pays for it.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Event, FirstPeriod, IllegalTransition, Money, State, Terms, switching::worth,
};

/// The number of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub u32);

impl SubscriptionId {
    /// The number of a subscription that is not stored yet: the database counts from 1.
    pub const UNSTORED: Self = Self(0);
}

/// A card, as far as anybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Whose it is, such as "Visa".
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The year in which it expires.
    pub year: i16,
    /// The month at whose end it does, from 1.
    pub month: i8,
}

impl Card {
    /// The first day on which it is no longer good.
    pub fn expired_on(&self) -> Option<Date> {
        let month = Date::new(self.year, self.month, 1).ok()?;
        month.last_of_month().tomorrow().ok()
    }
}

/// The processor of what nobody collects: the reader is sent an invoice, and staff enter what was paid.
pub const MANUAL: &str = "manual";

/// What pays for a subscription, in the processor's books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Which processor: `sandbox`, `stripe` or [`MANUAL`].
    pub processor: String,
    /// By what the processor knows it; empty where nothing is collected.
    pub reference: String,
    /// The card, where there is one.
    pub card: Option<Card>,
}

impl Mandate {
    /// The reader pays by themselves, when an invoice comes.
    pub fn manual() -> Self {
        Self { processor: MANUAL.to_owned(), reference: String::new(), card: None }
    }

    /// Whether the reader pays by themselves.
    pub fn is_manual(&self) -> bool {
        self.processor == MANUAL
    }
}

/// What readers have been told already, each by the instant that it was about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationsSent {
    /// That the trial ends then.
    pub trial_ending: Option<Timestamp>,
    /// That it renews then.
    pub renewal: Option<Timestamp>,
    /// That the card does not last until the renewal then.
    pub card: Option<Timestamp>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its number.
    pub id: SubscriptionId,
    /// Whose it is.
    pub account: AccountId,
    /// What was agreed.
    pub terms: Terms,
    /// When it began.
    pub begun: Timestamp,
    /// The instant from which billing periods are counted.
    pub anchor: Timestamp,
    /// What was paid for the time that runs, for whoever changes to something else.
    pub paid: Option<PaidTime>,
    /// How it stands.
    pub state: State,
    /// What pays for it.
    pub mandate: Mandate,
    /// What the reader has been told.
    pub told: NotificationsSent,
    /// Counts its changes, so that of two at once only one is made.
    pub version: i32,
}

/// A time that was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidTime {
    /// What was paid.
    pub amount: Money,
    /// Since when.
    pub from: Timestamp,
    /// The first instant that is not paid for.
    pub through: Timestamp,
}

impl Subscription {
    /// What somebody agreed to at `now`, has paid for as far as it begins with a payment, and pays for
    /// with `mandate` from then on.
    pub fn begun(
        (id, account): (SubscriptionId, AccountId),
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
        // An introduction is no period: those are counted from its end.
        let anchor = if terms.introduction.is_some() { through } else { now };
        let paid = (!trial).then_some(PaidTime { amount, from: now, through });
        let told = NotificationsSent::default();
        Self { id, account, terms, begun: now, anchor, paid, state, mandate, told, version: 0 }
    }

    /// What somebody agreed to at `now` who reads at once, and has `grace` to pay the invoice for what it
    /// begins with.
    pub fn owed(
        numbers: (SubscriptionId, AccountId),
        terms: Terms,
        now: Timestamp,
        grace: SignedDuration,
        zone: &TimeZone,
    ) -> Self {
        let begun = Self::begun(numbers, terms, Mandate::manual(), now, zone);
        if matches!(begun.state, State::Trial { .. }) {
            return begun;
        }
        let state = State::Grace { since: now, ends: now + grace, tries: 0 };
        Self { paid: None, state, ..begun }
    }

    /// The subscription after `event`. A rest moves the time that was paid for; what is free ends when the
    /// publisher has said, and its reader cannot change that.
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
        Ok(next)
    }

    /// It goes on, with the next period paid for.
    pub fn renewed(&self, now: Timestamp, zone: &TimeZone) -> Result<Self, IllegalTransition> {
        let passed = self.after(Event::TimePassed, now)?;
        passed.extended(passed.next_payment(zone), now)
    }

    /// It goes on, with this paid for. What was paid before and is not used up stays worth what it is.
    pub fn extended(&self, payment: PaidTime, now: Timestamp) -> Result<Self, IllegalTransition> {
        let next = self.after(Event::Paid { through: payment.through }, now)?;
        let paid = match (self.state, self.paid) {
            (State::Active { through }, Some(before)) if through > now => {
                let left = worth(before, through, now);
                let amount = Money::of(left + payment.amount.minor(), payment.amount.currency());
                PaidTime { amount, from: now, through: payment.through }
            }
            _ => payment,
        };
        Ok(Self { paid: Some(paid), ..next })
    }

    /// The next payment, and the time that it is for.
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
        let through = self.terms.every.next_end(self.anchor, from, zone);
        PaidTime { amount: self.terms.amount, from, through }
    }

    /// Whether the time at `now` is paid for.
    pub fn is_paid_at(&self, now: Timestamp) -> bool {
        match self.state {
            State::Active { through } => through > now,
            State::Cancelling { ends, trial } => !trial && ends > now,
            State::Paused { .. } => true,
            State::Trial { .. } | State::Grace { .. } | State::Ended { .. } => false,
        }
    }

    /// When it is next paid for; never where it does not go on.
    pub fn renews_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Trial { ends, renews } => renews.then_some(ends),
            State::Active { through } => Some(through),
            State::Paused { until, left } => Some(until + left),
            State::Grace { .. } | State::Cancelling { .. } | State::Ended { .. } => None,
        }
    }
}
