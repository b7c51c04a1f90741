//! What is new in live coverage: how many posts, and no text. As server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>) for pages that stay open, or as JSON for those that ask
//! again.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::stream::unfold;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use masthead_access::ArticleId;
use masthead_publication::SiteSnapshot;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use utoipa::ToSchema;

use super::live::{live_article, tagged};
use crate::{
    article::Visitor,
    error::{Handled, SiteError},
    extract::{UrlPath, UrlQuery, client::client_address},
    places::{Place, Refused},
    problem::{Problem, VARY},
    security::RequestLimit,
    state::Site,
};

/// How long a stream lasts, in seconds. Then the browser asks again, and whether its reader may read is decided again.
const LASTS: std::ops::Range<u64> = 90..110;
/// How often something is sent at least: what is between browser and server closes connections that are silent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When the browser asks again after the end of a stream, in milliseconds: not all at once after a restart.
const RETRY: std::ops::Range<u64> = 2_000..10_000;

/// What came after a revision.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageUpdates {
    /// The revision of the article now.
    revision: i64,
    /// Whether the coverage is running.
    running: bool,
    /// How many posts were published since the revision that was asked about.
    new_posts: usize,
}

/// The revision that the client has.
#[derive(Deserialize)]
pub(super) struct SinceQuery {
    #[serde(default)]
    since: i64,
}

/// How many posts were published in the live coverage of an article since a revision, for a reader who may read it. There is no
/// text in it, and nothing is counted. With `Accept: text/event-stream` it is sent again after each change.
#[utoipa::path(
    get,
    path = "/api/v1/live-updates/{article}",
    params(
        ("article" = String, Path, description = "The article's path, such as `news/last-ferry`"),
        ("since" = Option<i64>, Query, description = "The revision that the client has"),
    ),
    responses(
        (status = 200, body = CoverageUpdates, content_type = "application/json",
         headers(("ETag" = String, description = "Changes with every post"))),
        (status = 304, description = "Nothing has changed since the answer with the entity tag in `If-None-Match`"),
        (status = 400, description = "The query cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "There is a wall", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no article with live coverage", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "There are too many streams to this network", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []), ("session" = [])),
)]
pub(super) async fn updates(
    State(site): State<Arc<Site>>,
    UrlPath(article): UrlPath<String>,
    UrlQuery(query): UrlQuery<SinceQuery>,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    // Before the snapshot, so that no change is missed.
    let changes = site.live.new_snapshots();
    let snapshot = site.snapshot();
    let (entry, _) = live_article(&snapshot, &article)?;
    let address = client_address(&request.extensions);
    let visitor = Visitor { method: &Method::HEAD, headers: &request.headers, address };
    let visit = site.visit(&snapshot, entry, &visitor, (site.clock)()).await?.visit;
    if !visit.decision.delivers_full_text() {
        let detail = "The reader may not read this article.";
        return Err(SiteError::problem(StatusCode::FORBIDDEN, detail));
    }
    let watched = WatchedCoverage { article: entry.id, since: query.since };
    if !wants_events(&request.headers) {
        return json(&watched, &snapshot, &request);
    }
    let place = site.streams.take(address).map_err(|refused| refuse(&site, refused, &request))?;
    Ok(events(&site, watched, (changes, place)))
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/event-stream"))
}

fn refuse(site: &Site, refused: Refused, request: &Parts) -> SiteError {
    let (status, detail) = match refused {
        Refused::Network => {
            let client = client_address(&request.extensions);
            site.log_limit(RequestLimit::Streams, Some(client), None);
            (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many pages of your network listen already; ask for JSON instead.",
            )
        }
        Refused::All => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages listen already; ask for JSON instead.",
        ),
    };
    SiteError::problem(status, detail)
}

fn json(watched: &WatchedCoverage, snapshot: &SiteSnapshot, request: &Parts) -> Handled {
    let updates = watched.updates(snapshot).ok_or(SiteError::NotFound)?;
    let version = format!("{}-{}", updates.revision, updates.new_posts);
    Ok(tagged(&updates, &version, request))
}

/// The coverage that a client wants to hear of.
#[derive(Clone, Copy)]
struct WatchedCoverage {
    article: ArticleId,
    since: i64,
}

impl WatchedCoverage {
    /// What is new; `None` if readers do not have the article any more.
    fn updates(&self, snapshot: &SiteSnapshot) -> Option<CoverageUpdates> {
        let entry = snapshot.edition.public_piece(self.article)?;
        let live = entry.live()?;
        Some(CoverageUpdates {
            revision: entry.revision,
            running: live.ended.is_none(),
            new_posts: live.revisions.iter().filter(|revision| **revision > self.since).count(),
        })
    }
}

/// A stream of events. At most one waits for the client: one that is slow gets the latest when it is ready. A client that takes
/// nothing holds its place no longer than the stream lasts.
struct UpdateStream {
    site: Arc<Site>,
    watched: WatchedCoverage,
    sent: Option<CoverageUpdates>,
    changes: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
    retry: Duration,
    ends: Instant,
    _place: Place,
}

fn events(
    site: &Arc<Site>,
    watched: WatchedCoverage,
    (changes, place): (watch::Receiver<()>, Place),
) -> Response {
    let (sender, receiver) = mpsc::channel(1);
    let stream = UpdateStream {
        closing: site.streams.closing(),
        site: Arc::clone(site),
        watched,
        sent: None,
        changes,
        retry: Duration::from_millis(rand::rng().random_range(RETRY)),
        ends: Instant::now() + Duration::from_secs(rand::rng().random_range(LASTS)),
        _place: place,
    };
    site.background.start(stream.run(sender));
    let events = unfold(receiver, |mut receiver| async move {
        let event: Event = receiver.recv().await?;
        Some((Ok::<_, Infallible>(event), receiver))
    });
    let mut response = Sse::new(Box::pin(events)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, crate::response::NO_STORE);
    headers.insert(header::VARY, VARY);
    // nginx collects what it passes on otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl UpdateStream {
    /// Sends events until the stream ends or its client has gone. The place is free then, also if the client has not taken what
    /// was sent last.
    async fn run(mut self, sender: mpsc::Sender<Event>) {
        let ends = self.ends;
        let sending = async {
            while let Some(event) = self.next().await {
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = sending => {}
            () = sender.closed() => {}
            () = sleep_until(ends) => {}
        }
    }

    /// Returns the next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        if self.sent.is_some_and(|sent| !sent.running) {
            return None;
        }
        let heartbeat = Instant::now() + HEARTBEAT;
        loop {
            let updates = self.watched.updates(&self.site.live.peek())?;
            if self.sent != Some(updates) {
                self.sent = Some(updates);
                let data = serde_json::to_string(&updates).ok()?;
                return Some(Event::default().retry(self.retry).data(data));
            }
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                _ = self.closing.wait_for(|is_closing| *is_closing) => return None,
                () = sleep_until(self.ends) => return None,
                () = sleep_until(heartbeat) => return Some(Event::default().comment("")),
            }
        }
    }
}
