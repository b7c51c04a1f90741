//! Reading forms, and checking that they come from this site.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, RawForm, Request, rejection::RawFormRejection},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_access::printable;
use percent_encoding::CONTROLS;
use serde::de::DeserializeOwned;

use crate::body::{self, BodyError, BodyLimits};

/// The maximum size of a form without texts, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// The most bytes of one character in a form: four in UTF-8, each written as `%` and two digits.
const BYTES_PER_CHARACTER: usize = 12;

/// The maximum size of a form whose texts may have so many characters in all, in bytes. Twice as many arrive, in any script: the page of
/// the form then shows them again, and says what is too long.
pub const fn max_bytes(characters: usize) -> usize {
    MAX_BYTES + 2 * BYTES_PER_CHARACTER * characters
}

/// Why a form was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It was sent by a page of another site.
    #[error("The form comes from another site.")]
    CrossSite,
    /// It has more bytes than are accepted.
    #[error("The form is too long.")]
    TooLarge,
    /// Its content type is not that of a form.
    #[error("Send a form, with the content type application/x-www-form-urlencoded.")]
    UnsupportedMediaType,
    /// It did not arrive completely in time.
    #[error("The form did not arrive in time.")]
    TimedOut,
    /// A field is missing or is not what it should be.
    #[error("The form lacks a field, or has one that cannot be read.")]
    Malformed,
}

impl FormError {
    /// The status of the response to such a form.
    pub fn status(self) -> StatusCode {
        match self {
            Self::CrossSite | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

impl From<BodyError> for FormError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::TimedOut => Self::TimedOut,
            BodyError::Interrupted => Self::Malformed,
        }
    }
}

impl From<RawFormRejection> for FormError {
    fn from(rejection: RawFormRejection) -> Self {
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::Malformed,
        }
    }
}

/// Checks that a request which changes something comes from a page of this site. Requests with a safe method
/// (RFC 9110, section 9.2.1) change nothing and pass.
///
/// # Errors
///
/// [`FormError::CrossSite`] if another site sent it.
pub fn check_same_site(request: &Request, address: &str) -> Result<(), FormError> {
    if request.method().is_safe() || is_same_site(request.headers(), address) {
        Ok(())
    } else {
        Err(FormError::CrossSite)
    }
}

/// Reads a form whose texts may have so many `characters`, from any site: for endpoints that do not depend on cookies, and for those
/// behind [`check_same_site`].
///
/// # Errors
///
/// If the form is too long or too slow, or cannot be parsed.
pub async fn read_cross_site<T: DeserializeOwned + 'static>(
    request: Request,
    characters: usize,
) -> Result<T, FormError> {
    read_within(request, BodyLimits::message(max_bytes(characters))).await
}

/// Reads a form within other limits from any site. Its values have only [`printable`] characters.
///
/// # Errors
///
/// If the form is too long or too slow, or cannot be parsed.
pub async fn read_within<T: DeserializeOwned + 'static>(
    request: Request,
    limits: BodyLimits,
) -> Result<T, FormError> {
    let (head, content) = request.into_parts();
    let content = body::read(content, limits).await?;
    let mut request = Request::from_parts(head, Body::from(content));
    // The limit above is the only one.
    DefaultBodyLimit::disable().apply(&mut request);
    let RawForm(form) = RawForm::from_request(request, &()).await?;
    parse(&form).map_err(|_| FormError::Malformed)
}

/// Parses a form, in which each value may be a number or a text.
fn parse<T: DeserializeOwned>(form: &[u8]) -> Result<T, Box<dyn std::error::Error>> {
    let sent: Vec<(String, String)> = serde_urlencoded::from_bytes(form)?;
    let printable: Vec<_> =
        sent.iter().map(|(name, value)| (printable(name), printable(value))).collect();
    Ok(serde_urlencoded::from_str(&serde_urlencoded::to_string(printable)?)?)
}

/// Reads a form whose texts may have so many `characters` as it was sent, to keep it for later.
///
/// # Errors
///
/// If it is no form, or is too long or too slow.
pub async fn read_body(request: Request, characters: usize) -> Result<String, FormError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(FormError::UnsupportedMediaType);
    }
    let limits = BodyLimits::message(max_bytes(characters));
    let body = body::read(request.into_body(), limits).await?;
    String::from_utf8(body.into()).map_err(|_| FormError::Malformed)
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
    if let Some(address) = location(address) {
        headers.insert(header::LOCATION, address);
    }
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    answer
}

/// Returns the value of a `Location` header: letters that are not ASCII are percent-encoded (RFC 3986, section 2.1). `None` if the
/// address has control characters.
pub fn location(address: &str) -> Option<HeaderValue> {
    if address.contains(char::is_control) {
        return None;
    }
    let encoded: Cow<'_, str> = percent_encoding::utf8_percent_encode(address, CONTROLS).into();
    HeaderValue::try_from(&*encoded).ok()
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

    fn post(content_type: &str, body: Body) -> Request {
        let request = Request::post("/").header(header::CONTENT_TYPE, content_type);
        request.body(body).expect("a request")
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_form_says_why() {
        type Pairs = Vec<(String, String)>;
        const FORM: &str = "application/x-www-form-urlencoded";
        let read = |request| read_cross_site::<Pairs>(request, 0);
        let pair = ("a".to_owned(), "1".to_owned());
        assert_eq!(read(post(FORM, "a=1".into())).await, Ok(vec![pair]));
        let sent = read(post(FORM, "a=%1E1%00%1F&%08b=+%E2%9C%93%EF%BF%BF%0D%0A\t".into())).await;
        let printed =
            vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), " ✓\r\n\t".to_owned())];
        assert_eq!(sent, Ok(printed));
        let long = "a".repeat(MAX_BYTES + 1);
        assert_eq!(read(post(FORM, long.clone().into())).await, Err(FormError::TooLarge));
        assert!(read_cross_site::<Pairs>(post(FORM, long.into()), 1).await.is_ok());
        let json = post("application/json", "{}".into());
        assert_eq!(read(json).await, Err(FormError::UnsupportedMediaType));
        let numbers = read_cross_site::<Vec<(String, u8)>>(post(FORM, "a=x".into()), 0).await;
        assert_eq!(numbers, Err(FormError::Malformed));
        let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let slow = Body::from_stream(never);
        assert_eq!(read(post(FORM, slow)).await, Err(FormError::TimedOut));
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
