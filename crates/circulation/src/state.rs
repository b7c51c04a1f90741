//! The life of a subscription: its states, and what leads from one to another.
//!
//! | state | what it is | leads to |
//! | --- | --- | --- |
//! | trial | nothing paid yet | active, grace, cancelling, ended |
//! | active | paid, and goes on | grace, paused, cancelling |
//! | grace | the renewal failed; there is time to mend it | active, ended |
//! | paused | rests; the days that were paid for are kept | active, cancelling |
//! | cancelling | paid, and does not go on | active or trial again, ended |
//! | ended | over | active, where a payment that was waited for comes late |
//!
//! A trial, cancelled or not, can be *prolonged* by the publisher, and stays what it is.
//! From every state but the last it can be *replaced*, by another subscription of the same reader.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Inside a trial.
    Trial {
        /// When it runs out.
        ends: Timestamp,
        /// Whether there is a card, with which it then goes on.
        renews: bool,
    },
    /// Paid, and goes on.
    Active {
        /// The first instant that is not paid for.
        through: Timestamp,
    },
    /// The renewal failed.
    Grace {
        /// When it failed first.
        since: Timestamp,
        /// Until when there is full access all the same.
        ends: Timestamp,
        /// How often it has been tried.
        tries: u8,
    },
    /// Rests, by the reader's wish.
    Paused {
        /// When it goes on by itself.
        until: Timestamp,
        /// What is left of the time that was paid for.
        left: SignedDuration,
    },
    /// Goes on to the end of what was paid for, and no longer.
    Cancelling {
        /// When it ends.
        ends: Timestamp,
        /// Whether it is a trial.
        trial: bool,
    },
    /// Over.
    Ended {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: Ending,
    },
}

/// Why a subscription is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The trial ran out.
    TrialOver,
    /// The reader did not want to go on.
    Cancelled,
    /// It was not paid for in time.
    Unpaid,
    /// Another subscription took its place.
    Replaced,
}

/// Something that happens to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A payment has arrived, for the time up to this instant.
    Paid {
        /// The first instant that it does not cover.
        through: Timestamp,
    },
    /// A renewal was refused.
    PaymentFailed {
        /// How long there is full access after the first refusal.
        grace: SignedDuration,
    },
    /// The reader does not want to go on.
    Cancelled,
    /// They do after all.
    Uncancelled,
    /// The reader wants it to rest.
    Paused {
        /// Until then.
        until: Timestamp,
    },
    /// The reader wants it to go on.
    Resumed,
    /// The publisher lets the trial last longer.
    Prolonged {
        /// When it runs out then.
        ends: Timestamp,
    },
    /// Nothing but time.
    TimePassed,
    /// Another subscription takes its place.
    Replaced,
}

/// What does not happen to a subscription in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a subscription that is {state} cannot be {event}")]
pub struct IllegalTransition {
    pub(crate) state: State,
    pub(crate) event: Event,
}

impl State {
    /// From when on there is nothing more, of what has been cancelled; `now` of what goes on, or has ended.
    pub fn cancelled_for(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Cancelling { ends, .. } => ends,
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Paused { .. }
            | Self::Ended { .. } => now,
        }
    }

    /// The state after `event` at `now`. What time alone has brought since is brought first.
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

    /// What time alone has made of it.
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
            // The bank was slower than our patience. What is paid for is delivered.
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
            // Nothing is paid for any more that could be kept.
            Self::Active { .. } | Self::Grace { .. } => {
                Some(Self::Ended { at: now, why: Ending::Cancelled })
            }
            Self::Paused { left, .. } => Some(Self::Cancelling { ends: now + left, trial: false }),
            Self::Trial { renews: false, .. } | Self::Cancelling { .. } | Self::Ended { .. } => {
                None
            }
        }
    }

    /// Whether it is over at `now`.
    pub fn is_over(self, now: Timestamp) -> bool {
        matches!(self.passed(now), Self::Ended { .. })
    }

    /// The word for it.
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
    /// The word for it.
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
