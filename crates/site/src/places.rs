//! How many of something there may be at once, such as connections: in all, and from one network.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use masthead_access::network;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for connections, or for bodies that arrive.
pub(crate) struct Places {
    total: usize,
    free: Arc<Semaphore>,
    per_network: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A place that was taken, which becomes free when this is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    network: Option<(Arc<Places>, IpAddr)>,
}

impl Places {
    /// Creates `total` places, of which one network (IPv4 /24, IPv6 /48) may take `per_network`.
    pub(crate) fn new(total: usize, per_network: usize) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(total));
        Arc::new(Self { total, free, per_network, taken: Mutex::default() })
    }

    /// Waits until a place is free.
    pub(crate) async fn next(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Gives a place to a client at `peer`; `None` if none is free, or its network has all that it may have.
    pub(crate) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        self.give(permit, peer, false)
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
        let count = taken.entry(network).or_default();
        if *count >= self.per_network {
            return None;
        }
        *count += 1;
        Some(Place { _permit: permit, network: Some((Arc::clone(self), network)) })
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
        assert!(places.take([192, 0, 4, 1].into()).is_none(), "none is free");
        drop((first, second, other, proxied, last, eighth));
        assert!(places.take([192, 0, 4, 1].into()).is_some());
        assert!(places.taken.lock().is_empty() && !places.are_scarce());
    }
}
