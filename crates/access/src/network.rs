//! Limits on first reads per network, so that clients which never return a cookie cannot read the
//! whole archive.

use std::{
    collections::HashMap,
    hash::BuildHasher,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use jiff::Timestamp;

/// The maximum number of networks counted per hour. It bounds the memory to about 24 MB.
const MAX_NETWORKS: usize = 1_000_000;

/// Counts first reads per network prefix (IPv4 /24, IPv6 /48) and hour.
///
/// Only a hash of the prefix is kept, in memory, with a salt that lives for at most one day, so the
/// address cannot be recovered. The caller synchronizes access: [`admits`](Self::admits) and
/// [`count`](Self::count) take `&mut self`.
pub struct FirstReads<S> {
    hour: Hour<S>,
}

struct Hour<S> {
    number: i64,
    salt: S,
    counts: HashMap<u64, u32>,
}

impl<S: BuildHasher> FirstReads<S> {
    /// Creates a counter. `salt` should be random, such as a new `RandomState`.
    pub fn new(salt: S) -> Self {
        Self { hour: Hour { number: 0, salt, counts: HashMap::new() } }
    }

    /// Returns `true` if one more new device at `address` may have its first read: if fewer than
    /// `limit` had theirs from its network in this hour, or if `limit` is `None`.
    pub fn admits(
        &mut self,
        limit: Option<u32>,
        address: IpAddr,
        now: Timestamp,
        fresh_salt: impl FnOnce() -> S,
    ) -> bool {
        let Some(limit) = limit else { return true };
        self.hour.advance_to(now, fresh_salt);
        let key = self.hour.salt.hash_one(prefix(address));
        self.hour.counts.get(&key).copied().unwrap_or_default() < limit
    }

    /// Counts the first read of a new device at `address`, so that a limit that is set later holds at
    /// once.
    pub fn count(&mut self, address: IpAddr, now: Timestamp, fresh_salt: impl FnOnce() -> S) {
        let hour = &mut self.hour;
        hour.advance_to(now, fresh_salt);
        let key = hour.salt.hash_one(prefix(address));
        if hour.counts.len() < MAX_NETWORKS || hour.counts.contains_key(&key) {
            *hour.counts.entry(key).or_default() += 1;
        }
    }
}

impl<S> Hour<S> {
    /// Resets the counts at the start of an hour, and replaces the salt at the start of a day
    /// (UTC).
    fn advance_to(&mut self, now: Timestamp, fresh_salt: impl FnOnce() -> S) {
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

/// Returns `true` if `address` is a loopback, private or link-local address. Limits apply to these as well: behind a
/// proxy that is not configured as trusted, all readers have one.
pub fn is_internal(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Returns the network of an address in CIDR notation, such as `203.0.113.0/24`.
pub fn name(address: IpAddr) -> String {
    match prefix(address) {
        network @ IpAddr::V4(_) => format!("{network}/24"),
        network @ IpAddr::V6(_) => format!("{network}/48"),
    }
}

/// Returns the network of an address: IPv4 /24, IPv6 /48.
pub fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
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
    fn a_network_is_limited_per_hour() {
        let mut guard = FirstReads::new(RandomState::new());
        let now = at(1_800_000_000);
        for host in ["203.0.113.1", "203.0.113.200"] {
            assert!(guard.admits(Some(2), address(host), now, RandomState::new));
            guard.count(address(host), now, RandomState::new);
        }
        assert!(!guard.admits(Some(2), address("203.0.113.77"), now, RandomState::new));
        assert!(
            guard.admits(Some(2), address("203.0.114.77"), now, RandomState::new),
            "another /24"
        );
        assert!(guard.admits(
            Some(2),
            address("203.0.113.77"),
            at(1_800_003_600),
            RandomState::new
        ));
    }

    #[test]
    fn an_ipv6_48_is_one_network() {
        let mut guard = FirstReads::new(RandomState::new());
        let now = at(1_800_000_000);
        guard.count(address("2001:db8:7:1::5"), now, RandomState::new);
        assert!(!guard.admits(Some(1), address("2001:db8:7:ffff::9"), now, RandomState::new));
        assert!(guard.admits(Some(1), address("2001:db8:8::9"), now, RandomState::new));
    }

    #[test]
    fn internal_addresses_are_limited_like_all_others() {
        let now = at(1_800_000_000);
        for internal in
            ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1"]
        {
            let mut guard = FirstReads::new(RandomState::new());
            assert!(is_internal(address(internal)), "{internal}");
            assert!(guard.admits(Some(1), address(internal), now, RandomState::new), "{internal}");
            guard.count(address(internal), now, RandomState::new);
            assert!(!guard.admits(Some(1), address(internal), now, RandomState::new), "{internal}");
        }
    }
}
