//! Finding articles.

use std::sync::Arc;

use axum::extract::{Request, State};
use http::StatusCode;
use masthead_publication::SiteSnapshot;
use masthead_search::{SearchHit, SearchResults};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use crate::{
    error::{Handled, SiteError},
    extract::{UrlQuery, client::ClientAddress, limit::admit_search},
    problem::Problem,
    search::{SearchFault, SearchForm, SearchQuery},
    state::Site,
};

/// One page of the articles that were found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    /// How many articles were found.
    count: usize,
    /// Whether no article has these words, and these have similar ones.
    similar: bool,
    /// The page, from 1.
    page: usize,
    /// How many pages there are.
    pages: usize,
    /// The articles of this page.
    articles: Vec<FoundArticle>,
}

/// An article that was found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FoundArticle {
    /// Its address.
    article: String,
    /// Its headline.
    headline: String,
    /// The slug of its section; absent without one.
    section: Option<String>,
    /// When it was published (RFC 3339).
    published: String,
    /// A passage of what the reader may read of it, with the words if they are in it.
    passage: String,
}

/// Finds articles by their words. Every article that is open to the reader without spending a read is searched whole, and of
/// the others only what everybody may see.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    params(
        ("q" = Option<String>, Query, description = "The words; text in quotation marks is a phrase"),
        ("section" = Option<String>, Query, description = "The slug of a section"),
        ("author" = Option<String>, Query, description = "The name or slug of an author"),
        ("from" = Option<String>, Query, description = "The first day, such as `2026-11-01`"),
        ("to" = Option<String>, Query, description = "The last day"),
        ("order" = Option<String>, Query, description = "`best` or `newest` first; `best` if it is absent"),
        ("page" = Option<String>, Query, description = "The page of results, from 1 to 10"),
    ),
    responses(
        (status = 200, body = Found, content_type = "application/json"),
        (status = 400, description = "The query cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A filter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "There were too many searches from this network", body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The index is not ready, or the database is away", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []), ("session" = [])),
)]
pub(super) async fn search(
    State(site): State<Arc<Site>>,
    UrlQuery(form): UrlQuery<SearchForm>,
    client: ClientAddress,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    admit_search(&site, client, form.is_blank())?;
    let snapshot = site.snapshot();
    let query = form.query(&snapshot).map_err(|faults| {
        let details: Vec<&str> = faults.into_iter().map(SearchFault::detail).collect();
        let (status, detail) = (StatusCode::UNPROCESSABLE_ENTITY, details.join(" ").into());
        SiteError::Problem { status, detail }
    })?;
    let (access, _) = site.reader_access(&snapshot, &request.headers).await?;
    let found = site.search(&snapshot, &query, access).await.ok_or_else(|| {
        let detail = "The search index is not ready yet. Try again in a minute.";
        SiteError::problem(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    Ok(answer(StatusCode::OK, &describe(&snapshot, &query, found)))
}

fn describe(snapshot: &SiteSnapshot, query: &SearchQuery, found: SearchResults) -> Found {
    let article = |hit: SearchHit| {
        let entry = snapshot.edition.public_piece(hit.id)?;
        Some(FoundArticle {
            article: entry.address.to_string(),
            headline: entry.lines.headline().to_owned(),
            section: entry.section.as_ref().map(|section| section.slug.clone()),
            published: entry.published.to_string(),
            passage: hit.passage,
        })
    };
    Found {
        count: found.count,
        similar: found.fuzzy,
        page: query.page,
        pages: SearchQuery::pages(found.count),
        articles: found.hits.into_iter().filter_map(article).collect(),
    }
}
