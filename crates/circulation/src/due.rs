//! What is to be done about a subscription next, and when.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{State, Subscription};

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Tell the reader that the trial ends soon.
    TellTrialEnding,
    /// Tell the reader that it renews soon, at which price.
    TellRenewal,
    /// Tell the reader that the card will not last.
    TellCard,
    /// Collect what is due.
    Collect,
    /// See what time has made of it.
    TimePassed,
}

/// How long before a trial ends its reader is told.
pub const TRIAL_NOTICE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long before a renewal that comes seldom, or at another price, the reader is told.
pub const RENEWAL_NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Periods from this many days on are told of each time.
pub const SELDOM: u32 = 180;
/// How often a renewal is tried, from the first refusal to the end of grace.
pub const TRIES: u8 = 3;

impl Subscription {
    /// What is to be done next, and when; nothing for one that is over.
    pub fn due(&self, zone: &TimeZone) -> Option<(Timestamp, Task)> {
        match self.state {
            State::Trial { ends, renews } => {
                let end = (ends, if renews { Task::Collect } else { Task::TimePassed });
                let told = self.told.trial_ending == Some(ends);
                let tell = (!told).then_some((ends - TRIAL_NOTICE, Task::TellTrialEnding));
                Some(tell.unwrap_or(end))
            }
            State::Active { through } => {
                let tell = self.tell_renewal(through).or_else(|| self.tell_card(through, zone));
                Some(tell.unwrap_or((through, Task::Collect)))
            }
            State::Grace { since, ends, tries } => {
                let wait = ends.duration_since(since) / i32::from(TRIES);
                let again = since + wait * i32::from(tries);
                Some(if tries < TRIES { (again, Task::Collect) } else { (ends, Task::TimePassed) })
            }
            State::Paused { until, .. } => Some((until, Task::TimePassed)),
            State::Cancelling { ends, .. } => Some((ends, Task::TimePassed)),
            State::Ended { .. } => None,
        }
    }

    /// A renewal comes as a surprise when it comes seldom, or at another price than the last payment. Who
    /// pays by themselves is always asked to; who pays nothing, never.
    fn tell_renewal(&self, through: Timestamp) -> Option<(Timestamp, Task)> {
        let seldom = self.terms.every.days() >= SELDOM;
        let other = self.paid.is_none_or(|paid| paid.amount != self.terms.amount);
        let asked = self.mandate.is_manual();
        let told = self.told.renewal == Some(through) || self.terms.amount.is_zero();
        let notice = RENEWAL_NOTICE.min(self.half_of_paid(through));
        ((seldom || other || asked) && !told).then_some((through - notice, Task::TellRenewal))
    }

    fn tell_card(&self, through: Timestamp, zone: &TimeZone) -> Option<(Timestamp, Task)> {
        let expired = self.mandate.card.as_ref()?.expired_on()?;
        let short = through.to_zoned_datetime(zone.clone()).date() >= expired;
        let told = self.told.card == Some(through);
        let notice = RENEWAL_NOTICE.min(self.half_of_paid(through));
        (short && !told).then_some((through - notice, Task::TellCard))
    }

    /// Nobody is told of the end of a week two weeks before.
    fn half_of_paid(&self, through: Timestamp) -> SignedDuration {
        let from = self.paid.map_or(self.begun, |paid| paid.from);
        through.duration_since(from) / 2
    }
}
