//! What this node remembers of readers, so that neither parallel tabs nor an old cookie gains a read.
//!
//! The token alone is enough to count readers who come one page at a time. Two things it cannot
//! settle: ten requests that carry the same token at once, and a token kept from earlier. Both are
//! settled by uniting what the token carries with what this node has seen, under one lock, and
//! deciding before the lock is let go.

use std::num::NonZeroUsize;

use lru::LruCache;
use parking_lot::Mutex;

use crate::{reads::Reads, standing::ReaderId};

const SHARDS: usize = 64;

/// A bounded map from reader to reads. The readers that came longest ago are forgotten first; for
/// them the token is the only witness again.
pub struct RecentReads {
    shards: Box<[Mutex<LruCache<ReaderId, Reads>>]>,
}

impl RecentReads {
    /// A map of at most `readers` readers, rounded up to a multiple of 64. About 100 bytes each.
    pub fn new(readers: usize) -> Self {
        let each = NonZeroUsize::new(readers.div_ceil(SHARDS)).unwrap_or(NonZeroUsize::MIN);
        let shards = (0..SHARDS).map(|_| Mutex::new(LruCache::sparse(each))).collect();
        Self { shards }
    }

    /// Unites `carried` with what is known of `reader`, lets `visit` decide and record on the
    /// united reads, and remembers what it leaves. Visits of one reader happen one after another.
    pub fn visit<T>(
        &self,
        reader: ReaderId,
        carried: &mut Reads,
        visit: impl FnOnce(&mut Reads) -> T,
    ) -> T {
        let mut shard = self.shard(reader).lock();
        if let Some(known) = shard.get_mut(&reader) {
            carried.unite(known);
            let answer = visit(carried);
            if known != carried {
                known.clone_from(carried);
            }
            answer
        } else {
            let answer = visit(carried);
            if !carried.is_empty() {
                shard.put(reader, carried.clone());
            }
            answer
        }
    }

    /// How many readers are remembered.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// Whether no reader is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, reader: ReaderId) -> &Mutex<LruCache<ReaderId, Reads>> {
        // The number is random, so its low bits spread evenly.
        let index = usize::try_from(reader.0 % SHARDS as u128).unwrap_or_default();
        &self.shards[index]
    }
}
