//! How many lines readers and strangers may cause: a flood must neither fill the disk nor hide what others do.
//!
//! Anybody can fail, so failures are limited by network and in all. To succeed takes an account, so successes are limited by
//! account alone, and never by what fails. What staff do is not limited.

use std::collections::HashMap;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::{SecurityEntry, SecurityEvent, SecurityOutcome};

/// Lines of one event and outcome in a minute that one network or account may cause.
const OF_SOURCE: u32 = 60;
/// Failures of one event in a minute.
const FAILURES: u32 = 1200;

#[derive(Debug, Default)]
pub(super) struct FloodLimit {
    minutes: Mutex<HashMap<(SecurityEvent, SecurityOutcome), Minute>>,
}

/// Who causes a line.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Source {
    Network(Option<String>),
    Account(Option<u32>),
}

/// What has happened in the latest minute.
#[derive(Debug, Default)]
struct Minute {
    number: i64,
    lines: u32,
    /// It has at most as many entries as there are lines.
    sources: HashMap<Source, u32>,
    /// Entries that were left out and are not mentioned yet.
    left_out: u64,
}

impl FloodLimit {
    /// Counts an entry. Returns how many of its kind were left out since the last line, or `None` if it is to be left out too.
    pub(super) fn admit(&self, entry: &SecurityEntry<'_>, now: Timestamp) -> Option<u64> {
        if entry.is_of_staff {
            return Some(0);
        }
        let (source, limit) = match entry.outcome {
            SecurityOutcome::Success => (Source::Account(entry.account), None),
            SecurityOutcome::Failure => {
                (Source::Network(entry.network.map(str::to_owned)), Some(FAILURES))
            }
        };
        let mut minutes = self.minutes.lock();
        let minute = minutes.entry((entry.event, entry.outcome)).or_default();
        minute.advance_to(now.as_second().div_euclid(60));
        if minute.admits(source, limit) {
            return Some(std::mem::take(&mut minute.left_out));
        }
        minute.left_out += 1;
        None
    }
}

impl Minute {
    fn advance_to(&mut self, number: i64) {
        if self.number != number {
            let left_out = self.left_out;
            *self = Self { number, left_out, ..Self::default() };
        }
    }

    fn admits(&mut self, source: Source, limit: Option<u32>) -> bool {
        if limit.is_some_and(|limit| self.lines >= limit) {
            return false;
        }
        let lines = self.sources.entry(source).or_default();
        if *lines >= OF_SOURCE {
            return false;
        }
        *lines += 1;
        self.lines += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::SecurityOrigin;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn from(network: &str) -> SecurityOrigin {
        SecurityOrigin { network: Some(network.to_owned()), request: None }
    }

    /// Counts a failure to sign in.
    fn fail(limit: &FloodLimit, network: &str, now: Timestamp) -> Option<u64> {
        limit.admit(&SecurityEntry::failure(SecurityEvent::SignIn, &from(network)), now)
    }

    /// Counts a sign-in.
    fn succeed(limit: &FloodLimit, network: &str, account: u32) -> Option<u64> {
        let origin = from(network);
        limit.admit(&SecurityEntry::success(SecurityEvent::SignIn, &origin).by(account), AT)
    }

    #[test]
    fn a_flood_from_one_network_hides_no_other_and_is_counted() {
        let limit = FloodLimit::default();
        let lines = (0..1000).filter(|_| fail(&limit, "203.0.113.0/24", AT).is_some()).count();
        assert_eq!(lines, 60);
        assert_eq!(fail(&limit, "198.51.100.0/24", AT), Some(940), "what was left out is said");
        assert_eq!(fail(&limit, "203.0.113.0/24", AT), None);
        let later = AT + jiff::SignedDuration::from_mins(1);
        assert_eq!(fail(&limit, "203.0.113.0/24", later), Some(1));
    }

    #[test]
    fn many_networks_together_are_limited_and_bounded() {
        let limit = FloodLimit::default();
        let lines = (0..10_000).filter(|number| fail(&limit, &number.to_string(), AT).is_some());
        assert_eq!(lines.count(), 1200);
        let minutes = limit.minutes.lock();
        assert_eq!(minutes[&(SecurityEvent::SignIn, SecurityOutcome::Failure)].sources.len(), 1200);
    }

    #[test]
    fn failures_hide_no_success() {
        let limit = FloodLimit::default();
        for number in 0..10_000 {
            fail(&limit, &number.to_string(), AT);
            fail(&limit, "203.0.113.0/24", AT);
        }
        assert_eq!(succeed(&limit, "203.0.113.0/24", 7), Some(0));
        assert_eq!(succeed(&limit, "198.51.100.0/24", 8), Some(0));
    }

    #[test]
    fn an_account_hides_no_other_however_many_networks_it_uses() {
        let limit = FloodLimit::default();
        let lines = (0..1000).filter(|number| succeed(&limit, &number.to_string(), 7).is_some());
        assert_eq!(lines.count(), 60);
        assert!((8..10_000).all(|account| succeed(&limit, "203.0.113.0/24", account).is_some()));
    }

    #[test]
    fn what_staff_do_is_never_left_out() {
        let limit = FloodLimit::default();
        let origin = from("203.0.113.0/24");
        for entry in [
            SecurityEntry::success(SecurityEvent::ReaderViewed, &origin),
            SecurityEntry::success(SecurityEvent::SecondFactorChanged, &origin),
            SecurityEntry::failure(SecurityEvent::SecondFactor, &origin),
            SecurityEntry::failure(SecurityEvent::DeskDenied, &origin),
        ] {
            let entry = entry.by(7).of_staff(true);
            assert!((0..10_000).all(|_| limit.admit(&entry, AT) == Some(0)));
        }
    }
}
