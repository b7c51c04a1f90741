//! What is in force: one owner, and one method to change it.

use std::{convert::Infallible, sync::Arc};

use arc_swap::{ArcSwap, Guard};
use jiff::{Timestamp, ToSpan};
use masthead_access::ArticleId;
use masthead_editorial::Author;
use masthead_store::{Store, StoreError};
use tokio::sync::{Mutex, watch};

use crate::{
    blocking::run_blocking,
    edition::Edition,
    page_cache::PageCache,
    settings::StartSettings,
    snapshot::{SiteSnapshot, SnapshotParts},
    strips::StripReadings,
};

/// Pieces read from the database at once.
const BATCH: u64 = 2000;
/// Days before today that count for the most-read list, so that it is not empty at midnight.
const MOST_READ_DAYS: i32 = 1;
/// Length of the most-read list: enough for every block on a front even if some are withdrawn.
const MOST_READ: u64 = 40;

/// Returns the current time. Tests and the demo have clocks of their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The live state of a publication on this server.
///
/// The only way to change what is in force is [`Live::update`]: changes happen one after another, each
/// starting from the result of the one before. A change that needs to know something from outside, such
/// as the database, reads it inside the update, so that no older state can replace a newer one.
pub struct Live {
    store: Store,
    clock: Clock,
    pages: Arc<PageCache>,
    snapshot: ArcSwap<SiteSnapshot>,
    updating: Mutex<()>,
    /// Notified of every new snapshot.
    changes: watch::Sender<()>,
}

