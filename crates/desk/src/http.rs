//! Responses: the headers that every page of the desk has, and pages of the site shown in a frame of the desk.

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use masthead_access::printable;

/// Stricter than the site's: no picture from elsewhere, and no string becomes a script
/// (<https://www.w3.org/TR/trusted-types>).
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);
/// For a page of the site in a frame of the desk: nothing in it runs or is sent.
const FRAME_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; \
     frame-ancestors 'self'",
);
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// What depends on who is signed in is stored nowhere.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

/// A response with the headers that all of the desk's have.
pub(crate) fn respond(
    status: StatusCode,
    content_type: HeaderValue,
    cache: HeaderValue,
    content: impl Into<Body>,
) -> Response {
    let mut response = Response::new(content.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    // The address of an invitation is a secret, so other sites get no referrer; without any at all, browsers would not
    // say where a form comes from.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// A page of the desk.
pub(crate) fn html(status: StatusCode, page: impl Into<Body>) -> Response {
    respond(status, HTML, NO_STORE, page)
}

/// A file that is downloaded with this name, as a stream or whole.
pub(crate) fn download(
    name: &str,
    content_type: &'static str,
    content: impl Into<Body>,
) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    let mut response = respond(StatusCode::OK, content_type, NO_STORE, content);
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// A page of the site, for a frame of the desk.
pub(crate) fn framed_page(page: Vec<u8>) -> Response {
    let mut response = html(StatusCode::OK, page);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, FRAME_POLICY);
    response
}

/// The response when a page cannot be made: it needs no template.
pub(crate) fn bare_error(status: StatusCode) -> Response {
    html(
        status,
        "<!doctype html><title>Newsroom</title><p>This page could not be made. The log of the server has the reason.",
    )
}

/// Redirects to another page of the desk, to be fetched with `GET`.
pub(crate) fn see_other(address: &str) -> Response {
    masthead_web::form::see_other(address, &[])
}

/// Whether a script of the desk asks for JSON, rather than a browser for a page.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// An address with a query, percent-encoded.
pub(crate) fn with_query(path: &str, query: &impl serde::Serialize) -> String {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("{path}?{query}")
}

/// Removes control characters from an address, which no database stores: `%00`. Paths and queries of the desk have none.
pub(crate) fn without_control_characters(uri: &Uri) -> Option<Uri> {
    let text = uri.path_and_query()?.as_str();
    let is_control = |at: usize| {
        let digits = text.get(at + 1..at + 3);
        let digits = digits.filter(|of| of.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| printable(char::from(code).encode_utf8(&mut [0; 4])).is_empty())
    };
    let (mut clean, mut rest) = (String::new(), 0);
    for (at, _) in text.match_indices('%').filter(|(at, _)| is_control(*at)) {
        clean.push_str(&text[rest..at]);
        rest = at + 3;
    }
    if rest == 0 {
        return None;
    }
    clean.push_str(&text[rest..]);
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(clean.parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_control_characters_leave_addresses() {
        let cleaned = |text: &str| {
            let uri = text.parse().expect("an address");
            without_control_characters(&uri).map(|uri| uri.to_string())
        };
        assert_eq!(cleaned("/desk?q=a%00b%1f&x=%00").as_deref(), Some("/desk?q=ab&x="));
        for kept in
            ["/desk?q=%2500", "/desk?q=a%0Ab%09%C3%A4%", "/desk", "/desk?q=%0", "/desk?q=1%+1"]
        {
            assert_eq!(cleaned(kept), None, "{kept}");
        }
    }
}
