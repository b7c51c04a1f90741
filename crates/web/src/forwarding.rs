//! Notices that a proxy in front is not configured, or not as it should be.
//!
//! Behind such a proxy all readers have one address, so that limits which are meant for one network hold for all
//! readers together. That is logged, and shown to owners at the desk.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// Each fault is logged at most this often.
const LOG_INTERVAL: SignedDuration = SignedDuration::from_mins(1);
/// How long a fault is shown after it was last seen.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What is wrong with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardingFault {
    /// A peer that is no trusted proxy forwards an address.
    Untrusted,
    /// A trusted proxy forwards something that is not an address.
    Unreadable,
}

/// Remembers the latest request with each fault.
#[derive(Debug, Default)]
pub struct ForwardingMonitor {
    untrusted: Mutex<Option<Seen>>,
    unreadable: Mutex<Option<Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    peer: IpAddr,
    at: Timestamp,
    logged: Timestamp,
}

impl ForwardingMonitor {
    /// Notes a request with a fault from `peer`, and logs it unless one was logged within the last minute.
    pub fn note(&self, fault: ForwardingFault, peer: IpAddr, now: Timestamp) {
        let mut seen = self.seen(fault).lock();
        let logged = seen.map(|seen| seen.logged);
        let is_due = logged.is_none_or(|logged| now.duration_since(logged) >= LOG_INTERVAL);
        *seen =
            Some(Seen { peer, at: now, logged: if is_due { now } else { logged.unwrap_or(now) } });
        drop(seen);
        if is_due {
            log(fault, peer);
        }
    }

    /// Returns the peers whose requests had a fault within the last hour.
    pub fn recent(&self, now: Timestamp) -> impl Iterator<Item = (ForwardingFault, IpAddr)> {
        let faults = [ForwardingFault::Untrusted, ForwardingFault::Unreadable];
        faults.into_iter().filter_map(move |fault| {
            let seen = (*self.seen(fault).lock())?;
            (now.duration_since(seen.at) < SHOWN_FOR).then_some((fault, seen.peer))
        })
    }

    fn seen(&self, fault: ForwardingFault) -> &Mutex<Option<Seen>> {
        match fault {
            ForwardingFault::Untrusted => &self.untrusted,
            ForwardingFault::Unreadable => &self.unreadable,
        }
    }
}

fn log(fault: ForwardingFault, peer: IpAddr) {
    match fault {
        ForwardingFault::Untrusted => tracing::error!(
            %peer,
            "proxy: a request forwards a client's address, and its sender is not in trusted_proxies; if it is your \
             proxy, list it there in masthead.toml, or all its readers are limited as one"
        ),
        ForwardingFault::Unreadable => tracing::error!(
            %peer,
            "proxy: a trusted proxy forwards no readable client address in the header that forwarding_header names; its \
             readers are limited as one"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_logged_once_a_minute_and_shown_for_an_hour() {
        let monitor = ForwardingMonitor::default();
        let start = Timestamp::UNIX_EPOCH;
        let proxy = IpAddr::from([127, 0, 0, 1]);
        let logged = || monitor.untrusted.lock().map(|seen| seen.logged);
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        monitor.note(ForwardingFault::Untrusted, proxy, start);
        monitor.note(ForwardingFault::Untrusted, proxy, after(59));
        assert_eq!(logged(), Some(start));
        monitor.note(ForwardingFault::Untrusted, proxy, after(60));
        assert_eq!(logged(), Some(after(60)));
        let shown = |seconds| monitor.recent(after(seconds)).collect::<Vec<_>>();
        assert_eq!(shown(3600), [(ForwardingFault::Untrusted, proxy)]);
        assert_eq!(shown(3660), []);
    }
}