impl Live {
    /// The live state of a publication with everything that is published. Ready pages take up to
    /// `page_cache` bytes.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn open(
        start: StartSettings,
        store: Store,
        page_cache: u64,
        clock: Clock,
    ) -> Result<Arc<Self>, StoreError> {
        store.fold_addresses(start.publication.addresses.are_folded);
        let parts = SnapshotParts::new(start.publication, start.theme);
        let pages = Arc::new(PageCache::new(page_cache));
        let first = SiteSnapshot::new(parts, clock(), Arc::clone(&pages));
        let (snapshot, updating) = (ArcSwap::from_pointee(first), Mutex::default());
        let (changes, _) = watch::channel(());
        let live = Arc::new(Self { store, clock, pages, snapshot, updating, changes });
        live.refresh().await?;
        live.refresh_most_read().await?;
        Ok(live)
    }

    /// Returns what is in force.
    pub fn snapshot(&self) -> Arc<SiteSnapshot> {
        self.snapshot.load_full()
    }

    /// Returns what is in force for a moment, without counting another owner.
    pub fn peek(&self) -> Guard<Arc<SiteSnapshot>> {
        self.snapshot.load()
    }

    /// Returns what is notified of every snapshot from now on.
    pub fn new_snapshots(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Returns the current time of the publication.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Returns the cache of ready pages.
    pub fn pages(&self) -> &PageCache {
        &self.pages
    }

    /// Changes what is in force. `change` gets the current snapshot and returns the parts of the next
    /// one, or `None` if nothing changes. Returns whether there is a new snapshot.
    pub async fn update<E>(
        &self,
        change: impl AsyncFnOnce(&Arc<SiteSnapshot>) -> Result<Option<SnapshotParts>, E>,
    ) -> Result<bool, E> {
        let _turn = self.updating.lock().await;
        let current = self.snapshot();
        let Some(parts) = change(&current).await? else { return Ok(false) };
        let next = current.next(parts, self.now());
        self.store.fold_addresses(next.publication.addresses.are_folded);
        self.snapshot.store(Arc::new(next));
        self.changes.send_replace(());
        Ok(true)
    }

    /// Brings what is in force up to date with the content of the database and the clock. Returns
    /// whether there is a new snapshot.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails. What is due by the clock is in force all the same.
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        let advanced = self.advance().await;
        let refreshed = self
            .update(async |current| {
                let known = current.edition.known();
                let latest = self.store.revision().await?;
                if latest <= known.0 {
                    return Ok::<_, StoreError>(None);
                }
                let Some(mut draft) = self.changed_pieces(&current.edition).await? else {
                    return Ok(None);
                };
                // After the pieces: everyone that they name is then among the authors.
                let authors = self.store.authors_since(known.0).await?;
                draft.describe_topics(self.store.topics_since(known.0).await?);
                draft.replace_pictures(self.store.replaced_pictures_since(known.0).await?);
                draft.update_redirects(self.store.redirects_since(known.0).await?);
                Ok(self.with_edition(current, draft, latest, authors).await)
            })
            .await?;
        Ok(advanced || refreshed)
    }

    /// Puts in force what is due by the clock: a scheduled piece, another day, another tier of an article, the end of
    /// breaking news, or strips that become stale. It needs no database. Returns whether there is a new snapshot.
    pub async fn advance(&self) -> bool {
        let advanced = self
            .update(async |current| {
                let now = self.now();
                let is_due = current.edition.next_due().is_some_and(|due| due <= now);
                let day = now.to_zoned_datetime(current.publication.policy.zone.clone()).date();
                if !is_due && day == current.day() {
                    let ends =
                        [current.next_tier_change(), current.breaking_ends(), current.strip_ends()];
                    let changes = ends.into_iter().flatten().any(|change| change <= now);
                    return Ok::<_, Infallible>(changes.then(|| current.parts()));
                }
                let (draft, known) = (current.edition.draft(), current.edition.known().0);
                Ok(self.with_edition(current, draft, known, Vec::new()).await)
            })
            .await;
        let Ok(advanced) = advanced;
        advanced
    }

    /// Returns a draft of an edition with everything that was written since; `None` if the server stops. While one batch is
    /// added, the next one is read.
    async fn changed_pieces(&self, edition: &Edition) -> Result<Option<Edition>, StoreError> {
        let mut draft = edition.draft();
        // Before the pieces: those that are read afterwards have these names, or are read again.
        let retired = self.store.retired_names().await?;
        let renaming = run_blocking(move || {
            draft.retire_names(retired);
            draft
        });
        let Some(mut draft) = renaming.await else { return Ok(None) };
        let ((revision, last), now) = (draft.known(), self.now());
        let mut batch = self.store.changes_since(revision, last, BATCH).await?;
        while let Some((revision, last)) = batch.last().map(|piece| (piece.revision, piece.id)) {
            let adding = run_blocking(move || {
                draft.add(batch, now);
                draft
            });
            let next = self.store.changes_since(revision, Some(last), BATCH);
            let (added, next) = tokio::join!(adding, next);
            let Some(added) = added else { return Ok(None) };
            (draft, batch) = (added, next?);
        }
        Ok(Some(draft))
    }

    /// Returns the parts of the next snapshot with a draft laid out for now; `None` if the server stops.
    async fn with_edition(
        &self,
        current: &SiteSnapshot,
        draft: Edition,
        latest: i64,
        authors: Vec<Author>,
    ) -> Option<SnapshotParts> {
        let now = self.now();
        let edition = run_blocking(move || draft.lay_out(latest, authors, now)).await?;
        Some(SnapshotParts { edition: Arc::new(edition), ..current.parts() })
    }

    /// Brings the most-read list up to date. Returns whether it has changed.
    pub async fn refresh_most_read(&self) -> Result<bool, StoreError> {
        self.update(async |current| {
            let day = current.day();
            let from = day.checked_sub(MOST_READ_DAYS.days()).unwrap_or(day);
            let most_read: Vec<ArticleId> = self.store.most_read(&(from..=day), MOST_READ).await?;
            let changed = *current.most_read != most_read;
            let most_read = Arc::new(most_read);
            Ok(changed.then(|| SnapshotParts { most_read, ..current.parts() }))
        })
        .await
    }

    /// Shows what the sources of strips have said last.
    pub async fn set_strip_readings(&self, readings: StripReadings) {
        let set = self.update(async |current| {
            let changed = *current.strip_readings() != readings;
            let strips = Arc::new(readings);
            Ok::<_, Infallible>(changed.then(|| SnapshotParts { strips, ..current.parts() }))
        });
        let Ok(_) = set.await;
    }

    /// Takes offers that have reached their limit in number off all pages.
    pub async fn set_sold_out(&self, offers: Vec<String>) {
        let set = self.update(async |current| {
            let changed = current.sold_out_offers() != offers;
            let sold_out = Arc::new(offers);
            Ok::<_, Infallible>(changed.then(|| SnapshotParts { sold_out, ..current.parts() }))
        });
        let Ok(_) = set.await;
    }
}
