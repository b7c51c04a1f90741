//! Periods that nobody collected in time: no server ran, or the clock was wrong.
//!
//! A reader does not owe money for a period that is over before it could be collected. They go on as if their paid time
//! ended now, and the next payment is for one period from now. No two renewals are collected close to each other either:
//! a clock that runs ahead would otherwise collect all the years that it skips.

use jiff::{Timestamp, tz::TimeZone};

use crate::{PaidTime, State, Subscription};

impl Subscription {
    /// Returns the subscription as it goes on at `now` if its next period is over before it was collected, or `None` if it is not,
    /// or if the reader was asked to pay for it. What was paid, or tried for free, moves as it does in a pause; the billing
    /// day is the day of `now`.
    pub fn without_missed_periods(&self, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        if self.next_payment(zone).through > now {
            return None;
        }
        // Periods are named by their second.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let state = match self.state {
            State::Trial { renews: true, .. } => State::Trial { ends: now, renews: true },
            State::Active { through } if self.has_invoice_from(through) => return None,
            State::Active { .. } => State::Active { through: now },
            State::Trial { renews: false, .. }
            | State::Grace { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => return None,
        };
        let moved = |paid: PaidTime| {
            let from = paid.from + now.duration_since(paid.through);
            PaidTime { from, through: now, ..paid }
        };
        Some(Self { state, anchor: now, paid: self.paid.map(moved), ..self.clone() })
    }

    /// Whether the reader has an invoice for the period from `through`.
    fn has_invoice_from(&self, through: Timestamp) -> bool {
        self.mandate.is_manual() && self.notified.renewal == Some(through)
    }

    /// Returns when the next period may be collected if a renewal was collected at `last`: not before half of a period has passed.
    /// A time that is still to come does not count: a clock that was ahead and was corrected does not stop renewals.
    pub fn collectable_from(
        &self,
        last: Option<Timestamp>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Timestamp {
        let next = self.next_payment(zone);
        let half = next.through.duration_since(next.from) / 2;
        let last = last.filter(|last| *last <= now);
        last.and_then(|last| last.checked_add(half).ok()).map_or(now, |after| after.max(now))
    }
}
