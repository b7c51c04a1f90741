//! Search: the page that finds articles, and the index that it asks.
//!
//! Readers search what everybody may see of an article: headline, deck, names, and the teaser. What stands behind a
//! wall is not in what they search, for whoever may ask for any words can find out any text.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_editorial::{Piece, Status, teaser, text};
use masthead_search::{Change, Found, Hit, Index, SearchError, Text, Who};
use masthead_store::{Listed, StoreError};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::{
    compression::Encoding,
    contexts::{HitContext, PassageContext, SearchContext},
    page::Page,
    publication::Publication,
    response,
    site::Site,
    snapshot::SiteSnapshot,
    theme::Template,
};

/// How soon what was published is found.
const PERIOD: Duration = Duration::from_secs(1);
/// Pieces that are read whole from the database at once.
const BATCH: u64 = 200;
/// Articles on one page of what was found.
const PER_PAGE: usize = 20;
/// Pages that can be leafed through: whoever needs more asks more precisely.
const MOST_PAGES: usize = 10;

/// Searches at once: whoever floods the page waits for themselves, and leaves the articles their processor.
static SEATS: Semaphore = Semaphore::const_new(2);

/// Why the index is not up to date.
#[derive(Debug, thiserror::Error)]
enum Behind {
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The index, and what it is of.
#[derive(Default)]
pub(crate) struct SearchIndex {
    kept: parking_lot::RwLock<Option<(String, Arc<Index>)>>,
}

impl SearchIndex {
    fn index(&self) -> Option<Arc<Index>> {
        self.kept.read().as_ref().map(|(_, index)| Arc::clone(index))
    }
}

/// The addresses of search.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/search", get(page))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    page: String,
}

async fn page(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let number = asked.page.parse().unwrap_or(1).clamp(1, MOST_PAGES);
    let snapshot = site.snapshot();
    let words = asked.q.trim().to_owned();
    let found = site.found(&words, Who::Readers, ((number - 1) * PER_PAGE, PER_PAGE)).await;
    let is_ready = words.is_empty() || found.is_some();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let context = snapshot.search_context(&words, found, number, (site.clock)());
    let html = match snapshot.theme.render(Template::Search, &context) {
        Ok(html) => html,
        Err(error) => return site.failed(&error.into(), &headers).await,
    };
    let encoding = Encoding::accepted(&headers);
    let whole = Page::new(&html, encoding, &snapshot.common).assemble(|_| None);
    let cookie = site.anonymous_meter.refresh_cookie(&headers);
    let mut answer = response::page(status, whole, encoding, &headers, cookie);
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    answer
}

impl Site {
    /// What has these words, from the first so many on; none where there is no index yet.
    pub(crate) async fn found(
        &self,
        words: &str,
        who: Who,
        range: (usize, usize),
    ) -> Option<Found> {
        let index = self.search_index.index()?;
        let _turn = SEATS.acquire().await.ok()?;
        let (words, now) = (words.to_owned(), (self.clock)());
        let found = tokio::task::spawn_blocking(move || index.find(&words, who, range, now)).await;
        match found {
            Ok(Ok(found)) => Some(found),
            Ok(Err(error)) => {
                tracing::error!(%error, "nothing can be found");
                None
            }
            Err(_) => None,
        }
    }

    /// Articles that readers have with these words anywhere in them, for those who write; the best first.
    pub async fn written_with(&self, words: &str, most: usize) -> Vec<ArticleId> {
        let found = self.found(words, Who::Staff, (0, most)).await.unwrap_or_default();
        found.hits.into_iter().map(|hit| hit.id).collect()
    }

    /// Brings the index up to date with the database.
    pub async fn index(&self) {
        if let Err(error) = self.catch_up_index().await {
            tracing::error!(%error, "what was published cannot be found by its words");
        }
    }

    async fn catch_up_index(&self) -> Result<(), Behind> {
        let Some(directory) = self.settings.search.clone() else { return Ok(()) };
        let publication = Arc::clone(&self.snapshot().publication);
        let (of, index) = self.index_of(&directory, &publication).await?;
        let latest = self.store.revision().await?;
        loop {
            let known = index.known()?;
            if known.0 >= latest && known.1.is_none() {
                index.settle()?;
                break;
            }
            let batch = self.store.whole_changes_since(known.0, known.1, BATCH).await?;
            let then = batch.last().map_or((latest, None), |last| (last.revision, Some(last.id)));
            let (index, publication) = (Arc::clone(&index), Arc::clone(&publication));
            let kept = tokio::task::spawn_blocking(move || {
                let changes = batch.into_iter().map(|listed| change(listed, &publication));
                index.keep(changes.collect(), then)
            });
            let Ok(kept) = kept.await else { return Ok(()) };
            let is_mine = kept?;
            if !is_mine {
                break;
            }
        }
        // Nobody searches in a half of it.
        *self.search_index.kept.write() = Some((of, index));
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
        if let Some((kept, index)) = &*self.search_index.kept.read()
            && *kept == of
        {
            return Ok((of, Arc::clone(index)));
        }
        self.search_index.kept.write().take();
        let directory: PathBuf = directory.to_owned();
        let opened =
            tokio::task::spawn_blocking(move || Index::open(&directory, &language, &teaser));
        let index = match opened.await {
            Ok(index) => Arc::new(index?),
            Err(error) => return Err(SearchError::Interrupted(error.to_string())),
        };
        Ok((of, index))
    }

