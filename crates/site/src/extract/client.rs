//! The client behind a request.

use std::{convert::Infallible, net::IpAddr};

use axum::extract::FromRequestParts;
use http::{Extensions, HeaderMap, HeaderName, Method, request::Parts};
use masthead_publication::compression::Encoding;

use masthead_web::client::ClientIp;

use crate::error::SiteError;

/// The headers in which browsers say why they ask.
const PURPOSES: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// The address of the client, which proxies in front may have forwarded.
#[derive(Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(client_address(&parts.extensions)))
    }
}

/// The best encoding that the client accepts.
pub(crate) struct Accepts(pub(crate) Encoding);

impl<S: Sync> FromRequestParts<S> for Accepts {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Encoding::accepted(&parts.headers)))
    }
}

/// Rejects requests that a browser makes before its reader has decided to, and `HEAD`, which must change nothing (RFC 9110,
/// section 9.2.1): they must not use up links.
pub(crate) struct NotPrefetch;

impl<S: Sync> FromRequestParts<S> for NotPrefetch {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SiteError> {
        if parts.method == Method::HEAD {
            return Err(SiteError::MethodNotAllowed { allow: Some("GET") });
        }
        Self::check(&parts.headers)
    }
}

impl NotPrefetch {
    /// Rejects the request with these headers if it is a prefetch.
    pub(crate) fn check(headers: &HeaderMap) -> Result<Self, SiteError> {
        let values = PURPOSES.into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
        let is_prefetch = values.flat_map(|value| value.split([';', ',', ' '])).any(|word| {
            ["prefetch", "prerender", "preview"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(word))
        });
        if is_prefetch { Err(SiteError::Prefetch) } else { Ok(Self) }
    }
}

/// The address of the client, which proxies in front may have forwarded.
pub(crate) fn client_address(extensions: &Extensions) -> IpAddr {
    extensions.get::<ClientIp>().map_or([0, 0, 0, 0].into(), |client| client.0)
}
