//! The live search index: kept up to date with the database, searched by readers and staff.
//!
//! Readers search what everybody may see of an article: headline, deck, names and the teaser. Locked text is
//! not in what they search, because a search for any words would reveal any text.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{Piece, Status, teaser, text};
use masthead_search::{
    Checkpoint, Index, IndexChange, IndexedText, ResultRange, SearchError, SearchResults,
    SearchScope,
};
use masthead_store::{Listed, Store, StoreError};
use masthead_telemetry::metrics;
use parking_lot::RwLock;
use tokio::sync::Semaphore;

use crate::{blocking::run_blocking, live::Live, publication::Publication};

/// Pieces that are read whole from the database at once.
const BATCH: u64 = 200;
/// Searches at once, so that a flood of searches leaves processor time to articles.
const CONCURRENT_SEARCHES: usize = 2;

/// Why the index is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The index fails.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// See the module's documentation.
pub struct SearchIndex {
    live: Arc<Live>,
    store: Store,
    /// Where the index is kept; without it nothing can be searched.
    directory: Option<PathBuf>,
    /// The index that is searched, with the settings that it was made for.
    current: RwLock<Option<(String, Arc<Index>)>>,
    searches: Semaphore,
}

impl SearchIndex {
    /// An index in `directory`. Nothing is found before the first [`refresh`](Self::refresh).
    pub fn new(live: Arc<Live>, store: Store, directory: Option<PathBuf>) -> Self {
        let searches = Semaphore::new(CONCURRENT_SEARCHES);
        Self { live, store, directory, current: RwLock::default(), searches }
    }

    /// Finds what has these words; `range` is the number of hits to skip and the number to return.
    /// Returns `None` if there is no index yet.
    pub async fn find(
        &self,
        words: &str,
        scope: SearchScope,
        range: ResultRange,
    ) -> Option<SearchResults> {
        let index = self.current.read().as_ref().map(|(_, index)| Arc::clone(index))?;
        let _turn = self.searches.acquire().await.ok()?;
        let (words, now) = (words.to_owned(), self.live.now());
        let found =
            tokio::task::spawn_blocking(move || index.find(&words, scope, range, now)).await;
        match found {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::error!(%error, "search: query failed");
                None
            }
            Err(_) => None,
        }
    }

    /// Returns published articles with these words anywhere in them, best first, for staff.
    pub async fn find_for_staff(&self, words: &str, most: usize) -> Vec<ArticleId> {
        let found = self
            .find(words, SearchScope::Full, ResultRange { offset: 0, limit: most })
            .await
            .unwrap_or_default();
        found.hits.into_iter().map(|hit| hit.id).collect()
    }

    /// Brings the index up to date with the database.
    pub async fn refresh(&self) -> Result<(), IndexError> {
        let Some(directory) = self.directory.clone() else { return Ok(()) };
        let publication = Arc::clone(&self.live.snapshot().publication);
        let (of, index) = self.index_of(&directory, &publication).await?;
        let latest = self.store.revision().await?;
        loop {
            let Checkpoint { revision, last } = index.checkpoint()?;
            record_lag(latest - revision);
            if revision >= latest && last.is_none() {
                index.reload()?;
                break;
            }
            let batch = self.store.whole_changes_since(revision, last, BATCH).await?;
            let then = batch.last().map_or(Checkpoint { revision: latest, last: None }, |listed| {
                Checkpoint { revision: listed.revision, last: Some(listed.id) }
            });
            let (index, publication) = (Arc::clone(&index), Arc::clone(&publication));
            let applied = run_blocking(move || {
                let changes = batch.into_iter().map(|listed| change(listed, &publication));
                index.apply(changes.collect(), then)
            });
            let Some(is_mine) = applied.await else { return Ok(()) };
            if !is_mine? {
                break;
            }
        }
        // Searched only once complete.
        *self.current.write() = Some((of, index));
        Ok(())
    }

    /// The index of the publication as it is now. Another teaser or language makes another index.
    async fn index_of(
        &self,
        directory: &Path,
        publication: &Publication,
    ) -> Result<(String, Arc<Index>), SearchError> {
        let teaser = publication.teaser.to_string();
        let language = publication.locale.language().to_owned();
        let of = format!("{language} {teaser}");
        if let Some((kept, index)) = &*self.current.read()
            && *kept == of
        {
            return Ok((of, Arc::clone(index)));
        }
        self.current.write().take();
        let directory: PathBuf = directory.to_owned();
        let opened =
            tokio::task::spawn_blocking(move || Index::open(&directory, &language, &teaser));
        let index = match opened.await {
            Ok(index) => Arc::new(index?),
            Err(error) => return Err(SearchError::Interrupted(error.to_string())),
        };
        Ok((of, index))
    }
}

#[expect(clippy::cast_precision_loss, reason = "revisions are exact in an f64")]
fn record_lag(revisions: i64) {
    metrics().search_lag.set(revisions.max(0) as f64);
}

/// Returns the change of the index for a piece. A scheduled piece is in the index and shown when it is out.
fn change(listed: Listed, publication: &Publication) -> IndexChange {
    let Listed { id, piece, .. } = listed;
    match piece.published {
        Some(published) if piece.status == Status::Published => {
            IndexChange::Upsert(id, Box::new(words_of(&piece, published, publication)))
        }
        Some(_) | None => IndexChange::Remove(id),
    }
}

fn words_of(piece: &Piece, published: Timestamp, publication: &Publication) -> IndexedText {
    let authors = piece.authors.iter().map(|author| author.name.as_str());
    let topics = piece.topics.iter().map(|topic| topic.name.as_str());
    let section = piece.section.iter().map(|section| section.name.as_str());
    // Rules can change an article's tier by the hour, so every article is searched as if it were locked.
    let teaser = text::plain(&teaser::teaser(&piece.body, publication.teaser));
    IndexedText {
        headline: [piece.kicker.as_str(), piece.headline.as_str()].join(" "),
        names: authors.chain(topics).chain(section).collect::<Vec<_>>().join(" "),
        public: [piece.deck.as_str(), teaser.trim()].join("\n").trim().to_owned(),
        full: text::plain(&piece.body),
        published,
    }
}
