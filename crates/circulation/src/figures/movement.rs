//! Movements: what happened to the subscriptions of a product in a period.

use std::ops::{AddAssign, Range};

use jiff::Timestamp;

use super::lifecycle::{LifecycleEvent, LifecycleStep};

/// What happened in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// First payments of readers who never paid before.
    pub new: u64,
    /// First payments of readers whose earlier subscription had ended.
    pub reactivated: u64,
    /// Paid subscriptions that ended.
    pub lapsed: u64,
    /// Trials that started.
    pub trials: u64,
    /// Trials that led to a payment.
    pub converted: u64,
    /// Trials that ended without a payment.
    pub lost: u64,
    /// Active subscriptions at the beginning of the period.
    pub active_before: u64,
    /// Active subscriptions at the end of the period.
    pub active: u64,
}

impl Movement {
    /// Lapsed subscriptions in percent of those active at the beginning, or `None` if there were
    /// none. May exceed 100, because subscriptions that started in the period can lapse in it.
    pub fn churn(&self) -> Option<f64> {
        percent(self.lapsed, self.active_before)
    }

    /// Converted trials in percent of those that ended, or `None` if none ended.
    pub fn conversion(&self) -> Option<f64> {
        percent(self.converted, self.converted + self.lost)
    }

    /// Counts an event in this `period`. `again` says whether the reader had a paid subscription
    /// that ended before.
    pub(super) fn count(&mut self, step: LifecycleStep, again: bool, period: &Range<Timestamp>) {
        if step.at >= period.end {
            return;
        }
        let within = u64::from(step.at >= period.start);
        match step.event {
            LifecycleEvent::TrialBegins => self.trials += within,
            LifecycleEvent::TrialConverts => self.converted += within,
            LifecycleEvent::TrialLost => self.lost += within,
            LifecycleEvent::Begins => {
                self.active += 1;
                self.active_before += 1 - within;
                *(if again { &mut self.reactivated } else { &mut self.new }) += within;
            }
            LifecycleEvent::Ends => {
                self.active = self.active.saturating_sub(1);
                self.active_before = self.active_before.saturating_sub(1 - within);
                self.lapsed += within;
            }
        }
    }
}

impl AddAssign for Movement {
    fn add_assign(&mut self, more: Self) {
        self.new += more.new;
        self.reactivated += more.reactivated;
        self.lapsed += more.lapsed;
        self.trials += more.trials;
        self.converted += more.converted;
        self.lost += more.lost;
        self.active_before += more.active_before;
        self.active += more.active;
    }
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)] // far below what a double holds exactly
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}
