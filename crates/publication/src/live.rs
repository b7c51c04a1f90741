//! What is in force: one owner, and one method to change it.

use std::{path::PathBuf, sync::Arc};

use arc_swap::{ArcSwap, Guard};
use jiff::{Timestamp, ToSpan};
use masthead_access::ArticleId;
use masthead_store::{Store, StoreError};
use tokio::sync::Mutex;

use crate::{
    blocking::run_blocking,
    edition::Edition,
    page_cache::PageCache,
    publication::Publication,
    snapshot::{SiteSnapshot, SnapshotParts},
    theme::{Theme, ThemeError},
};

/// Pieces read from the database at once.
const BATCH: u64 = 2000;
/// Days before today that count for the most-read list, so that it is not empty at midnight.
const MOST_READ_DAYS: i32 = 1;
/// Length of the most-read list: enough for every block on a front even if some are withdrawn.
const MOST_READ: u64 = 40;

/// Returns the current time. Tests and the demo have clocks of their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Why the live state cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The theme is broken.
    #[error("the theme is broken: {0}")]
    Theme(#[from] ThemeError),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The live state of a publication on this server.
///
/// The only way to change what is in force is [`Live::update`]: changes happen one after another, each
/// starting from the result of the one before. A change that needs to know something from outside, such
/// as the database, reads it inside the update, so that no older state can replace a newer one.
pub struct Live {
    store: Store,
    clock: Clock,
    /// The folder of the publisher's own theme.
    theme: Option<PathBuf>,
    pages: Arc<PageCache>,
    snapshot: ArcSwap<SiteSnapshot>,
    updating: Mutex<()>,
}

impl Live {
    /// The live state of a publication with everything that is published. Ready pages take up to
    /// `page_cache` bytes.
    pub async fn open(
        publication: Publication,
        store: Store,
        theme: Option<PathBuf>,
        page_cache: u64,
        clock: Clock,
    ) -> Result<Arc<Self>, LiveError> {
        let loaded = load_theme(theme.as_ref(), &publication)?;
        let parts = SnapshotParts {
            publication: Arc::new(publication),
            theme: Arc::new(loaded),
            edition: Arc::default(),
            most_read: Arc::default(),
            sold_out: Arc::default(),
        };
        let pages = Arc::new(PageCache::new(page_cache));
        let first = SiteSnapshot::new(parts, clock(), Arc::clone(&pages));
        first.check_theme()?;
        let snapshot = ArcSwap::from_pointee(first);
        let updating = Mutex::default();
        let live = Arc::new(Self { store, clock, theme, pages, snapshot, updating });
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
        self.snapshot.store(Arc::new(current.next(parts, self.now())));
        Ok(true)
    }

    /// Brings what is in force up to date with the content of the database and the clock. Returns
    /// whether there is a new snapshot.
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        self.update(async |current| {
            let now = self.now();
            let known = current.edition.known();
            let latest = self.store.revision().await?;
            let due = current.edition.next_due().is_some_and(|due| due <= now);
            let day = now.to_zoned_datetime(current.publication.policy.zone.clone()).date();
            if latest <= known.0 && !due && day == current.day() {
                let changed = current.next_tier_change().is_some_and(|change| change <= now);
                return Ok(changed.then(|| current.parts()));
            }
            let edition = self.next_edition(&current.edition, latest, now).await?;
            Ok(edition.map(|edition| SnapshotParts { edition, ..current.parts() }))
        })
        .await
    }

    async fn next_edition(
        &self,
        edition: &Edition,
        latest: i64,
        now: Timestamp,
    ) -> Result<Option<Arc<Edition>>, StoreError> {
        let known = edition.known();
        let mut draft = edition.draft();
        loop {
            let (revision, last) = draft.known();
            let batch = self.store.changes_since(revision, last, BATCH).await?;
            if batch.is_empty() {
                break;
            }
            draft.add(batch);
        }
        // After the pieces: everyone that they name is then among the authors.
        let authors = self.store.authors_since(known.0).await?;
        let next = run_blocking(move || draft.lay_out(latest, authors, now)).await;
        Ok(next.map(Arc::new))
    }

    /// Puts the settings that `load` returns in force, and with them the theme. `load` runs while no
    /// other change can happen, and reads what is stored then. If it or the theme fails, what is in
    /// force stays.
    pub async fn update_settings<E: From<ThemeError>>(
        &self,
        load: impl AsyncFnOnce(&SiteSnapshot) -> Result<Publication, E>,
    ) -> Result<(), E> {
        self.update(async |current| {
            let publication = load(current).await?;
            let (folder, current) = (self.theme.clone(), Arc::clone(current));
            let now = self.now();
            let checked = tokio::task::spawn_blocking(move || {
                let theme = Arc::new(load_theme(folder.as_ref(), &publication)?);
                let parts =
                    SnapshotParts { publication: Arc::new(publication), theme, ..current.parts() };
                current.next(parts.clone(), now).check_theme()?;
                Ok::<_, ThemeError>(parts)
            });
            match checked.await {
                Ok(parts) => Ok(Some(parts?)),
                Err(error) => Err(ThemeError::Interrupted(error.to_string()).into()),
            }
        })
        .await
        .map(|_| ())
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

    /// Takes offers that have reached their limit in number off all pages.
    pub async fn set_sold_out(&self, offers: Vec<String>) {
        let set = self.update(async |current| {
            let changed = current.sold_out_offers() != offers;
            let sold_out = Arc::new(offers);
            Ok::<_, std::convert::Infallible>(
                changed.then(|| SnapshotParts { sold_out, ..current.parts() }),
            )
        });
        let Ok(_) = set.await;
    }
}

fn load_theme(folder: Option<&PathBuf>, publication: &Publication) -> Result<Theme, ThemeError> {
    let language = publication.locale.language();
    Theme::load(folder.map(PathBuf::as_path), language, &publication.sections)
}
