//! The status of a reader: what the newsroom filters its list of readers by.

use jiff::Timestamp;
use strum::VariantArray as _;

use crate::{Ending, State, Subscription};

/// The status of a reader, from their subscriptions.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum ReaderStatus {
    /// An account that never had a subscription.
    #[default]
    Registered,
    /// In a trial.
    Trial,
    /// Paid for, also if it is cancelled and not over yet.
    Subscriber,
    /// It costs the reader nothing.
    Complimentary,
    /// Paused by the reader.
    Paused,
    /// A charge was refused, and there is time left to pay.
    PastDue,
    /// An invoice is not paid yet.
    InvoiceOpen,
    /// The last subscription has ended.
    Lapsed,
}

impl ReaderStatus {
    /// Returns every status.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The name as stored in the database and used in addresses.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The status of a reader with this subscription alone.
    pub fn of(subscription: &Subscription) -> Self {
        let is_free = subscription.terms.amount.is_zero();
        match subscription.state {
            State::Ended { .. } => Self::Lapsed,
            _ if is_free => Self::Complimentary,
            State::Trial { .. } | State::Cancelling { trial: true, .. } => Self::Trial,
            State::Active { .. } | State::Cancelling { trial: false, .. } => Self::Subscriber,
            State::Paused { .. } => Self::Paused,
            State::Grace { .. } if subscription.mandate.is_manual() => Self::InvoiceOpen,
            State::Grace { .. } => Self::PastDue,
        }
    }
}

impl Subscription {
    /// A complimentary subscription that the publisher ends at `now`. Returns `None` if it is not one, or is over.
    pub fn ended_by_publisher(&self, now: Timestamp) -> Option<Self> {
        let state = State::Ended { at: now, why: Ending::Cancelled };
        self.is_given(now).then(|| Self { state, ..self.clone() })
    }

    /// A complimentary subscription that lasts up to `ends`. Returns `None` if it is not one, is over, or does not last
    /// longer by it.
    pub fn given_until(&self, ends: Timestamp, now: Timestamp) -> Option<Self> {
        // One without an end cannot last longer.
        let lasts_longer =
            matches!(self.state, State::Cancelling { ends: before, .. } if ends > before);
        let state = State::Cancelling { ends, trial: false };
        (self.is_given(now) && lasts_longer).then(|| Self { state, ..self.clone() })
    }

    /// Whether it costs the reader nothing, and is not over.
    pub fn is_given(&self, now: Timestamp) -> bool {
        self.terms.amount.is_zero() && !self.state.is_over(now)
    }

    /// Whether something was ever paid for it, as far as its present state tells.
    pub fn has_paid(&self) -> bool {
        if self.terms.amount.is_zero() {
            return false;
        }
        match self.state {
            State::Trial { .. }
            | State::Cancelling { trial: true, .. }
            | State::Ended { why: Ending::TrialOver, .. } => false,
            State::Active { .. }
            | State::Paused { .. }
            | State::Cancelling { trial: false, .. } => true,
            State::Grace { .. } | State::Ended { .. } => self.paid.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_stable() {
        let names: Vec<&str> = ReaderStatus::all().map(ReaderStatus::name).collect();
        assert_eq!(
            names,
            [
                "registered",
                "trial",
                "subscriber",
                "complimentary",
                "paused",
                "past-due",
                "invoice-open",
                "lapsed"
            ]
        );
        for status in ReaderStatus::all() {
            assert_eq!(status.name().parse(), Ok(status));
        }
    }
}
