//! Notices that a proxy in front is not configured, or not as it should be.
//!
//! Behind such a proxy all readers have one address, so that limits which are meant for one network hold for all
//! readers together. That is logged, and shown to owners at the desk.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use masthead_access::network;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::throttle::LogThrottle;

/// From how many requests without the header within a minute a proxy counts as one that does not send it. Fewer may be the proxy's own.
const MANY: u32 = 20;
/// The time in which they are counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// How long a fault is shown after it was last seen.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What is wrong with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForwardingFault {
    /// A peer that is no trusted proxy forwards an address.
    Untrusted,
    /// A trusted proxy forwards something that is not an address.
    Unreadable,
    /// A trusted proxy forwards nothing, for so many requests that they cannot be its own.
    Missing,
}

impl ForwardingFault {
    const ALL: [Self; 3] = [Self::Untrusted, Self::Unreadable, Self::Missing];
}

/// Remembers the latest request with each fault.
#[derive(Debug, Default)]
pub struct ForwardingMonitor {
    untrusted: Fault,
    unreadable: Fault,
    missing: Fault,
    without_header: Mutex<Window>,
    strangers: LogThrottle,
}

#[derive(Debug, Default)]
struct Fault {
    seen: Mutex<Option<(IpAddr, Timestamp)>>,
    log: LogThrottle,
}

/// How many requests came without the header since it began.
#[derive(Debug, Default)]
struct Window {
    began: Option<Timestamp>,
    requests: u32,
}

impl Window {
    /// Notes a request. Returns `true` from the [`MANY`]th within a minute on.
    fn note(&mut self, now: Timestamp) -> bool {
        if self.began.is_none_or(|began| now.duration_since(began).abs() >= WINDOW) {
            *self = Self { began: Some(now), requests: 0 };
        }
        self.requests = self.requests.saturating_add(1);
        self.requests >= MANY
    }
}

impl ForwardingMonitor {
    /// Notes a request with a fault from `peer`, and logs it unless one was logged within the last minute.
    ///
    /// A header from a public address is most likely forged, which anybody can do, so it is not shown. A few requests without the
    /// header may be the proxy's own, so [`ForwardingFault::Missing`] counts from the 20th within a minute.
    pub fn note(&self, fault: ForwardingFault, peer: IpAddr, now: Timestamp) {
        if fault == ForwardingFault::Untrusted && !may_be_proxy(peer) {
            if let Some(requests) = self.strangers.note(now) {
                log_stranger(peer, requests);
            }
            return;
        }
        if fault == ForwardingFault::Missing && !self.without_header.lock().note(now) {
            return;
        }
        let seen = self.seen(fault);
        *seen.seen.lock() = Some((peer, now));
        if let Some(requests) = seen.log.note(now) {
            log(fault, peer, requests);
        }
    }

    /// Returns the peers whose requests had a fault within the last hour.
    pub fn recent(&self, now: Timestamp) -> impl Iterator<Item = (ForwardingFault, IpAddr)> {
        ForwardingFault::ALL.into_iter().filter_map(move |fault| {
            let (peer, at) = (*self.seen(fault).seen.lock())?;
            (now.duration_since(at) < SHOWN_FOR).then_some((fault, peer))
        })
    }

    fn seen(&self, fault: ForwardingFault) -> &Fault {
        match fault {
            ForwardingFault::Untrusted => &self.untrusted,
            ForwardingFault::Unreadable => &self.unreadable,
            ForwardingFault::Missing => &self.missing,
        }
    }
}

/// Whether proxies are at such addresses: of this machine, of a private network, or shared by an operator's customers (RFC 6598).
fn may_be_proxy(address: IpAddr) -> bool {
    network::is_internal(address) || is_shared(address)
}

fn is_shared(address: IpAddr) -> bool {
    matches!(address.to_canonical(), IpAddr::V4(v4) if matches!(v4.octets(), [100, 64..=127, ..]))
}

