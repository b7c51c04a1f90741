//! From an address to what is there: articles, lists, and where something has moved.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use masthead_publication::{
    PageKey,
    edition::{Edition, Target},
};
use percent_encoding::percent_decode_str;

use crate::{
    article::Visitor,
    response,
    state::{Site, peer},
};

/// Where the meter is explained.
const METER_PAGE: &str = "/how-the-meter-works";

/// Any address that is not the site's own machinery.
pub(crate) async fn address(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (method, headers) = (request.method(), request.headers());
    if method != Method::GET && method != Method::HEAD {
        let mut answer =
            response::plain(StatusCode::METHOD_NOT_ALLOWED, "This address can only be read.\n");
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    if is_speculative(headers) {
        return speculation_refused();
    }
    let peer = peer(&request);
    let path = request.uri().path();
    let snapshot = site.snapshot();
    match snapshot.edition.find(path) {
        Some(Target::Piece(entry)) => {
            let visitor = Visitor { method, headers, peer };
            site.piece(&snapshot, entry, &visitor).await
        }
        Some(Target::Moved(to)) => response::moved(&to.address),
        Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) => {
            let number = parameter(request.uri(), "page").map_or(Some(1), |page| page.parse().ok());
            let key = PageKey::List(path.into(), number.unwrap_or(0));
            site.plain_page(key, StatusCode::OK, headers).await
        }
        None if path == METER_PAGE => {
            site.plain_page(PageKey::Meter, StatusCode::OK, headers).await
        }
        None => match former(&snapshot.edition, request.uri()) {
            Some(to) => response::moved(&to),
            None if path == "/" => site.plain_page(PageKey::Home, StatusCode::OK, headers).await,
            None => site.not_found(headers).await,
        },
    }
}

/// Where to go from an address that is written in another way, or was left.
fn former(edition: &Edition, uri: &Uri) -> Option<String> {
    // WordPress had every piece at `/?p=ID` and `/?page_id=ID` as well.
    for name in ["p", "page_id"] {
        let numbered = parameter(uri, name).map(|id| format!("/?{name}={id}"));
        if let Some(Target::Moved(to)) = numbered.and_then(|address| edition.find(&address)) {
            return Some(to.address.to_string());
        }
    }
    let decoded = percent_decode_str(uri.path()).decode_utf8().ok()?;
    let plain = decoded.trim_end_matches('/');
    let lower = plain.to_lowercase();
    if lower == METER_PAGE {
        return Some(lower);
    }
    [plain, &lower, &format!("{plain}/")].into_iter().find_map(|written| {
        Some(match edition.find(written)? {
            Target::Moved(to) => to.address.to_string(),
            Target::Piece(_) | Target::Section(_) | Target::Topic(_) | Target::Author(_) => {
                written.to_owned()
            }
        })
    })
}

/// The value of a parameter in the query.
pub(crate) fn parameter<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Whether a browser loads this on suspicion, for a person who may never go there.
pub(crate) fn is_speculative(headers: &HeaderMap) -> bool {
    let purposes = ["sec-purpose", "purpose", "x-moz"];
    let values = purposes.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    values.flat_map(|value| value.split([';', ',', ' '])).any(|word| {
        ["prefetch", "prerender", "preview"].contains(&word.to_ascii_lowercase().as_str())
    })
}

/// The browser asks again when the person really goes there, and the read is counted then.
pub(crate) fn speculation_refused() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
