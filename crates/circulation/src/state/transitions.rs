//! The transitions between states.

use jiff::{SignedDuration, Timestamp};

use super::{Ending, Event, IllegalTransition, State};

impl State {
    /// Returns the state after `event` at `now`. State changes that were due before `now` are
    /// applied first.
    pub fn after(self, event: Event, now: Timestamp) -> Result<Self, IllegalTransition> {
        let state = self.passed(now);
        let illegal = IllegalTransition { state, event };
        match event {
            Event::TimePassed => Ok(state),
            Event::Paid { through } => state.paid(through, now).ok_or(illegal),
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
            Event::Replaced => state.ended(Ending::Replaced, now).ok_or(illegal),
            Event::EndedByStaff => state.ended(Ending::Cancelled, now).ok_or(illegal),
            Event::Withdrawn => state.ended(Ending::Withdrawn, now).ok_or(illegal),
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

    fn paid(self, through: Timestamp, now: Timestamp) -> Option<Self> {
        match self {
            Self::Active { through: before } => Some(Self::Active { through: through.max(before) }),
            Self::Trial { .. } | Self::Grace { .. } | Self::Paused { .. } => {
                Some(Self::Active { through })
            }
            Self::Cancelling { ends, .. } => {
                Some(Self::Cancelling { ends: through.max(ends), trial: false })
            }
            // The payment came after the grace period. What is left of the time that it pays for is delivered; if none is, it
            // pays for nothing.
            Self::Ended { at, why: Ending::Unpaid } => {
                (through > at && through > now).then_some(Self::Active { through })
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

    /// It ends now, unless it has ended before.
    fn ended(self, why: Ending, now: Timestamp) -> Option<Self> {
        match self {
            Self::Ended { .. } => None,
            Self::Trial { .. }
            | Self::Active { .. }
            | Self::Grace { .. }
            | Self::Paused { .. }
            | Self::Cancelling { .. } => Some(Self::Ended { at: now, why }),
        }
    }

    /// Returns `true` if the subscription has ended at `now`.
    pub fn is_over(self, now: Timestamp) -> bool {
        matches!(self.passed(now), Self::Ended { .. })
    }

    /// Returns when it is over unless something else happens, or when it ended; `None` if it goes on.
    pub fn ends(self) -> Option<Timestamp> {
        match self {
            Self::Grace { ends, .. }
            | Self::Cancelling { ends, .. }
            | Self::Trial { ends, renews: false }
            | Self::Ended { at: ends, .. } => Some(ends),
            Self::Trial { renews: true, .. } | Self::Active { .. } | Self::Paused { .. } => None,
        }
    }
}
