//! The states of a subscription and the transitions between them.
//!
//! | state | meaning | next states |
//! | --- | --- | --- |
//! | trial | not paid yet | active, grace, cancelling, ended |
//! | active | paid, renews | grace, paused, cancelling |
//! | grace | the renewal failed; there is time to pay | active, ended |
//! | paused | paused; the remaining paid days are kept | active, cancelling |
//! | cancelling | paid, does not renew | active or trial again, ended |
//! | ended | ended | active, if a late payment arrives |
//!
//! The publisher can *prolong* a trial, cancelled or not, without changing its state. In every
//! state but the last, a subscription can be *replaced* by another of the same reader.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The state of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
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
    /// The renewal failed.
    Grace {
        /// When it first failed.
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
}

/// An event in the life of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// Returns the state after `event` at `now`. State changes that were due before `now` are
    /// applied first.
    pub fn after(self, event: Event, now: Timestamp) -> Result<Self, IllegalTransition> {
        let state = self.passed(now);
        let illegal = IllegalTransition { state, event };
        match event {
            Event::TimePassed => Ok(state),
            Event::Paid { through } => state.paid(through).ok_or(illegal),
            Event::PaymentFailed { grace } => state.failed(now, grace).ok_or(illegal),
            Event::Cancelled => state.cancelled(now).ok_or(illegal),
            Event::Uncancelled => match state {
                Self::Cancelling { ends, trial: true } => Ok(Self::Trial { ends, renews: true }),
                Self::Cancelling { ends, trial: false } => Ok(Self::Active { through: ends }),
                _ => Err(illegal),
            },
            Event::Paused { until } => match state {
                Self::Active { through } if now < through && now < until => {
                    Ok(Self::Paused { until, left: through.duration_since(now) })
                }
                _ => Err(illegal),
            },
            Event::Resumed => match state {
                Self::Paused { left, .. } => Ok(Self::Active { through: now + left }),
                _ => Err(illegal),
            },
            Event::Prolonged { ends } => match state {
                Self::Trial { ends: before, renews } if ends > before => {
                    Ok(Self::Trial { ends, renews })
                }
                Self::Cancelling { ends: before, trial: true } if ends > before => {
                    Ok(Self::Cancelling { ends, trial: true })
                }
                _ => Err(illegal),
            },
            Event::Replaced => match state {
                Self::Ended { .. } => Err(illegal),
                _ => Ok(Self::Ended { at: now, why: Ending::Replaced }),
            },
        }
    }

    /// Applies the state changes that were due before `now`.
    fn passed(self, now: Timestamp) -> Self {
        match self {
            Self::Trial { ends, renews: false } if now >= ends => {
                Self::Ended { at: ends, why: Ending::TrialOver }
            }
            Self::Grace { ends, .. } if now >= ends => {
                Self::Ended { at: ends, why: Ending::Unpaid }
            }
            Self::Paused { until, left } if now >= until => Self::Active { through: until + left },
            Self::Cancelling { ends, trial } if now >= ends => {
                let why = if trial { Ending::TrialOver } else { Ending::Cancelled };
                Self::Ended { at: ends, why }
            }
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Paused { .. }
            | Self::Cancelling { .. }
            | Self::Ended { .. } => self,
        }
    }

    fn paid(self, through: Timestamp) -> Option<Self> {
        match self {
            Self::Active { through: before } => Some(Self::Active { through: through.max(before) }),
            Self::Trial { .. } | Self::Grace { .. } | Self::Paused { .. } => {
                Some(Self::Active { through })
            }
            Self::Cancelling { ends, .. } => {
                Some(Self::Cancelling { ends: through.max(ends), trial: false })
            }
            // The payment came after the grace period. What is paid for is delivered.
            Self::Ended { at, why: Ending::Unpaid } => {
                (through > at).then_some(Self::Active { through })
            }
            Self::Ended { .. } => None,
        }
    }

    fn failed(self, now: Timestamp, grace: SignedDuration) -> Option<Self> {
        match self {
            Self::Trial { renews: true, .. } | Self::Active { .. } => {
                Some(Self::Grace { since: now, ends: now + grace, tries: 1 })
            }
            Self::Grace { since, ends, tries } => {
                Some(Self::Grace { since, ends, tries: tries.saturating_add(1) })
            }
            Self::Trial { renews: false, .. }
            | Self::Paused { .. }
            | Self::Cancelling { .. }
            | Self::Ended { .. } => None,
        }
    }

    fn cancelled(self, now: Timestamp) -> Option<Self> {
        match self {
            Self::Trial { ends, renews: true } => Some(Self::Cancelling { ends, trial: true }),
            Self::Active { through } if through > now => {
                Some(Self::Cancelling { ends: through, trial: false })
            }
            // There is no paid time left that could be kept.
            Self::Active { .. } | Self::Grace { .. } => {
                Some(Self::Ended { at: now, why: Ending::Cancelled })
            }
            Self::Paused { left, .. } => Some(Self::Cancelling { ends: now + left, trial: false }),
            Self::Trial { renews: false, .. } | Self::Cancelling { .. } | Self::Ended { .. } => {
                None
            }
        }
    }

    /// Returns `true` if the subscription has ended at `now`.
    pub fn is_over(self, now: Timestamp) -> bool {
        matches!(self.passed(now), Self::Ended { .. })
    }

    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trial { .. } => "trial",
            Self::Active { .. } => "active",
            Self::Grace { .. } => "grace",
            Self::Paused { .. } => "paused",
            Self::Cancelling { .. } => "cancelling",
            Self::Ended { .. } => "ended",
        }
    }
}

impl Event {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paid { .. } => "paid",
            Self::PaymentFailed { .. } => "payment-failed",
            Self::Cancelled => "cancelled",
            Self::Uncancelled => "uncancelled",
            Self::Paused { .. } => "paused",
            Self::Resumed => "resumed",
            Self::Prolonged { .. } => "prolonged",
            Self::TimePassed => "time-passed",
            Self::Replaced => "replaced",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
