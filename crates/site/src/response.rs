//! Responses, with the headers that each kind has.

use std::hash::{DefaultHasher, Hasher};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_editorial::{Redirect, RedirectStatus};
use masthead_publication::{
    assets::{Asset, media_type},
    compression::Encoding,
    page::Assembled,
};
use serde::Serialize;

/// Scripts, styles, fonts and pictures come from this site only, and nothing inline runs. Frames and audio
/// files are those that a reader opens by a click (`embeds`).
pub(crate) const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     manifest-src 'self'; connect-src 'self'; frame-src https://www.youtube-nocookie.com https://player.vimeo.com \
     https://open.spotify.com https://datawrapper.dwcdn.net https://flo.uri.sh \
     https://platform.twitter.com https://www.instagram.com https://www.tiktok.com \
     https://w.soundcloud.com; media-src https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// The policy of a reader's own pages, whose forms also lead to these origins: the payment pages of
/// processors. Without any it is [`PAGE_POLICY`].
pub(crate) fn form_policy<'a>(origins: impl IntoIterator<Item = &'a str>) -> HeaderValue {
    let origins: Vec<&str> = origins.into_iter().collect();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         font-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors 'none'",
        origins.join(" ")
    );
    match HeaderValue::try_from(policy) {
        Ok(policy) if !origins.is_empty() => policy,
        _ => PAGE_POLICY,
    }
}
/// The policy of files: an SVG that is opened by itself runs nothing.
pub(crate) const FILE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");
pub(crate) const FOREVER: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");
/// What depends on who is signed in is stored nowhere.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
const VARY: HeaderValue = HeaderValue::from_static("Cookie, Accept-Encoding");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Pages of other sites, feed readers and mail show pictures and files of the theme.
const SHOWN_ANYWHERE: (&str, HeaderValue) =
    ("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
/// Room for every header of a page, so that the map does not grow while they are added.
const MOST_HEADERS: usize = 24;

/// A page for one reader. If the client has the same page already, the response is 304. That reveals no more than the
/// page: the decision, the count and the cookie are the same for both.
pub(crate) fn page(
    status: StatusCode,
    page: Assembled,
    encoding: Encoding,
    request: &HeaderMap,
    cookie: Option<String>,
) -> Response {
    let unchanged = status == StatusCode::OK && knows(request, &page.tag);
    let mut answer =
        Response::new(if unchanged { Body::empty() } else { Body::from(page.content) });
    *answer.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { status };
    let headers = answer.headers_mut();
    headers.reserve(MOST_HEADERS);
    if !unchanged {
        headers.insert(header::CONTENT_TYPE, HTML);
        if let Some(encoding) = encoding.header() {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
    }
    headers.insert(header::CACHE_CONTROL, PRIVATE);
    headers.insert(header::VARY, VARY);
    headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    if let Ok(tag) = HeaderValue::try_from(page.tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(Ok(cookie)) = cookie.map(HeaderValue::try_from) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    answer
}

/// Whether `If-None-Match` names this tag (RFC 9110, section 13.1.2).
pub(crate) fn knows(request: &HeaderMap, tag: &str) -> bool {
    let named = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|named| named.trim() == tag)
}

/// A short text.
pub(crate) fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response {
    let mut answer = Response::new(Body::from(text.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, TEXT);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// What is the same for everyone, and may be cached for some minutes.
pub(crate) fn public(
    media_type: &'static str,
    content: impl Into<Bytes>,
    request: &HeaderMap,
) -> Response {
    let content = content.into();
    let mut digest = DefaultHasher::new();
    digest.write(&content);
    let tag = format!("\"{:x}\"", digest.finish());
    let unchanged = knows(request, &tag);
    let mut answer = Response::new(if unchanged { Body::empty() } else { Body::from(content) });
    *answer.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}

/// A permanent redirect.
pub(crate) fn moved(address: &str) -> Response {
    let mut answer = plain(StatusCode::PERMANENT_REDIRECT, "");
    if let Ok(value) = HeaderValue::try_from(address) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    answer
}

/// A redirect that may lead elsewhere at the next request.
pub(crate) fn elsewhere(address: &str) -> Response {
    let mut answer = empty(StatusCode::TEMPORARY_REDIRECT);
    if let Ok(value) = HeaderValue::try_from(address) {
        answer.headers_mut().insert(header::LOCATION, value);
    }
    answer
}

/// A redirect that publishers have set.
pub(crate) fn redirected(to: &Redirect) -> Response {
    let mut answer = moved(&to.target);
    if to.status == RedirectStatus::MovedPermanently {
        *answer.status_mut() = StatusCode::MOVED_PERMANENTLY;
    }
    answer
}

/// A file of the theme. It never changes at an address that names its version.
pub(crate) fn asset(asset: &Asset, encoding: Encoding, versioned: bool) -> Response {
    let (content, encoding) = asset.content(encoding);
    let mut answer = Response::new(Body::from(content.clone()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    let caching = if versioned { FOREVER } else { HeaderValue::from_static("public, max-age=300") };
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::CONTENT_SECURITY_POLICY, FILE_POLICY);
    headers.insert(SHOWN_ANYWHERE.0, SHOWN_ANYWHERE.1);
    if let Some(encoding) = encoding.header() {
        headers.insert(header::CONTENT_ENCODING, encoding);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    answer
}

/// A picture. The content under a name never changes, so the name is its entity tag.
pub(crate) fn picture(name: &str, length: u64, content: Body, request: &HeaderMap) -> Response {
    let tag = format!("\"{name}\"");
    let unchanged = knows(request, &tag);
    let mut answer = Response::new(if unchanged { Body::empty() } else { content });
    *answer.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let headers = answer.headers_mut();
    if !unchanged {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    headers.insert(header::CACHE_CONTROL, FOREVER);
    headers.insert(header::CONTENT_SECURITY_POLICY, FILE_POLICY);
    headers.insert(SHOWN_ANYWHERE.0, SHOWN_ANYWHERE.1);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}

/// What is said if something broke and no page can say it.
pub(crate) const BROKEN: &str = "Something went wrong at our end. Please try again in a minute.";

/// The response if a handler panicked.
pub(crate) fn broken() -> Response {
    plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{BROKEN}\n"))
}

/// A response without a body that nobody may store.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// JSON for one reader.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut answer = plain(status, text);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    answer
}

/// The manifest of the site as an app, which may be an hour old.
pub(crate) fn manifest(body: &impl Serialize) -> Response {
    let mut answer = json(StatusCode::OK, body);
    let headers = answer.headers_mut();
    let kind = HeaderValue::from_static("application/manifest+json");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    answer
}

#[cfg(test)]
mod tests {
    use masthead_publication::embeds::FRAME_HOSTS;

    use super::*;

    #[test]
    fn every_frame_is_one_that_the_policy_allows() {
        let policy = PAGE_POLICY;
        let policy = policy.to_str().expect("text");
        for host in FRAME_HOSTS {
            assert!(policy.contains(&format!(" https://{host}")), "{host}");
        }
    }
}
