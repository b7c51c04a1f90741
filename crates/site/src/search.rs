//! Search: the page that finds articles, and the index that it asks.
//!
//! Readers search the full text of what they may open without spending a read, and what everybody may see of the rest:
//! headline, deck, names, and the teaser. Locked text is not searched: a search in it would answer, word by word, what
//! it says.
//!
//! | module | content |
//! | --- | --- |
//! | `query` | the fields of a search, checked |
//! | `answer` | making the search for a reader |
//! | `view` | the page |

mod answer;
mod query;
mod view;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    routing::get,
};
use http::{HeaderValue, StatusCode};
use masthead_publication::{ReaderLinks, Template, compression::Encoding, page::Page};

pub(crate) use self::query::{SearchFault, SearchForm, SearchQuery};
use crate::{
    error::Handled,
    extract::{UrlQuery, client::ClientAddress, limit::admit_search},
    note::{TakenNote, with_note},
    response,
    state::Site,
};

/// The addresses of search.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/search", get(page))
}

async fn page(
    State(site): State<Arc<Site>>,
    UrlQuery(form): UrlQuery<SearchForm>,
    client: ClientAddress,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    let snapshot = site.snapshot();
    admit_search(&site, client, form.is_blank())?;
    let query = form.query(&snapshot);
    // A reader whose session cannot be looked up in time finds what everybody finds.
    let (access, links) = match site.reader_access(&snapshot, &request.headers).await {
        Ok(known) => known,
        Err(_) => (site.anonymous_access(&snapshot, &request.headers), ReaderLinks::Account),
    };
    let found = match &query {
        Ok(query) => site.search(&snapshot, query, access).await,
        Err(_) => None,
    };
    let status = match (&query, &found) {
        (Err(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
        (Ok(_), Some(_)) => StatusCode::OK,
        (Ok(_), None) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let context = view::context(&snapshot, &form, &query, found, links);
    let html = snapshot.theme.render(Template::Search, &context)?;
    let encoding = Encoding::accepted(&request.headers);
    let whole = Page::new(&html, encoding, snapshot.common_parts());
    let note = site.take_note(&request.headers, links, encoding).await;
    let whole = whole.assemble(with_note(note.as_ref(), snapshot.only_links(links, encoding)));
    let cookie = site.anonymous_meter.refresh_cookie(&request.headers);
    let mut answer = response::page(status, whole, encoding, &request.headers, cookie);
    TakenNote::delete_cookie(note, &mut answer);
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(answer)
}
