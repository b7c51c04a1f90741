//! What is due for a subscription next, and when.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{State, Subscription};

/// A task that is due for a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueAction {
    /// Notify the reader that the trial ends soon.
    NotifyTrialEnding,
    /// Notify the reader of the coming renewal and its price, or send the invoice.
    NotifyRenewal,
    /// Notify the reader that the card expires before the next renewal.
    NotifyCardExpiry,
    /// Collect the next payment.
    Collect,
    /// Apply the state change that is due.
    TimePassed,
}

/// How long before the end of a trial the reader is notified.
pub const TRIAL_NOTICE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long before an infrequent renewal, or one at another price, the reader is notified.
pub const RENEWAL_NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Billing intervals of at least this many days are infrequent: each renewal is announced.
pub const INFREQUENT_DAYS: u32 = 180;
/// How often collecting a renewal is attempted before the grace period ends.
pub const MAX_ATTEMPTS: u8 = 3;

impl Subscription {
    /// Returns the next task and when it is due, or `None` if the subscription has ended.
    pub fn due(&self, zone: &TimeZone) -> Option<(Timestamp, DueAction)> {
        match self.state {
            State::Trial { ends, renews } => {
                let end = (ends, if renews { DueAction::Collect } else { DueAction::TimePassed });
                let told = self.notified.trial_ending == Some(ends);
                let tell = (!told).then_some((ends - TRIAL_NOTICE, DueAction::NotifyTrialEnding));
                Some(tell.unwrap_or(end))
            }
            State::Active { through } => {
                let tell = self.renewal_notice(through).or_else(|| self.card_notice(through, zone));
                Some(tell.unwrap_or((through, DueAction::Collect)))
            }
            State::Grace { since, tries: 0, .. } if self.notified.renewal != Some(since) => {
                Some((self.begun, DueAction::NotifyRenewal))
            }
            State::Grace { since, ends, tries } => {
                let wait = ends.duration_since(since) / i32::from(MAX_ATTEMPTS);
                let again = since + wait * i32::from(tries);
                Some(if tries < MAX_ATTEMPTS {
                    (again, DueAction::Collect)
                } else {
                    (ends, DueAction::TimePassed)
                })
            }
            State::Paused { until, .. } => Some((until, DueAction::TimePassed)),
            State::Cancelling { ends, .. } => Some((ends, DueAction::TimePassed)),
            State::Ended { .. } => None,
        }
    }

    /// Returns when to announce the renewal: if it is infrequent, if its price differs from the
    /// last payment, or if the reader pays by invoice. Free subscriptions are never announced.
    fn renewal_notice(&self, through: Timestamp) -> Option<(Timestamp, DueAction)> {
        let seldom = self.terms.every.days() >= INFREQUENT_DAYS;
        let other = self.paid.is_none_or(|paid| paid.amount != self.terms.amount);
        let asked = self.mandate.is_manual();
        let told = self.notified.renewal == Some(through) || self.terms.amount.is_zero();
        let notice = RENEWAL_NOTICE.min(self.half_of_paid_time(through));
        ((seldom || other || asked) && !told)
            .then_some((through - notice, DueAction::NotifyRenewal))
    }

    fn card_notice(&self, through: Timestamp, zone: &TimeZone) -> Option<(Timestamp, DueAction)> {
        let expired = self.mandate.card.as_ref()?.expired_on()?;
        let short = through.to_zoned_datetime(zone.clone()).date() >= expired;
        let told = self.notified.card == Some(through);
        let notice = RENEWAL_NOTICE.min(self.half_of_paid_time(through));
        (short && !told).then_some((through - notice, DueAction::NotifyCardExpiry))
    }

    /// Half of the paid time, so that the end of a week is not announced two weeks before.
    fn half_of_paid_time(&self, through: Timestamp) -> SignedDuration {
        let from = self.paid.map_or(self.begun, |paid| paid.from);
        through.duration_since(from) / 2
    }
}
