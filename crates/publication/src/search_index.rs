//! The live search index: kept up to date with the database, searched by readers and staff.
//!
//! Readers search the full text of the articles that they may open without spending a read, and what everybody may see of
//! the others: headline, deck, names and the teaser. Locked text is not in what they search, because a search for any words
//! would reveal any text. How long an answer takes says nothing of it either, see `ANSWER_STEP`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{Piece, Status, teaser, text};
pub use masthead_search::IndexContents;
use masthead_search::{
    Checkpoint, Index, IndexChange, IndexedText, ResultOrder, ResultRange, SearchError,
    SearchRequest, SearchResults, SearchScope,
};
use masthead_store::{Store, StoreError, StoredPiece};
use masthead_telemetry::metrics;
use parking_lot::RwLock;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

use crate::{
    blocking::run_blocking,
    live::Live,
    publication::Publication,
    search_scope::{ArticleFilter, ReaderAccess, scope},
    snapshot::SiteSnapshot,
};

/// Pieces that are read whole from the database at once.
const BATCH: u64 = 200;
/// Pieces of changed authors that are indexed again at once.
const RENAMED_BATCH: usize = 200;
/// Searches at once, so that a flood of searches leaves processor time to articles.
const CONCURRENT_SEARCHES: usize = 2;
/// Readers get answers at multiples of this after they have asked. Most searches take less, so that nobody can tell from
/// the time of an answer whether the words are in articles that they cannot open.
const ANSWER_STEP: Duration = Duration::from_millis(20);

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
    /// Whether it had everything when it was last brought up to date.
    is_current: AtomicBool,
}

impl SearchIndex {
    /// An index in `directory`. Nothing is found before the first [`refresh`](Self::refresh).
    pub fn new(live: Arc<Live>, store: Store, directory: Option<PathBuf>) -> Self {
        let searches = Semaphore::new(CONCURRENT_SEARCHES);
        let (current, is_current) = (RwLock::default(), AtomicBool::new(false));
        Self { live, store, directory, current, searches, is_current }
    }

    /// Whether the index had everything when it was last brought up to date. Otherwise another process writes it, and does
    /// not say when it is done.
    pub fn is_current(&self) -> bool {
        self.is_current.load(Ordering::Relaxed)
    }

    /// Finds articles that `snapshot` has published and `filter` admits, for a reader with this access. Returns `None` if
    /// there is no index yet.
    pub async fn find_for_readers(
        &self,
        request: SearchRequest,
        filter: ArticleFilter,
        access: ReaderAccess,
        snapshot: &SiteSnapshot,
    ) -> Option<SearchResults> {
        let asked = Instant::now();
        let edition = Arc::clone(&snapshot.edition);
        let scope = scope(edition, filter, access, self.live.now());
        let found = self.find(request, scope).await;
        sleep_until(next_step(asked, Instant::now())).await;
        found
    }

    async fn find(&self, request: SearchRequest, scope: SearchScope) -> Option<SearchResults> {
        let index = self.current.read().as_ref().map(|(_, index)| Arc::clone(index))?;
        let _turn = self.searches.acquire().await.ok()?;
        let now = self.live.now();
        let found = tokio::task::spawn_blocking(move || index.find(&request, &scope, now)).await;
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
        let range = ResultRange { offset: 0, limit: most };
        let request =
            SearchRequest { words: words.to_owned(), order: ResultOrder::BestFirst, range };
        let found = self.find(request, SearchScope::Everything).await.unwrap_or_default();
        found.hits.into_iter().map(|hit| hit.id).collect()
    }

    /// Brings the index up to date with the database.
    pub async fn refresh(&self) -> Result<(), IndexError> {
        let Some(directory) = self.directory.clone() else { return Ok(()) };
        let publication = Arc::clone(&self.live.snapshot().publication);
        let (identity, mut latest) = self.store.identity_and_revision().await?;
        let (of, index) = self.index_of(&directory, &publication, &identity).await?;
        let mut known = index.checkpoint()?;
        if known.revision > latest {
            // Another server that writes this index may have been quicker.
            latest = self.store.revision().await?;
        }
        if known.revision > latest {
            // An older backup of this database was restored.
            tracing::warn!(
                index = known.revision,
                database = latest,
                "search: index is newer than the database, rebuilding it"
            );
            self.current.write().take();
            self.is_current.store(false, Ordering::Relaxed);
            if !index.clear()? {
                return Ok(());
            }
            known = Checkpoint::default();
        }
        if known.revision < latest || known.last.is_some() {
            let authors = self.store.authors_since(-1).await?;
            let authors = authors.into_iter().map(|author| (author.slug, author.name)).collect();
            let texts = Arc::new(TextSources { publication, authors });
            self.index_renamed(&index, &texts, known).await?;
            self.index_changes(&index, &texts, latest).await?;
            known = index.checkpoint()?;
        }
        index.reload()?;
        let is_current = known.revision >= latest && known.last.is_none();
        self.is_current.store(is_current, Ordering::Relaxed);
        // Searched only once complete.
        *self.current.write() = Some((of, index));
        Ok(())
    }

