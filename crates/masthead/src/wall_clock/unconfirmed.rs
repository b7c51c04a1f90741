//! Whether the clock of a server that starts may be wrong: the battery of the machine's clock is empty, or a virtual machine was restored.
//!
//! The time is compared with the latest at which the publication was served. If much more has passed, or it lies in the future, a clock
//! outside is asked, and without one somebody has to confirm the time.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::TOLERANCE;

/// How long a publication may have been down without anybody being asked.
const DOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The time that the clock shows is not the one that was expected, and nobody has confirmed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnconfirmedTime {
    now: Timestamp,
    latest: Timestamp,
}

/// What others say of the machine's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeAnswer {
    /// The time of another machine, such as a payment processor's; `None` if none has answered.
    pub outside: Option<Timestamp>,
    /// Whether the system has set the clock by a time server since it was started.
    pub is_synchronized: bool,
}

impl TimeAnswer {
    /// Whether it says that it is `now`.
    fn confirms(self, now: Timestamp) -> bool {
        match self.outside {
            Some(outside) => now.duration_since(outside).abs() <= TOLERANCE,
            None => self.is_synchronized,
        }
    }
}

impl UnconfirmedTime {
    /// Compares the time with the latest at which the publication was served. Returns `None` if it is as expected.
    pub fn compare(now: Timestamp, latest: Timestamp) -> Option<Self> {
        let passed = now.duration_since(latest);
        (passed < -TOLERANCE || passed > DOWN).then_some(Self { now, latest })
    }

    /// Returns itself, unless `answer` says that the time is right.
    pub fn unless_confirmed(self, answer: TimeAnswer) -> Option<Self> {
        (!answer.confirms(self.now)).then_some(self)
    }

    /// The time from which a publication counts on in the meantime: if the clock may be ahead, the latest at which it was served, so that
    /// nothing is due that was not. `None` if the clock is behind: then nothing is due too early.
    pub fn counted_from(self) -> Option<Timestamp> {
        (self.now > self.latest).then_some(self.latest)
    }
}

impl fmt::Display for UnconfirmedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { now, latest } = self;
        let hours = now.duration_since(*latest).as_hours().abs();
        let (far, unit) = if hours < 48 { (hours, "hours") } else { (hours / 24, "days") };
        let (order, waits) = if now > latest {
            ("after", "renewals, retention, scheduled articles and the cleaning of the outbox wait")
        } else {
            ("before", "renewals, retention and the cleaning of the outbox wait")
        };
        write!(
            f,
            "this machine's clock shows {now:.0}, {far} {unit} {order} this publication was last served; {waits} until that is clear; \
             if it is wrong, correct it (see timedatectl); if it is right, run: masthead clock confirm"
        )
    }
}

impl std::error::Error for UnconfirmedTime {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hours)
    }

    #[test]
    fn a_time_that_is_far_from_the_last_is_not_trusted() {
        for (now, is_expected) in
            [(0, true), (7 * 24, true), (-1, true), (7 * 24 + 1, false), (-2, false)]
        {
            let compared = UnconfirmedTime::compare(at(now), at(0));
            assert_eq!(compared.is_none(), is_expected, "{now}");
        }
        let ahead = UnconfirmedTime::compare(at(24 * 400), at(0)).expect("ahead");
        assert!(ahead.to_string().contains("400 days after"), "{ahead}");
        assert!(ahead.to_string().contains("masthead clock confirm"), "{ahead}");
        assert_eq!(ahead.counted_from(), Some(at(0)));
        let behind = UnconfirmedTime::compare(at(-30), at(0)).expect("behind");
        assert!(behind.to_string().contains("30 hours before"), "{behind}");
        assert_eq!(behind.counted_from(), None);
    }

    #[test]
    fn a_clock_outside_decides_and_otherwise_the_system() {
        let now = at(24 * 9);
        let unclear = UnconfirmedTime::compare(now, at(0)).expect("unclear");
        for (outside, is_synchronized, is_right) in [
            (None, false, false),
            (None, true, true),
            (Some(now + SignedDuration::from_mins(30)), false, true),
            // A time server may be wrong.
            (Some(at(1)), true, false),
            (Some(at(24 * 20)), true, false),
        ] {
            let answer = TimeAnswer { outside, is_synchronized };
            assert_eq!(unclear.unless_confirmed(answer).is_none(), is_right, "{answer:?}");
        }
    }
}
