//! What cancelling a subscription means for its reader.

use jiff::Timestamp;

use crate::{Event, State, Subscription};

/// What happens if a subscription is cancelled now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancellationEffect {
    /// It ends when what is paid for ends.
    Ends(Timestamp),
    /// The trial ends at its end, and nothing is ever paid.
    TrialEnds(Timestamp),
    /// The pause ends now, and the subscription when the days that were kept are over.
    PauseEnds(Timestamp),
    /// What the publisher gives ends then, and its reader cannot take that back.
    GiftEnds(Timestamp),
    /// It ends now, because its last payment has failed.
    EndsUnpaid,
    /// It ends now, and its invoice need not be paid.
    EndsInvoiced,
}

impl Subscription {
    /// Returns what happens if it is cancelled at `now`, or `None` if it cannot be.
    pub fn cancellation_effect(&self, now: Timestamp) -> Option<CancellationEffect> {
        let state = self.state.after(Event::TimePassed, now).unwrap_or(self.state);
        let after = self.after(Event::Cancelled, now).ok()?;
        Some(match (state, after.state) {
            (_, State::Cancelling { ends, .. }) if self.terms.amount.is_zero() => {
                CancellationEffect::GiftEnds(ends)
            }
            (State::Paused { .. }, State::Cancelling { ends, .. }) => {
                CancellationEffect::PauseEnds(ends)
            }
            (_, State::Cancelling { ends, trial: true }) => CancellationEffect::TrialEnds(ends),
            (_, State::Cancelling { ends, trial: false }) => CancellationEffect::Ends(ends),
            _ if self.mandate.is_manual() => CancellationEffect::EndsInvoiced,
            _ => CancellationEffect::EndsUnpaid,
        })
    }

    /// Returns `true` if it is delivered on paper, and opens nothing online.
    pub fn is_print_only(&self) -> bool {
        self.terms.is_print_only()
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, tz::TimeZone};

    use super::*;
    use crate::{AccountId, Channel, Introduction, Mandate, Money, SubscriptionId, Terms};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn usd(minor: u64) -> Money {
        Money::of(minor, "USD".parse().expect("a currency"))
    }

    fn terms(trial: bool) -> Terms {
        let lasts = "14 days".parse().expect("a length");
        Terms {
            product: "web".into(),
            name: "Web".into(),
            channels: vec![Channel::Web],
            price: "web".into(),
            offer: None,
            introduction: trial.then(|| Introduction { amount: usd(0), lasts, card: true }),
            amount: usd(900),
            every: "1 month".parse().expect("a length"),
        }
    }

    fn begun(terms: Terms, mandate: Mandate) -> Subscription {
        let now = at("2026-03-01T10:00:00Z");
        let (id, reader) = (SubscriptionId(1), AccountId(1));
        Subscription::start(id, reader, terms, mandate, now, &TimeZone::UTC)
    }

    fn card() -> Mandate {
        Mandate { processor: "sandbox".into(), reference: "card".into(), card: None }
    }

    #[test]
    fn each_state_has_its_own_effect() {
        let day = SignedDuration::from_hours(24);
        let (now, end) = (at("2026-03-11T10:00:00Z"), at("2026-04-01T10:00:00Z"));
        let active = begun(terms(false), card());
        let effect = |subscription: &Subscription, now| subscription.cancellation_effect(now);
        assert_eq!(effect(&active, now), Some(CancellationEffect::Ends(end)));
        let paused = active.after(Event::Paused { until: now + day * 30 }, now).expect("legal");
        let later = now + day * 5;
        let kept = later + day * 21;
        assert_eq!(effect(&paused, later), Some(CancellationEffect::PauseEnds(kept)));
        // The pause is over by itself.
        let resumed = now + day * 30;
        let through = resumed + day * 21;
        assert_eq!(effect(&paused, resumed), Some(CancellationEffect::Ends(through)));
        let failed = active.after(Event::PaymentFailed { grace: day * 14 }, end).expect("legal");
        assert_eq!(effect(&failed, end), Some(CancellationEffect::EndsUnpaid));
        let trial = begun(terms(true), card());
        let over = at("2026-03-15T10:00:00Z");
        assert_eq!(effect(&trial, now), Some(CancellationEffect::TrialEnds(over)));
        let free = Terms { amount: usd(0), ..terms(false) };
        let given = begun(free, Mandate::manual());
        assert_eq!(effect(&given, now), Some(CancellationEffect::GiftEnds(end)));
        let cancelled = active.after(Event::Cancelled, now).expect("legal");
        assert_eq!(effect(&cancelled, now), None);
    }

    #[test]
    fn an_invoice_that_is_not_paid_need_not_be_paid() {
        let now = at("2026-03-01T10:00:00Z");
        let grace = SignedDuration::from_hours(14 * 24);
        let (id, reader) = (SubscriptionId(1), AccountId(1));
        let owed = Subscription::start_unpaid(id, reader, terms(false), now, grace, &TimeZone::UTC);
        for now in [now, now + grace] {
            assert_eq!(owed.cancellation_effect(now), Some(CancellationEffect::EndsInvoiced));
        }
    }
}