    /// Indexes pieces again whose authors were changed since `known`: their names are in it.
    async fn index_renamed(
        &self,
        index: &Arc<Index>,
        texts: &Arc<TextSources>,
        known: Checkpoint,
    ) -> Result<(), IndexError> {
        if known == Checkpoint::default() {
            return Ok(());
        }
        let changed = self.store.authors_since(known.revision).await?;
        let changed: Vec<String> = changed.into_iter().map(|author| author.slug).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let snapshot = self.live.snapshot();
        let pieces = snapshot.edition.pieces_by(&changed).map(|entry| entry.id);
        for ids in pieces.collect::<Vec<_>>().chunks(RENAMED_BATCH) {
            let mut batch = Vec::with_capacity(ids.len());
            for id in ids {
                batch.extend(self.store.whole_piece(*id).await?);
            }
            if !apply(index, texts, batch, known).await? {
                break;
            }
        }
        Ok(())
    }

    /// Indexes what was written since the index was brought up to date.
    async fn index_changes(
        &self,
        index: &Arc<Index>,
        texts: &Arc<TextSources>,
        latest: i64,
    ) -> Result<(), IndexError> {
        loop {
            let Checkpoint { revision, last } = index.checkpoint()?;
            record_lag(latest - revision);
            if revision >= latest && last.is_none() {
                return Ok(());
            }
            let batch = self.store.whole_changes_since(revision, last, BATCH).await?;
            let then = batch.last().map_or(Checkpoint { revision: latest, last: None }, |listed| {
                Checkpoint { revision: listed.revision, last: Some(listed.id) }
            });
            if !apply(index, texts, batch, then).await? {
                return Ok(());
            }
        }
    }

    /// The index of the publication as it is now. Another teaser or language makes another index, and so does another
    /// database.
    async fn index_of(
        &self,
        directory: &Path,
        publication: &Publication,
        identity: &str,
    ) -> Result<(String, Arc<Index>), IndexError> {
        let source = format!("{} {identity}", publication.teaser);
        let language = publication.locale.language().to_owned();
        let of = format!("{language} {source}");
        if let Some((kept, index)) = &*self.current.read()
            && *kept == of
        {
            return Ok((of, Arc::clone(index)));
        }
        self.current.write().take();
        let directory: PathBuf = directory.to_owned();
        let opened =
            tokio::task::spawn_blocking(move || Index::open(&directory, &language, &source));
        let index = match opened.await {
            Ok(index) => Arc::new(index?),
            Err(error) => return Err(SearchError::Interrupted(error.to_string()).into()),
        };
        Ok((of, index))
    }
}

/// What the indexed texts of a piece are made with besides the piece.
struct TextSources {
    publication: Arc<Publication>,
    /// The present names of authors, by slug. A piece has the names that they had when it was written.
    authors: HashMap<String, String>,
}

/// Writes pieces to the index. Returns `false` if another process writes to it, or the server stops.
async fn apply(
    index: &Arc<Index>,
    texts: &Arc<TextSources>,
    batch: Vec<StoredPiece>,
    then: Checkpoint,
) -> Result<bool, IndexError> {
    let (index, texts) = (Arc::clone(index), Arc::clone(texts));
    let applied = run_blocking(move || {
        let changes = batch.into_iter().map(|listed| change(listed, &texts));
        index.apply(changes.collect(), then)
    });
    Ok(applied.await.transpose()?.unwrap_or(false))
}

/// Returns the first multiple of [`ANSWER_STEP`] after `asked` that is not before `now`.
fn next_step(asked: Instant, now: Instant) -> Instant {
    let steps = (now - asked).as_micros().div_ceil(ANSWER_STEP.as_micros()).max(1);
    asked + ANSWER_STEP * u32::try_from(steps).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "revisions are exact in an f64")]
fn record_lag(revisions: i64) {
    metrics().search_lag.set(revisions.max(0) as f64);
}

/// Returns the change of the index for a piece. A scheduled piece is in the index for staff, and from its time on for
/// readers.
fn change(listed: StoredPiece, texts: &TextSources) -> IndexChange {
    let StoredPiece { id, piece, revision, posts, .. } = listed;
    match piece.published {
        Some(published) if piece.status == Status::Published => {
            let mut words = words_of(&piece, (published, revision), texts);
            for post in posts {
                words.full += &format!("\n{}\n{}", post.headline, text::plain(&post.body));
            }
            IndexChange::Upsert(id, Box::new(words))
        }
        Some(_) | None => IndexChange::Remove(id),
    }
}

fn words_of(
    piece: &Piece,
    (published, revision): (Timestamp, i64),
    texts: &TextSources,
) -> IndexedText {
    let authors = piece
        .authors
        .iter()
        .map(|author| texts.authors.get(&author.slug).map_or(author.name.as_str(), String::as_str));
    let topics = piece.topics.iter().map(|topic| topic.name.as_str());
    let section = piece.section.iter().map(|section| section.name.as_str());
    // Rules can change an article's tier by the hour, so the index does not have it.
    let teaser = text::plain(&teaser::teaser(&piece.body, texts.publication.teaser));
    IndexedText {
        headline: [piece.kicker.as_str(), piece.headline.as_str()].join(" "),
        names: authors.chain(topics).chain(section).collect::<Vec<_>>().join(" "),
        public: [piece.deck.as_str(), teaser.trim()].join("\n").trim().to_owned(),
        full: text::plain(&piece.body),
        published,
        revision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_at_multiples_of_a_step() {
        let asked = Instant::now();
        for (took, answered) in [(0, 20), (1, 20), (19, 20), (20, 20), (21, 40), (95, 100)] {
            let answered = asked + Duration::from_millis(answered);
            assert_eq!(next_step(asked, asked + Duration::from_millis(took)), answered, "{took}");
        }
    }
}
