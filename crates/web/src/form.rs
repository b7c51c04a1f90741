//! Forms: what came in one, if it came from a page of ours.

use std::time::Duration;

use axum::{
    Form,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Request},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;

/// No form of ours is longer.
pub const LONGEST: usize = 16 * 1024;
/// Nor takes its sender longer.
const TIME: Duration = Duration::from_secs(15);

/// Why a form is not read.
#[derive(Debug)]
pub struct Unreadable;

/// Reads a form.
pub async fn read<T: DeserializeOwned + 'static>(
    request: Request,
    address: &str,
) -> Result<T, Unreadable> {
    if is_ours(request.headers(), address) { read_any(request).await } else { Err(Unreadable) }
}

/// Reads a form wherever it comes from: for what no cookie is asked for.
pub async fn read_any<T: DeserializeOwned + 'static>(request: Request) -> Result<T, Unreadable> {
    read_long(request, LONGEST).await
}

/// The same for a form of up to `most` bytes.
pub async fn read_long<T: DeserializeOwned + 'static>(
    mut request: Request,
    most: usize,
) -> Result<T, Unreadable> {
    DefaultBodyLimit::max(most).apply(&mut request);
    match tokio::time::timeout(TIME, Form::<T>::from_request(request, &())).await {
        Ok(Ok(Form(form))) => Ok(form),
        Ok(Err(_)) | Err(_) => Err(Unreadable),
    }
}

/// Whether a browser says that the form stood on a page of ours (<https://www.w3.org/TR/fetch-metadata>,
/// and RFC 6454, section 7, for browsers that do not). A client that says neither is none whose cookies
/// others could use.
pub fn is_ours(headers: &HeaderMap, address: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).unwrap_or_default();
    origin == address
        || origin.split_once("://").is_some_and(|(_, origin)| !host.is_empty() && origin == host)
}

/// Another page, to be fetched with `GET`, with cookies to set.
pub fn see(address: &str, cookies: &[String]) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(address) = HeaderValue::try_from(address) {
        headers.insert(header::LOCATION, address);
    }
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    answer
}

/// A path of this site to go back to; the front page where it is none.
pub fn own_path(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    let clean = path.bytes().all(|byte| byte.is_ascii_graphic());
    if own && clean && path.len() <= 500 { path } else { "/" }
}

/// A value as it stands in a query.
pub fn encode(value: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(k, v)| (k.parse().expect("a name"), v.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let ours = |pairs: &[_]| is_ours(&headers(pairs), "https://paper.example");
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site"), ("origin", "https://paper.example")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(ours(&[("origin", "https://paper.example")]));
        assert!(ours(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!ours(&[("origin", "https://evil.example"), ("host", "paper.example")]));
        assert!(!ours(&[("origin", "null"), ("host", "paper.example")]));
        assert!(ours(&[]));
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        for path in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/a b", "/\r\nX: y", ""]
        {
            assert_eq!(own_path(path), "/", "{path:?}");
        }
        assert_eq!(own_path("/town/a?x=1"), "/town/a?x=1");
    }
}
