//! The reads that a server has seen recently, so that neither parallel tabs nor an old cookie gains
//! a read.
//!
//! The token alone is enough to count readers who open one page at a time. It is not enough for
//! several requests that carry the same token at once, or for a token that was kept from earlier.
//! For both, the reads in the token are merged with the reads seen before, and the decision is made
//! and recorded on the merged reads.
//!
//! The type is a plain value. A server with several threads keeps it behind a lock and holds the lock
//! during [`RecentReads::visit`], so that deciding and recording are one step.

use std::num::NonZeroUsize;

use lru::LruCache;

use crate::{reads::Reads, standing::ReaderId};

/// A bounded map from readers to their reads. The readers that were seen least recently are evicted
/// first; for them, only the token counts.
pub struct RecentReads(LruCache<ReaderId, Reads>);

impl RecentReads {
    /// Creates a map of at most `readers` readers, and at least one. An entry takes about 100 bytes.
    pub fn new(readers: usize) -> Self {
        Self(LruCache::sparse(NonZeroUsize::new(readers).unwrap_or(NonZeroUsize::MIN)))
    }

    /// Merges `token_reads`, those in the token of `reader`, with their known reads, calls `visit` with the merged reads, and
    /// remembers the reads as `visit` leaves them.
    pub fn visit<T>(
        &mut self,
        reader: ReaderId,
        token_reads: &mut Reads,
        visit: impl FnOnce(&mut Reads) -> T,
    ) -> T {
        if let Some(known) = self.0.get_mut(&reader) {
            token_reads.merge(known);
            let answer = visit(token_reads);
            if known != token_reads {
                known.clone_from(token_reads);
            }
            answer
        } else {
            let answer = visit(token_reads);
            if !token_reads.is_empty() {
                self.0.put(reader, token_reads.clone());
            }
            answer
        }
    }

    /// Returns the number of readers in the map.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if the map is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
