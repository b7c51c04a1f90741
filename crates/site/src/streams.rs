//! Responses that stay open, for pages that hear of changes: how many there may be, in all and to one network, and their end when
//! the server stops.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use masthead_access::network;
use parking_lot::Mutex;
use tokio::sync::watch;

/// The maximum number of streams. Each takes a connection, or a part of one, and some kilobytes.
const MAX_STREAMS: usize = 5_000;
/// The maximum number of streams to one network (IPv4 /24, IPv6 /48), which may be a whole university's.
const MAX_STREAMS_OF_NETWORK: usize = 500;
/// The same while fewer than a quarter of all places are free.
const MAX_STREAMS_IF_SCARCE: usize = 50;

/// See the module's documentation.
pub(crate) struct Streams {
    open: Arc<Mutex<OpenStreams>>,
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct OpenStreams {
    total: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// Why there is no stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusedStream {
    /// The client's network has as many as it may have.
    Network,
    /// There are as many as there may be.
    All,
}

/// The place of one stream, which becomes free when this is dropped.
#[derive(Debug)]
pub(crate) struct StreamPlace {
    open: Arc<Mutex<OpenStreams>>,
    network: IpAddr,
}

impl std::fmt::Debug for OpenStreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenStreams").field("total", &self.total).finish_non_exhaustive()
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self { open: Arc::default(), closing: watch::channel(false).0 }
    }
}

impl Streams {
    /// Takes a place for a stream to this address.
    pub(crate) fn take(&self, client: IpAddr) -> Result<StreamPlace, RefusedStream> {
        let network = network::prefix(client);
        let mut open = self.open.lock();
        if open.total >= MAX_STREAMS {
            return Err(RefusedStream::All);
        }
        let is_scarce = open.total > MAX_STREAMS - MAX_STREAMS / 4;
        let most = if is_scarce { MAX_STREAMS_IF_SCARCE } else { MAX_STREAMS_OF_NETWORK };
        let taken = open.by_network.get(&network).copied().unwrap_or_default();
        if taken >= most {
            return Err(RefusedStream::Network);
        }
        open.by_network.insert(network, taken + 1);
        open.total += 1;
        Ok(StreamPlace { open: Arc::clone(&self.open), network })
    }

    /// Returns what becomes true when the server stops.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ends all streams, and those that begin from now on.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        open.total -= 1;
        if let Entry::Occupied(mut of_network) = open.by_network.entry(self.network) {
            *of_network.get_mut() -= 1;
            if *of_network.get() == 0 {
                of_network.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_takes_only_its_part_and_gives_it_back() {
        let streams = Streams::default();
        let take = |host: u8| streams.take([203, 0, 113, host].into());
        let taken: Vec<_> = (0..MAX_STREAMS_OF_NETWORK).map(|_| take(1)).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert_eq!(take(200).err(), Some(RefusedStream::Network));
        assert!(streams.take([203, 0, 114, 1].into()).is_ok(), "another network");
        drop(taken);
        assert!(take(1).is_ok());
        assert!(streams.open.lock().by_network.is_empty(), "networks are forgotten");
    }

    #[test]
    fn there_is_an_end_for_all_networks_together() {
        let streams = Streams::default();
        let taken: Vec<_> = (0..MAX_STREAMS).map(|number| streams.take(network(number))).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert_eq!(streams.take(network(MAX_STREAMS)).err(), Some(RefusedStream::All));
    }

    #[test]
    fn a_network_gets_fewer_while_places_are_scarce() {
        let streams = Streams::default();
        let taken = MAX_STREAMS - MAX_STREAMS / 4 + 1;
        let others: Vec<_> = (0..taken).map(|number| streams.take(network(number))).collect();
        assert!(others.iter().all(Result::is_ok));
        let greedy: Vec<_> =
            (0..MAX_STREAMS_OF_NETWORK).map(|_| streams.take([203, 0, 113, 1].into())).collect();
        let got = greedy.iter().filter(|place| place.is_ok()).count();
        assert_eq!(got, MAX_STREAMS_IF_SCARCE);
    }

    /// An address in the network with this number.
    fn network(number: usize) -> IpAddr {
        let [high, low] = u16::try_from(number).expect("a few").to_be_bytes();
        IpAddr::from([198, high, low, 1])
    }
}
