//! Live coverage for apps: its posts, for readers who may read them without spending a read.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use masthead_publication::{
    SiteSnapshot,
    edition::{Edition, EditionEntry, Target},
};
use masthead_store::{LiveCoverage, LivePost};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use crate::{
    article::Visitor,
    error::{FailureMessage, Handled, SiteError},
    extract::{UrlPath, client::client_address},
    problem::{Problem, VARY},
    response::knows,
    security::RequestLimit,
    state::Site,
};

/// How often the article is read again because it was changed between the decision and the text.
const ATTEMPTS: usize = 3;

/// The live coverage of an article.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageAnswer {
    /// The article's address.
    article: String,
    /// Whether the coverage is running.
    running: bool,
    /// When it began (RFC 3339).
    started: String,
    /// When it ended; absent while it is running.
    ended: Option<String>,
    /// The revision of the article, which grows with every change.
    revision: i64,
    /// The posts, the latest first.
    posts: Vec<PostAnswer>,
}

/// A post of live coverage.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostAnswer {
    /// Its number. Later posts have higher ones.
    number: u32,
    /// Its address.
    address: String,
    /// When it was published (RFC 3339).
    published: String,
    /// When its text was last changed; absent if never.
    changed: Option<String>,
    /// Whether it is pinned before the others.
    pinned: bool,
    /// Its headline; may be empty.
    headline: String,
    /// Its text, as HTML.
    html: String,
}

impl PostAnswer {
    fn new(post: LivePost, address: &str) -> Self {
        Self {
            number: post.number.0,
            address: format!("{address}#post-{}", post.number.0),
            published: post.published.to_string(),
            changed: post.changed.map(|at| at.to_string()),
            pinned: post.is_pinned,
            headline: post.headline,
            html: post.body,
        }
    }
}

/// The posts of the live coverage of an article, if the reader may read it without spending a read: open the article first, where
/// that is counted.
#[utoipa::path(
    get,
    path = "/api/v1/live/{article}",
    params(("article" = String, Path, description = "The article's path, such as `news/last-ferry`")),
    responses(
        (status = 200, body = CoverageAnswer, content_type = "application/json",
         headers(("ETag" = String, description = "Changes with every post"))),
        (status = 304, description = "Nothing has changed since the answer with the entity tag in `If-None-Match`"),
        (status = 403, description = "There is a wall, or opening the article would spend a read", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no article with live coverage", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "There were too many requests from this network", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []), ("session" = [])),
)]
pub(super) async fn posts(
    State(site): State<Arc<Site>>,
    UrlPath(article): UrlPath<String>,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    for _ in 0..ATTEMPTS {
        let snapshot = site.snapshot();
        let (entry, live) = live_article(&snapshot, &article)?;
        if needs_opening(&site, &snapshot, entry, &request).await? {
            let detail =
                "Open the article first: the reader may not read it, or it would be counted.";
            return Err(SiteError::problem(StatusCode::FORBIDDEN, detail));
        }
        let version = version(&snapshot.edition, entry);
        if let Some(unchanged) = unchanged(&version, &request) {
            return Ok(unchanged);
        }
        admit(&site, &request)?;
        let stored = site.store.whole_piece(entry.id).await?;
        if let Some(stored) = stored.filter(|stored| stored.revision == entry.revision) {
            let address = format!("{}{}", snapshot.publication.address, entry.address);
            let mut found = describe(entry, live, stored.posts, &address);
            for post in &mut found.posts {
                let html = snapshot.edition.replaced_pictures().html(&post.html);
                if let Cow::Owned(html) = html {
                    post.html = html;
                }
            }
            return Ok(tagged(&found, &version, &request));
        }
        // It was changed after the decision, and may be locked now.
        site.live.refresh().await?;
    }
    let message = FailureMessage::TryLater("The article was changed at this moment. Ask again.");
    Err(SiteError::failed_with(message, "api: read live coverage")("changed at every attempt"))
}

/// What the answer depends on: the article, and the files of its pictures.
fn version(edition: &Edition, entry: &EditionEntry) -> String {
    let mut files = edition.replaced_in(entry).peekable();
    if files.peek().is_none() {
        return entry.revision.to_string();
    }
    // The same on all servers of one version.
    let mut hasher = DefaultHasher::new();
    files.for_each(|file| file.hash(&mut hasher));
    format!("{}-{:016x}", entry.revision, hasher.finish())
}

/// The article with live coverage at this path.
///
/// # Errors
///
/// If there is none that readers have.
pub(super) fn live_article<'a>(
    snapshot: &'a SiteSnapshot,
    article: &str,
) -> Result<(&'a Arc<EditionEntry>, &'a LiveCoverage), SiteError> {
    let missing = || {
        let detail = "There is no article with live coverage at this address.";
        SiteError::problem(StatusCode::NOT_FOUND, detail)
    };
    let Some(Target::Piece(entry)) = snapshot.edition.find_spelled(&format!("/{article}")) else {
        return Err(missing());
    };
    let live = entry.live().ok_or_else(missing)?;
    Ok((entry, live))
}

/// Whether this reader cannot read an article, or only by spending a read. Nothing is counted.
async fn needs_opening(
    site: &Site,
    snapshot: &SiteSnapshot,
    entry: &EditionEntry,
    request: &Parts,
) -> Result<bool, SiteError> {
    let address = client_address(&request.extensions);
    let visitor = Visitor { method: &Method::HEAD, headers: &request.headers, address };
    let decision = site.visit(snapshot, entry, &visitor, (site.clock)()).await?.visit.decision;
    Ok(!decision.delivers_full_text() || decision.spends_a_read())
}

fn describe(
    entry: &EditionEntry,
    live: &LiveCoverage,
    posts: Vec<LivePost>,
    address: &str,
) -> CoverageAnswer {
    CoverageAnswer {
        article: entry.address.to_string(),
        running: live.ended.is_none(),
        started: live.started.to_string(),
        ended: live.ended.map(|at| at.to_string()),
        revision: entry.revision,
        posts: posts.into_iter().rev().map(|post| PostAnswer::new(post, address)).collect(),
    }
}

/// Counts a request for which posts are read from the database.
///
/// # Errors
///
/// If too many came from the client's network.
fn admit(site: &Site, request: &Parts) -> Result<(), SiteError> {
    let client = client_address(&request.extensions);
    if site.limits.admit_live_posts(client) {
        return Ok(());
    }
    site.log_limit(RequestLimit::LivePosts, Some(client), None);
    let detail = "Too many requests for posts came from your network; wait a minute.";
    Err(SiteError::problem(StatusCode::TOO_MANY_REQUESTS, detail))
}

/// JSON with an entity tag, or 304 if the client has it.
pub(super) fn tagged(body: &impl Serialize, version: &str, request: &Parts) -> Response {
    unchanged(version, request).unwrap_or_else(|| with_tag(answer(StatusCode::OK, body), version))
}

/// The response 304, if the client has this version.
fn unchanged(version: &str, request: &Parts) -> Option<Response> {
    knows(&request.headers, &tag(version)).then(|| {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().insert(header::VARY, VARY);
        with_tag(response, version)
    })
}

fn with_tag(mut response: Response, version: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag(version)) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn tag(version: &str) -> String {
    format!("\"{version}\"")
}
