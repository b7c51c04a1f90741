//! Reading forms, and checking that they come from this site.

use std::time::Duration;

use axum::{
    Form,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Request},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;

/// The maximum size of a form, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// The maximum time to receive a form.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The error for a form that was refused.
#[derive(Debug)]
pub struct FormError;

/// Reads a form that was submitted from this site.
pub async fn read<T: DeserializeOwned + 'static>(
    request: Request,
    address: &str,
) -> Result<T, FormError> {
    if is_same_site(request.headers(), address) {
        read_cross_site(request).await
    } else {
        Err(FormError)
    }
}

/// Reads a form from any site. For endpoints that do not depend on cookies.
pub async fn read_cross_site<T: DeserializeOwned + 'static>(
    request: Request,
) -> Result<T, FormError> {
    read_with_limit(request, MAX_BYTES).await
}

/// Reads a form of at most `most` bytes from any site.
pub async fn read_with_limit<T: DeserializeOwned + 'static>(
    mut request: Request,
    most: usize,
) -> Result<T, FormError> {
    DefaultBodyLimit::max(most).apply(&mut request);
    match tokio::time::timeout(TIMEOUT, Form::<T>::from_request(request, &())).await {
        Ok(Ok(Form(form))) => Ok(form),
        Ok(Err(_)) | Err(_) => Err(FormError),
    }
}

/// Returns `true` if the request comes from a page of this site, according to `Sec-Fetch-Site`
/// (<https://www.w3.org/TR/fetch-metadata>) or, in older browsers, `Origin` (RFC 6454, section 7).
/// Clients that send neither are not browsers, so their cookies cannot be abused by other sites.
pub fn is_same_site(headers: &HeaderMap, address: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).unwrap_or_default();
    origin == address
        || origin.split_once("://").is_some_and(|(_, origin)| !host.is_empty() && origin == host)
}

/// A redirect with status 303 and with cookies to set.
pub fn see_other(address: &str, cookies: &[String]) -> Response {
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

/// Returns `path` if it is a path of this site, or `/` otherwise.
pub fn safe_local_path(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    let clean = path.bytes().all(|byte| byte.is_ascii_graphic());
    if own && clean && path.len() <= 500 { path } else { "/" }
}

/// Percent-encodes a value for a query string.
pub fn encode_query(value: &str) -> percent_encoding::PercentEncode<'_> {
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
        let ours = |pairs: &[_]| is_same_site(&headers(pairs), "https://paper.example");
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
    fn only_local_paths_are_redirect_targets() {
        for path in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/a b", "/\r\nX: y", ""]
        {
            assert_eq!(safe_local_path(path), "/", "{path:?}");
        }
        assert_eq!(safe_local_path("/town/a?x=1"), "/town/a?x=1");
    }
}