    /// Keeps the index up to date, for as long as it is awaited.
    pub async fn keep_index(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tick.tick().await;
            match self.catch_up_index().await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(%error, "what was published cannot be found by its words");
                }
                Err(_) => {}
            }
        }
    }
}

/// What becomes of a piece in the index. One that is scheduled is in it, and shown when it is out.
fn change(listed: Listed, publication: &Publication) -> Change {
    let Listed { id, piece, .. } = listed;
    match piece.published {
        Some(published) if piece.status == Status::Published => {
            Change::In(id, Box::new(words_of(&piece, published, publication)))
        }
        Some(_) | None => Change::Out(id),
    }
}

fn words_of(piece: &Piece, published: Timestamp, publication: &Publication) -> Text {
    let authors = piece.authors.iter().map(|author| author.name.as_str());
    let topics = piece.topics.iter().map(|topic| topic.name.as_str());
    let section = piece.section.iter().map(|section| section.name.as_str());
    // What the rules say of an article may change by the hour, so of none more is seen than of a locked one.
    let teaser = text::plain(&teaser::teaser(&piece.body, publication.teaser));
    Text {
        headline: [piece.kicker.as_str(), piece.headline.as_str()].join(" "),
        names: authors.chain(topics).chain(section).collect::<Vec<_>>().join(" "),
        seen: [piece.deck.as_str(), teaser.trim()].join("\n").trim().to_owned(),
        whole: text::plain(&piece.body),
        published,
    }
}

impl SiteSnapshot {
    fn search_context(
        &self,
        words: &str,
        found: Option<Found>,
        number: usize,
        now: Timestamp,
    ) -> SearchContext {
        let layout = self.layout();
        let title = self.theme.word("search");
        let title = if words.is_empty() { title.to_owned() } else { format!("{words} | {title}") };
        let is_ready = found.is_some();
        let Found { hits, count, nearly } = found.unwrap_or_default();
        // What is scheduled, or withdrawn a moment ago, is in the index and not for readers.
        let shown = |hit: Hit| {
            let entry = self.edition.piece(hit.id).filter(|entry| entry.published <= now)?;
            Some(HitContext { card: layout.card(entry), passage: passage(&hit) })
        };
        let pages = count.div_ceil(PER_PAGE).clamp(1, MOST_PAGES);
        let address = |number: usize| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("q", words)
                .append_pair("page", &number.to_string())
                .finish();
            format!("/search?{query}")
        };
        let word = |name: &str| self.theme.word(name);
        SearchContext {
            chrome: layout.bare_chrome(&title),
            said: match count {
                _ if words.is_empty() => String::new(),
                _ if !is_ready => word("search_later").to_owned(),
                0 => word("search_none").to_owned(),
                _ if nearly => word("search_nearly").to_owned(),
                1 => word("search_one").to_owned(),
                _ => word("search_count").replace("{number}", &count.to_string()),
            },
            asked: words.to_owned(),
            hits: hits.into_iter().filter_map(shown).collect(),
            better: (number > 1).then(|| address(number - 1)),
            further: (number < pages).then(|| address(number + 1)),
        }
    }
}

fn passage(hit: &Hit) -> Vec<PassageContext> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut part = |range: std::ops::Range<usize>, marked| {
        let text = hit.passage.get(range).unwrap_or_default().replace('\n', " ");
        if !text.is_empty() {
            parts.push(PassageContext { text, marked });
        }
    };
    for mark in &hit.marks {
        part(at..mark.start, false);
        part(mark.clone(), true);
        at = mark.end;
    }
    part(at..hit.passage.len(), false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_cut_at_its_marks() {
        let marks = std::iter::once(4..10).collect();
        let hit = Hit { id: ArticleId(1), passage: "The bridge\nopens".to_owned(), marks };
        let parts = passage(&hit);
        let parts: Vec<(&str, bool)> = parts.iter().map(|p| (p.text.as_str(), p.marked)).collect();
        assert_eq!(parts, [("The ", false), ("bridge", true), (" opens", false)]);
    }
}
