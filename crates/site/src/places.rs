//! How many of something there may be at once, such as connections: in all, and from one network.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use masthead_access::network;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for connections, for bodies that arrive, or for responses that stay open.
pub(crate) struct Places {
    total: usize,
    free: Arc<Semaphore>,
    per_network: usize,
    per_network_if_scarce: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A place that was taken, which becomes free when this is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    network: Option<(Arc<Places>, IpAddr)>,
}

/// Why a place cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The network has all that it may have.
    Network,
    /// None is free.
    All,
}

impl Places {
    /// Creates `total` places, of which one network (IPv4 /24, IPv6 /48) may take `per_network`.
    pub(crate) fn new(total: usize, per_network: usize) -> Arc<Self> {
        Self::with_fewer_if_scarce(total, per_network, per_network)
    }

    /// The same, of which one network may take only `per_network_if_scarce` while fewer than a quarter is free.
    pub(crate) fn with_fewer_if_scarce(
        total: usize,
        per_network: usize,
        per_network_if_scarce: usize,
    ) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(total));
        let taken = Mutex::default();
        Arc::new(Self { total, free, per_network, per_network_if_scarce, taken })
    }

    /// Waits until a place is free.
    pub(crate) async fn next(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Gives a place to a client at `peer`.
    pub(crate) fn take(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Refused> {
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| Refused::All)?;
        self.give(permit, peer, false).ok_or(Refused::Network)
    }

    /// Gives a free place to a connection from `peer`; `None` if its network has all that it may have. The connections of
    /// a proxy are those of many networks, so it is exempt.
    pub(crate) fn give(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        peer: IpAddr,
        is_proxy: bool,
    ) -> Option<Place> {
        if is_proxy {
            return Some(Place { _permit: permit, network: None });
        }
        let network = network::prefix(peer);
        let mut taken = self.taken.lock();
        // The place that is about to be given was free.
        let is_scarce = self.free.available_permits() + 1 < self.total / 4;
        let most = if is_scarce { self.per_network_if_scarce } else { self.per_network };
        let count = taken.entry(network).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { _permit: permit, network: Some((Arc::clone(self), network)) })
    }

    /// Whether no network is remembered.
    #[cfg(test)]
    pub(crate) fn are_forgotten(&self) -> bool {
        self.taken.lock().is_empty()
    }

    /// Whether fewer than a quarter of all places are free.
    pub(crate) fn are_scarce(&self) -> bool {
        self.free.available_permits() < self.total / 4
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((places, network)) = &self.network else { return };
        if let Entry::Occupied(mut taken) = places.taken.lock().entry(*network) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_network_takes_only_its_part_and_gives_it_back() {
        let places = Places::new(8, 2);
        let ask = async |address: [u8; 4], is_proxy| {
            let permit = places.next().await.expect("a place");
            places.give(permit, address.into(), is_proxy)
        };
        let first = ask([192, 0, 2, 1], false).await;
        let second = ask([192, 0, 2, 200], false).await;
        assert!(first.is_some() && second.is_some());
        assert!(ask([192, 0, 2, 7], false).await.is_none(), "its network has two");
        let other = ask([192, 0, 3, 7], false).await;
        assert!(other.is_some(), "another network");
        let proxied = [ask([192, 0, 2, 9], true).await, ask([192, 0, 2, 9], true).await];
        assert!(proxied.iter().all(Option::is_some), "a proxy is not one network");
        assert!(!places.are_scarce());
        let last = [ask([10, 0, 0, 1], true).await, ask([10, 0, 0, 1], true).await];
        assert!(places.are_scarce() && last.iter().all(Option::is_some));
        let eighth = ask([10, 0, 0, 1], true).await;
        let none = places.take([192, 0, 4, 1].into()).err();
        assert_eq!(none, Some(Refused::All), "none is free");
        drop((first, second, other, proxied, last, eighth));
        assert!(places.take([192, 0, 4, 1].into()).is_ok());
        assert!(places.are_forgotten() && !places.are_scarce());
    }
}
