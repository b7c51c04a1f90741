//! Responses that stay open, for pages that hear of changes: how many there may be, in all and to one network, and their end when
//! the server stops.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::watch;

use crate::places::{Place, Places, Refused};

/// The maximum number of streams. Each takes a connection, or a part of one, and some kilobytes.
const MAX_STREAMS: usize = 5_000;
/// The maximum number of streams to one network (IPv4 /24, IPv6 /48), which may be a whole university's.
const MAX_STREAMS_OF_NETWORK: usize = 500;
/// The same while fewer than a quarter of all places are free.
const MAX_STREAMS_IF_SCARCE: usize = 50;

/// See the module's documentation.
pub(crate) struct Streams {
    places: Arc<Places>,
    closing: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        let places = Places::with_fewer_if_scarce(
            MAX_STREAMS,
            MAX_STREAMS_OF_NETWORK,
            MAX_STREAMS_IF_SCARCE,
        );
        Self { places, closing: watch::channel(false).0 }
    }
}

impl Streams {
    /// Takes a place for a stream to this address.
    pub(crate) fn take(&self, client: IpAddr) -> Result<Place, Refused> {
        self.places.take(client)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_takes_only_its_part_and_gives_it_back() {
        let streams = Streams::default();
        let take = |host: u8| streams.take([203, 0, 113, host].into());
        let taken: Vec<_> = (0..MAX_STREAMS_OF_NETWORK).map(|_| take(1)).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert_eq!(take(200).err(), Some(Refused::Network));
        assert!(streams.take([203, 0, 114, 1].into()).is_ok(), "another network");
        drop(taken);
        assert!(take(1).is_ok());
        assert!(streams.places.are_forgotten(), "networks are forgotten");
    }

    #[test]
    fn there_is_an_end_for_all_networks_together() {
        let streams = Streams::default();
        let taken: Vec<_> = (0..MAX_STREAMS).map(|number| streams.take(network(number))).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert_eq!(streams.take(network(MAX_STREAMS)).err(), Some(Refused::All));
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