fn log(fault: ForwardingFault, peer: IpAddr, requests: u64) {
    match fault {
        ForwardingFault::Untrusted => tracing::error!(
            %peer,
            requests,
            "proxy: a request forwards a client's address, and its sender is not in trusted_proxies; if it is your \
             proxy, list it there in masthead.toml, or all its readers are limited as one"
        ),
        ForwardingFault::Unreadable => tracing::error!(
            %peer,
            requests,
            "proxy: a trusted proxy forwards no readable client address in the header that forwarding_header names; its \
             readers are limited as one"
        ),
        ForwardingFault::Missing => tracing::error!(
            %peer,
            requests,
            "proxy: a trusted proxy sends no client address, so all its readers are limited as one; let it set \
             X-Forwarded-For, or the header that forwarding_header names (nginx: proxy_set_header X-Forwarded-For \
             $proxy_add_x_forwarded_for)"
        ),
    }
}

fn log_stranger(peer: IpAddr, requests: u64) {
    tracing::warn!(
        %peer,
        requests,
        "proxy: a request from the internet forwards an address, which is not believed; only if you know the sender as \
         your own proxy, list it in trusted_proxies in masthead.toml"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_shown_for_an_hour() {
        let monitor = ForwardingMonitor::default();
        let proxy = IpAddr::from([127, 0, 0, 1]);
        let after = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        monitor.note(ForwardingFault::Untrusted, proxy, after(0));
        monitor.note(ForwardingFault::Untrusted, proxy, after(60));
        let shown = |seconds| monitor.recent(after(seconds)).collect::<Vec<_>>();
        assert_eq!(shown(3600), [(ForwardingFault::Untrusted, proxy)]);
        assert_eq!(shown(3660), []);
    }

    #[test]
    fn a_forged_header_from_the_internet_neither_alarms_nor_hides_a_proxy() {
        let monitor = ForwardingMonitor::default();
        let (proxy, stranger) = (IpAddr::from([10, 0, 0, 7]), IpAddr::from([203, 0, 113, 9]));
        let now = Timestamp::UNIX_EPOCH;
        let shown = || monitor.recent(now).map(|(_, peer)| peer).collect::<Vec<_>>();
        monitor.note(ForwardingFault::Untrusted, stranger, now);
        assert!(shown().is_empty());
        monitor.note(ForwardingFault::Untrusted, proxy, now);
        monitor.note(ForwardingFault::Untrusted, stranger, now);
        assert_eq!(shown(), [proxy]);
    }

    #[test]
    fn a_proxy_without_the_header_is_noticed_from_the_twentieth_request_in_a_minute() {
        let monitor = ForwardingMonitor::default();
        let proxy = IpAddr::from([127, 0, 0, 1]);
        let at = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let shown =
            |seconds| monitor.recent(at(seconds)).map(|(fault, _)| fault).collect::<Vec<_>>();
        // Nineteen a minute, for ten minutes.
        for minute in 0..10 {
            (0..19).for_each(|_| monitor.note(ForwardingFault::Missing, proxy, at(minute * 60)));
        }
        assert_eq!(shown(600), []);
        (0..20).for_each(|_| monitor.note(ForwardingFault::Missing, proxy, at(600)));
        assert_eq!(shown(600), [ForwardingFault::Missing]);
        assert_eq!(shown(600 + 3600), []);
    }

    #[test]
    fn proxies_are_at_addresses_of_private_networks() {
        let may_be_proxy = |text: &str| may_be_proxy(text.parse().expect("an address"));
        for text in
            ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.0.1"]
        {
            assert!(may_be_proxy(text), "{text}");
        }
        for text in ["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"] {
            assert!(may_be_proxy(text), "{text}");
        }
        for text in ["203.0.113.9", "100.128.0.1", "2001:db8::1", "::ffff:203.0.113.9"] {
            assert!(!may_be_proxy(text), "{text}");
        }
    }
}
