//! Rendered and compressed pages, kept from one snapshot to the next.
//!
//! A page is kept for as long as everything that it shows is unchanged. Each cached page carries the
//! fingerprint of what it was rendered from; the first request after a change of the
//! snapshot compares it with the fingerprint of what the page would be rendered from now. So publishing
//! an article drops the pages that show it and no others.
//!
//! What to read next is a block of its own within a page: when it alone changes, the page is kept and
//! the block replaced.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use masthead_access::ArticleId;
use moka::future::Cache;
use serde::Serialize;

use crate::{
    compression::Encoding,
    layout::Form,
    page::{CommonParts, Page},
};

/// Names a page. Pages are the same for all readers except for the messages on them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PageKey {
    /// The front page.
    Home,
    /// A page of the list at an address (section, topic or author), by its number from 1.
    List(Box<str>, usize),
    /// An article or page of the publication.
    Piece(ArticleId, Form),
    /// What is in memory of a locked article, without its teaser: for readers at a wall while the database is away.
    Outline(ArticleId),
    /// The page about the meter.
    Meter,
    /// The error page for an HTTP status.
    Error(u16),
}

/// Fingerprints of everything that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageInputs {
    /// Everything except the related articles.
    pub own: u64,
    /// The related articles.
    pub related: u64,
}

/// A page with what it was rendered from.
#[derive(Debug)]
pub struct CachedPage {
    pub(crate) page: Arc<Page>,
    pub(crate) inputs: PageInputs,
    /// The last snapshot for which the inputs were compared.
    pub(crate) checked: AtomicU64,
}

impl CachedPage {
    pub(crate) fn new(page: Page, inputs: PageInputs, snapshot: u64) -> Self {
        Self { page: Arc::new(page), inputs, checked: AtomicU64::new(snapshot) }
    }

    /// Whether the page was compared with the inputs of this snapshot before.
    pub(crate) fn is_checked_for(&self, snapshot: u64) -> bool {
        self.checked.load(Ordering::Relaxed) == snapshot
    }
}

/// Counts of requests for pages since the start, for metrics.
#[derive(Debug, Default)]
pub struct PageCacheCounts {
    /// Pages that were ready.
    pub hits: AtomicU64,
    /// Pages that were rendered.
    pub misses: AtomicU64,
    /// Pages that were compared after a change.
    pub checks: AtomicU64,
}

/// The pages of all snapshots. Its capacity is in bytes.
#[derive(Debug)]
pub struct PageCache {
    pub(crate) pages: Cache<(PageKey, Encoding), Arc<CachedPage>, foldhash::fast::RandomState>,
    pub(crate) common: CommonParts,
    /// How often a page was ready.
    pub counts: PageCacheCounts,
}

impl PageCache {
    /// An empty cache that keeps up to `capacity` bytes of pages.
    pub fn new(capacity: u64) -> Self {
        let weigh = |_: &(PageKey, Encoding), cached: &Arc<CachedPage>| {
            u32::try_from(cached.page.weight()).unwrap_or(u32::MAX)
        };
        Self {
            pages: Cache::builder()
                .max_capacity(capacity)
                .weigher(weigh)
                .build_with_hasher(foldhash::fast::RandomState::default()),
            common: CommonParts::default(),
            counts: PageCacheCounts::default(),
        }
    }
}

/// The keys of the hash are random, so that nobody can write articles whose fingerprints collide.
static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Returns a hash of a value's serialized form. It is comparable within this process only.
pub(crate) fn fingerprint<T: Serialize + ?Sized>(value: &T) -> u64 {
    let mut hash = HashWriter(STATE.build_hasher());
    match serde_json::to_writer(&mut hash, value) {
        Ok(()) => hash.0.finish(),
        // What cannot be serialized cannot be rendered either; it never equals anything.
        Err(_) => UNIQUE.fetch_add(1, Ordering::Relaxed),
    }
}

static UNIQUE: AtomicU64 = AtomicU64::new(0);

struct HashWriter<H>(H);

impl<H: Hasher> io::Write for HashWriter<H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_fingerprints_and_others_do_not() {
        assert_eq!(fingerprint(&("a", 1)), fingerprint(&("a", 1)));
        assert_ne!(fingerprint(&("a", 1)), fingerprint(&("a", 2)));
        assert_ne!(fingerprint(&("ab", "c")), fingerprint(&("a", "bc")));
    }
}
