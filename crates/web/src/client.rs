//! Where a request comes from.

use std::{convert::Infallible, net::IpAddr};

use axum::extract::FromRequestParts;
use http::{Extensions, HeaderMap, request::Parts};
use masthead_access::network;
use masthead_telemetry::security::SecurityOrigin;

/// The header in which proxies give a request an id.
const REQUEST_ID: &str = "x-request-id";
/// The longest id that is taken over.
const MAX_ID: usize = 64;

/// The address of the client, as an extension of the request: that at the other end of the connection or, once the
/// site's edge has seen the request, the one that trusted proxies forward.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub IpAddr);

/// Where a request comes from, for the security log.
#[derive(Clone, Debug)]
pub struct Origin(pub SecurityOrigin);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(origin(&parts.extensions, &parts.headers)))
    }
}

/// Returns where a request with these extensions and headers comes from.
pub fn origin(extensions: &Extensions, headers: &HeaderMap) -> SecurityOrigin {
    let network = extensions.get::<ClientIp>().map(|client| network::name(client.0));
    let request = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let request = request.filter(|id| is_id(id)).map(str::to_owned);
    SecurityOrigin { network, request }
}

/// Whether a text is an id: a log takes nothing else from a request.
fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_network_and_an_id_and_nothing_else_of_a_request() {
        let mut extensions = Extensions::new();
        let mut headers = HeaderMap::new();
        assert_eq!(origin(&extensions, &headers), SecurityOrigin::default());
        extensions.insert(ClientIp([203, 0, 113, 9].into()));
        let long = "a".repeat(65);
        for (id, expected) in
            [("7f-3_a.B", Some("7f-3_a.B")), ("", None), ("a b", None), (long.as_str(), None)]
        {
            headers.insert(REQUEST_ID, id.parse().expect("a value"));
            let found = origin(&extensions, &headers);
            assert_eq!(found.request.as_deref(), expected, "{id}");
            assert_eq!(found.network.as_deref(), Some("203.0.113.0/24"));
        }
    }
}
