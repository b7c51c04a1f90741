//! Clients that never send a cookie back do not get the archive for nothing.

use std::{
    collections::HashMap,
    hash::BuildHasher,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use jiff::Timestamp;
use parking_lot::Mutex;

/// Networks beyond this many in one hour are not counted, which bounds the memory at about 24 MB.
const MOST_NETWORKS: usize = 1_000_000;

/// Counts first reads per network prefix (IPv4 /24, IPv6 /48) and hour.
///
/// Only a hash of the prefix is kept, in memory, under a salt that lives for one day at most; an
/// address cannot be read back from it.
pub struct FirstReads<S> {
    limit: Option<u32>,
    hour: Mutex<Hour<S>>,
}

struct Hour<S> {
    number: i64,
    salt: S,
    counts: HashMap<u64, u32>,
}

impl<S: BuildHasher> FirstReads<S> {
    /// At most `limit` first reads an hour from one network; `None` for no limit. `salt` should be
    /// freshly random, such as a new `RandomState`.
    pub fn new(limit: Option<u32>, salt: S) -> Self {
        Self { limit, hour: Mutex::new(Hour { number: 0, salt, counts: HashMap::new() }) }
    }

    /// Whether one more new device from `address` may have its first read.
    pub fn admits(&self, address: IpAddr, now: Timestamp, fresh_salt: impl FnOnce() -> S) -> bool {
        let (Some(limit), Some(network)) = (self.limit, prefix(address)) else { return true };
        let mut hour = self.hour.lock();
        hour.turn_to(now, fresh_salt);
        let key = hour.salt.hash_one(network);
        hour.counts.get(&key).copied().unwrap_or_default() < limit
    }

    /// Counts the first read of a new device from `address`.
    pub fn count(&self, address: IpAddr, now: Timestamp, fresh_salt: impl FnOnce() -> S) {
        let Some(network) = self.limit.and(prefix(address)) else { return };
        let mut hour = self.hour.lock();
        hour.turn_to(now, fresh_salt);
        let key = hour.salt.hash_one(network);
        if hour.counts.len() < MOST_NETWORKS || hour.counts.contains_key(&key) {
            *hour.counts.entry(key).or_default() += 1;
        }
    }
}

impl<S> Hour<S> {
    fn turn_to(&mut self, now: Timestamp, fresh_salt: impl FnOnce() -> S) {
        let number = now.as_second().div_euclid(3600);
        if number == self.number {
            return;
        }
        if number.div_euclid(24) != self.number.div_euclid(24) {
            self.salt = fresh_salt();
        }
        self.number = number;
        self.counts = HashMap::new();
    }
}

/// Whether `address` is loopback or private: seeing one means a proxy in front that is not
/// configured as trusted.
pub fn is_internal(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The network of an address (IPv4 /24, IPv6 /48); `None` for internal ones, which are exempt.
pub fn prefix(address: IpAddr) -> Option<IpAddr> {
    if is_internal(address) {
        return None;
    }
    Some(match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn a_network_has_its_hourly_share() {
        let guard = FirstReads::new(Some(2), RandomState::new());
        let now = at(1_800_000_000);
        for host in ["203.0.113.1", "203.0.113.200"] {
            assert!(guard.admits(address(host), now, RandomState::new));
            guard.count(address(host), now, RandomState::new);
        }
        assert!(!guard.admits(address("203.0.113.77"), now, RandomState::new));
        assert!(guard.admits(address("203.0.114.77"), now, RandomState::new), "another /24");
        assert!(guard.admits(address("203.0.113.77"), at(1_800_003_600), RandomState::new));
    }

    #[test]
    fn an_ipv6_site_is_one_network() {
        let guard = FirstReads::new(Some(1), RandomState::new());
        let now = at(1_800_000_000);
        guard.count(address("2001:db8:7:1::5"), now, RandomState::new);
        assert!(!guard.admits(address("2001:db8:7:ffff::9"), now, RandomState::new));
        assert!(guard.admits(address("2001:db8:8::9"), now, RandomState::new));
    }

    #[test]
    fn internal_addresses_are_exempt_even_when_mapped() {
        let guard = FirstReads::new(Some(0), RandomState::new());
        let now = at(1_800_000_000);
        for internal in
            ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1"]
        {
            assert!(guard.admits(address(internal), now, RandomState::new), "{internal}");
        }
        assert!(!guard.admits(address("::ffff:203.0.113.9"), now, RandomState::new));
    }
}
