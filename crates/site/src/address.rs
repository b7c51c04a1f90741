//! From an address to what is there: articles, lists, and where something has moved.

mod former;

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, Uri, request::Parts};
use masthead_editorial::{Redirect, redirect::lookups};
use masthead_publication::{
    PageKey,
    edition::{Edition, Target},
};

use self::former::{former, of_wordpress, with_query};
use crate::{
    article::Visitor,
    error::{Handled, SiteError},
    error_pages::{self, PageClient},
    extract::{NotPrefetch, client::client_address, input::query_value},
    response,
    state::Site,
};

/// Where the meter is explained.
const METER_PAGE: &str = "/how-the-meter-works";

/// Any address that no route has. This is the router's fallback, and renders its errors itself: a layer around it would
/// box the future of every request for an article.
pub(crate) async fn address(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    match page_at(&site, &request).await {
        Ok(page) => page,
        Err(error) => {
            let client = PageClient::of(&site, &request.headers);
            Box::pin(error_pages::render(&site, client, error.into_response())).await
        }
    }
}

async fn page_at(site: &Site, request: &Parts) -> Handled {
    let Parts { method, uri, headers, extensions, .. } = request;
    if method != Method::GET && method != Method::HEAD {
        return Err(SiteError::MethodNotAllowed { allow: Some("GET, HEAD") });
    }
    NotPrefetch::check(headers)?;
    let snapshot = site.snapshot();
    let (key, status) = match snapshot.edition.find(uri.path()) {
        Some(Target::Piece(entry)) => {
            let visitor = Visitor { method, headers, address: client_address(extensions) };
            return site.piece(&snapshot, entry, &visitor).await;
        }
        Some(Target::Moved(to)) => return Ok(response::moved(&with_query(&to.address, uri))),
        Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) => {
            let number = query_value(uri, "page").map_or(Some(1), |page| page.parse().ok());
            (PageKey::List(uri.path().into(), number.unwrap_or(0)), StatusCode::OK)
        }
        None if uri.path() == METER_PAGE => (PageKey::Meter, StatusCode::OK),
        None if uri == "/" => (PageKey::Home, StatusCode::OK),
        None => match former(&snapshot.edition, uri) {
            Some(to) => return Ok(response::moved(&to)),
            None => match redirect(&snapshot.edition, uri) {
                Some(to) => return Ok(response::redirected(to)),
                None if uri.path() == "/" => (PageKey::Home, StatusCode::OK),
                None => match of_wordpress(&snapshot.edition, uri) {
                    Some(to) => return Ok(response::moved(&to)),
                    // A page like any other: it renews the cookie of the meter.
                    None => (PageKey::Error(404), StatusCode::NOT_FOUND),
                },
            },
        },
    };
    site.shared_page(key, status, headers).await
}

/// The redirect that publishers have set for an address with its query, or without.
fn redirect<'a>(edition: &'a Edition, uri: &Uri) -> Option<&'a Redirect> {
    let whole = uri.path_and_query().map_or(uri.path(), |whole| whole.as_str());
    lookups(whole).find_map(|address| edition.redirect(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn future_size<A, B, F>(_: impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    /// It is moved several times for each request. What is rare, such as rendering a page or asking the database, is boxed.
    #[test]
    fn the_future_of_a_request_is_small() {
        let size = future_size(address);
        assert!(size <= 3000, "{size} bytes");
    }
}
