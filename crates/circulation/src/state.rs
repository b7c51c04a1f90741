//! The states of a subscription and the transitions between them.
//!
//! | state | meaning | next states |
//! | --- | --- | --- |
//! | trial | not paid yet | active, grace, cancelling, ended |
//! | active | paid, renews | grace, paused, cancelling |
//! | grace | the renewal failed, or there is an invoice to pay; there is time to pay | active, ended |
//! | paused | paused; the remaining paid days are kept | active, cancelling |
//! | cancelling | paid, does not renew | active or trial again, ended |
//! | ended | ended | active, if a late payment arrives |
//!
//! The publisher can *prolong* a trial, cancelled or not, without changing its state. In every
//! state but the last, a subscription can be *replaced* by another of the same reader, and its reader can *withdraw* from the
//! contract.

mod transitions;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The state of a subscription.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum_macros::Display,
    strum_macros::IntoStaticStr,
)]
#[serde(tag = "state", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// In a trial.
    Trial {
        /// When the trial ends.
        ends: Timestamp,
        /// Whether it then renews, because there is a card.
        renews: bool,
    },
    /// Paid, and renews.
    Active {
        /// The end of the paid period (exclusive).
        through: Timestamp,
    },
    /// The renewal failed, or there is an invoice to pay.
    Grace {
        /// When it first failed, or when the invoice is due, which may be to come.
        since: Timestamp,
        /// The end of the grace period, until which there is full access.
        ends: Timestamp,
        /// How often collecting has been attempted.
        tries: u8,
    },
    /// Paused by the reader.
    Paused {
        /// When it resumes.
        until: Timestamp,
        /// What is left of the paid period.
        left: SignedDuration,
    },
    /// Continues until the end of the paid period, and does not renew.
    Cancelling {
        /// When it ends.
        ends: Timestamp,
        /// Whether it is a trial.
        trial: bool,
    },
    /// Ended.
    Ended {
        /// When it ended.
        at: Timestamp,
        /// The reason.
        why: Ending,
    },
}

/// The reason why a subscription ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The trial expired.
    TrialOver,
    /// The reader cancelled.
    Cancelled,
    /// It was not paid in time.
    Unpaid,
    /// Another subscription replaced it.
    Replaced,
    /// The reader withdrew from the contract.
    Withdrawn,
}

/// An event in the life of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum_macros::Display, strum_macros::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Event {
    /// A payment arrived.
    Paid {
        /// The end of the period that it covers (exclusive).
        through: Timestamp,
    },
    /// A payment was declined.
    PaymentFailed {
        /// The length of the grace period, counted from the first failure.
        grace: SignedDuration,
    },
    /// The reader cancelled.
    Cancelled,
    /// The reader undid the cancellation.
    Uncancelled,
    /// The reader paused.
    Paused {
        /// When it resumes.
        until: Timestamp,
    },
    /// The reader resumed.
    Resumed,
    /// The publisher prolonged the trial.
    Prolonged {
        /// The new end of the trial.
        ends: Timestamp,
    },
    /// Time passed.
    TimePassed,
    /// Another subscription replaces this one.
    Replaced,
    /// The reader withdrew from the contract.
    Withdrawn,
    /// Staff ended it at once, because a payment is disputed.
    EndedByStaff,
}

/// The error for an event that is not possible in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a subscription that is {state} cannot be {event}")]
pub struct IllegalTransition {
    pub(crate) state: State,
    pub(crate) event: Event,
}

impl State {
    /// Returns the end of a cancelled subscription, or `now` in any other state.
    pub fn cancellation_date(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Cancelling { ends, .. } => ends,
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Paused { .. }
            | Self::Ended { .. } => now,
        }
    }

    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Event {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
