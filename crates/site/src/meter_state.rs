//! The anonymous meter's memory, shared between threads: `RecentReads` and `FirstReads` behind locks.
//!
//! `masthead-access` defines what is remembered; this module adds the locks. A read is decided and
//! recorded under one lock, so parallel requests of one reader never exceed the allowance.

use std::{hash::RandomState, net::IpAddr};

use jiff::Timestamp;
use masthead_access::{ReaderId, Reads, RecentReads, network::FirstReads};
use parking_lot::Mutex;

const SHARDS: usize = 64;

/// [`RecentReads`] in shards, each behind its own lock.
pub(crate) struct SharedRecentReads {
    shards: Box<[Mutex<RecentReads>]>,
}

impl SharedRecentReads {
    /// Creates a map of at most `readers` readers, rounded up to a multiple of 64.
    pub(crate) fn new(readers: usize) -> Self {
        let per_shard = readers.div_ceil(SHARDS);
        Self { shards: (0..SHARDS).map(|_| Mutex::new(RecentReads::new(per_shard))).collect() }
    }

    /// See [`RecentReads::visit`]. The visits of one reader happen one after another.
    pub(crate) fn visit<T>(
        &self,
        reader: ReaderId,
        token_reads: &mut Reads,
        visit: impl FnOnce(&mut Reads) -> T,
    ) -> T {
        // Reader ids are random, so their low bits are evenly distributed.
        let index = usize::try_from(reader.0 % SHARDS as u128).unwrap_or_default();
        self.shards[index].lock().visit(reader, token_reads, visit)
    }
}

/// [`FirstReads`] behind a lock, with a salt from the operating system.
pub(crate) struct SharedFirstReads(Mutex<FirstReads<RandomState>>);

impl Default for SharedFirstReads {
    fn default() -> Self {
        Self(Mutex::new(FirstReads::new(RandomState::new())))
    }
}

impl SharedFirstReads {
    /// See [`FirstReads::admits`].
    pub(crate) fn admits(&self, limit: Option<u32>, address: IpAddr, now: Timestamp) -> bool {
        self.0.lock().admits(limit, address, now, RandomState::new)
    }

    /// See [`FirstReads::count`].
    pub(crate) fn count(&self, address: IpAddr, now: Timestamp) {
        self.0.lock().count(address, now, RandomState::new);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use jiff::tz::TimeZone;
    use masthead_access::{Article, Policy, Reader, decide};

    use super::*;

    fn request(state: &SharedRecentReads, reader: u128, article: u32, policy: &Policy) -> bool {
        let now = Timestamp::from_second(1_790_000_000).expect("in range");
        state.visit(ReaderId(reader), &mut Reads::default(), |reads| {
            let article = Article::plain(article, now);
            let decision = decide(policy, &Reader::anonymous(reads), &article, now);
            if decision.spends_a_read() {
                reads.insert(article.id, now);
            }
            decision.delivers_full_text()
        })
    }

    #[test]
    fn ten_parallel_tabs_never_exceed_the_allowance() {
        for reader in 0..50 {
            let policy = Arc::new(Policy::new(TimeZone::UTC));
            let state = Arc::new(SharedRecentReads::new(1000));
            let tabs: Vec<_> = (0..10)
                .map(|article| {
                    let (policy, state) = (policy.clone(), state.clone());
                    thread::spawn(move || request(&state, reader, article, &policy))
                })
                .collect();
            let opened = tabs.into_iter().filter_map(|tab| tab.join().ok()).filter(|open| *open);
            assert_eq!(opened.count(), 3);
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let policy = Policy::new(TimeZone::UTC);
        let state = SharedRecentReads::new(640);
        for reader in 0..10_000 {
            request(&state, reader, 1, &policy);
        }
        let readers: usize = state.shards.iter().map(|shard| shard.lock().len()).sum();
        assert_eq!(readers, 640);
    }
}
