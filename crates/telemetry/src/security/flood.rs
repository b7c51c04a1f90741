//! How many lines strangers may cause: a flood must neither fill the disk nor hide what comes from other networks.

use std::collections::HashMap;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::SecurityEvent;

/// Lines of one event in a minute that one network may cause.
const OF_NETWORK: u32 = 60;
/// Lines of one event in a minute.
const OF_EVENT: u32 = 1200;

#[derive(Debug, Default)]
pub(super) struct FloodLimit {
    events: Mutex<HashMap<SecurityEvent, Minute>>,
}

/// What has happened in the latest minute.
#[derive(Debug, Default)]
struct Minute {
    number: i64,
    lines: u32,
    /// It has at most as many entries as there are lines.
    networks: HashMap<Option<String>, u32>,
    /// Entries that were left out and are not mentioned yet.
    left_out: u64,
}

impl FloodLimit {
    /// Counts an entry. Returns how many of its event were left out since the last line, or `None` if it is to be left out too.
    pub(super) fn admit(
        &self,
        event: SecurityEvent,
        network: Option<&str>,
        now: Timestamp,
    ) -> Option<u64> {
        if event.is_of_staff() {
            return Some(0);
        }
        let mut events = self.events.lock();
        let minute = events.entry(event).or_default();
        minute.advance_to(now.as_second().div_euclid(60));
        if minute.admits(network) {
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

    fn admits(&mut self, network: Option<&str>) -> bool {
        if self.lines >= OF_EVENT {
            return false;
        }
        let lines = self.networks.entry(network.map(str::to_owned)).or_default();
        if *lines >= OF_NETWORK {
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

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_flood_from_one_network_hides_no_other_and_is_counted() {
        let limit = FloodLimit::default();
        let event = SecurityEvent::SignIn;
        let admit = |network, now| limit.admit(event, Some(network), now);
        let lines = (0..1000).filter(|_| admit("203.0.113.0/24", AT).is_some()).count();
        assert_eq!(lines, 60);
        assert_eq!(admit("198.51.100.0/24", AT), Some(940), "what was left out is said");
        assert_eq!(admit("203.0.113.0/24", AT), None);
        let later = AT + jiff::SignedDuration::from_mins(1);
        assert_eq!(admit("203.0.113.0/24", later), Some(1));
    }

    #[test]
    fn many_networks_together_are_limited_and_bounded() {
        let limit = FloodLimit::default();
        let admit = |number: u32| {
            limit.admit(SecurityEvent::HostRefused, Some(&number.to_string()), AT).is_some()
        };
        assert_eq!((0..10_000).filter(|number| admit(*number)).count(), 1200);
        assert_eq!(limit.events.lock()[&SecurityEvent::HostRefused].networks.len(), 1200);
    }

    #[test]
    fn what_staff_do_is_never_left_out() {
        let limit = FloodLimit::default();
        let admit = || limit.admit(SecurityEvent::ReaderViewed, None, AT) == Some(0);
        assert!((0..10_000).all(|_| admit()));
    }
}
