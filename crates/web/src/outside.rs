//! Requests to addresses that a publisher has set: only by https, without redirects, and never to this machine or a private
//! network, where they would reach what is not for the public.

use std::{
    error::Error,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header, response::Parts};
use http_body_util::{BodyExt, Collected, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use jiff::{Timestamp, fmt::rfc2822};
use tower::Service;
use url::{Host, Url};

/// The longest time that a request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug)]
pub struct OutsideRules {
    /// Whether plain http is allowed.
    pub plain_http: bool,
    /// Whether an address may be connected to.
    pub is_allowed: fn(IpAddr) -> bool,
}

impl OutsideRules {
    /// Only public addresses, by https.
    pub const PUBLIC: Self = Self { plain_http: false, is_allowed: is_public };
}

/// Why there is no content.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The address is none that may be asked.
    #[error("only addresses that begin with https:// are asked")]
    Scheme,
    /// The address is not public.
    #[error("it is on this machine or in a private network, which is not asked")]
    Private,
    /// The server cannot be reached.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// The request takes too long.
    #[error("it takes longer than {} seconds", TIMEOUT.as_secs())]
    Slow,
    /// The answer is another one than 200.
    #[error("it answers {0}; redirects are not followed")]
    Status(StatusCode),
    /// The answer is too large.
    #[error("its answer is too large, or breaks off")]
    Body,
    /// The answer does not say when it was made.
    #[error("its answer has no date")]
    NoDate,
}

/// A client for such requests.
#[derive(Clone, Debug)]
pub struct OutsideClient {
    client: Client<HttpsConnector<HttpConnector<CheckedResolver>>, Empty<Bytes>>,
    rules: OutsideRules,
}

impl OutsideClient {
    /// A client that asks only what these rules allow.
    pub fn new(rules: OutsideRules) -> Self {
        let mut connector = HttpConnector::new_with_resolver(CheckedResolver(rules));
        connector.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_webpki_roots();
        let builder = if rules.plain_http { builder.https_or_http() } else { builder.https_only() };
        let connector = builder.enable_http1().wrap_connector(connector);
        // Requests are minutes apart: no connection is kept.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { client, rules }
    }

    /// Returns the content at an address, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not allowed, or if the server does not answer with 200 and little enough.
    pub async fn get(&self, address: &str, limit: usize) -> Result<Bytes, OutsideError> {
        let uri = self.check(address)?;
        let request = Request::get(uri)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "Masthead")
            .body(Empty::new())
            .map_err(|error| OutsideError::Unreachable(error.to_string()))?;
        let ask_and_read = async {
            let answer = self.client.request(request).await.map_err(|error| unreachable(&error))?;
            if answer.status() != StatusCode::OK {
                return Err(OutsideError::Status(answer.status()));
            }
            let body = Limited::new(answer.into_body(), limit).collect().await;
            body.map(Collected::to_bytes).map_err(|_| OutsideError::Body)
        };
        tokio::time::timeout(TIMEOUT, ask_and_read).await.unwrap_or(Err(OutsideError::Slow))
    }

    /// Returns the time at which the server at an address answers, by its own clock. It may answer with any status.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not allowed, or if the server does not answer with its time.
    pub async fn date(&self, address: &str) -> Result<Timestamp, OutsideError> {
        let answer = self.head(address).await?;
        let date = answer.headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
        date.ok_or(OutsideError::NoDate)
    }

    /// Returns the size of the file at an address, in bytes; `None` if the server does not say it.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not allowed, or if the server does not answer with 200.
    pub async fn length(&self, address: &str) -> Result<Option<u64>, OutsideError> {
        let answer = self.head(address).await?;
        if answer.status != StatusCode::OK {
            return Err(OutsideError::Status(answer.status));
        }
        let length = answer.headers.get(header::CONTENT_LENGTH);
        Ok(length.and_then(|length| length.to_str().ok()?.parse().ok()))
    }

    /// Asks for no content.
    async fn head(&self, address: &str) -> Result<Parts, OutsideError> {
        let uri = self.check(address)?;
        let request = Request::head(uri)
            .header(header::USER_AGENT, "Masthead")
            .body(Empty::new())
            .map_err(|error| OutsideError::Unreachable(error.to_string()))?;
        let asked = tokio::time::timeout(TIMEOUT, self.client.request(request));
        let answer = asked.await.map_err(|_| OutsideError::Slow)?;
        answer.map(|answer| answer.into_parts().0).map_err(|error| unreachable(&error))
    }

    /// Checks an address. One that is a number is not resolved, so it is checked here.
    fn check(&self, address: &str) -> Result<Uri, OutsideError> {
        let url = Url::parse(address).map_err(|_| OutsideError::Scheme)?;
        if url.scheme() != "https" && !(self.rules.plain_http && url.scheme() == "http") {
            return Err(OutsideError::Scheme);
        }
        let number = match url.host() {
            Some(Host::Ipv4(number)) => Some(IpAddr::V4(number)),
            Some(Host::Ipv6(number)) => Some(IpAddr::V6(number)),
            Some(Host::Domain(_)) | None => None,
        };
        if number.is_some_and(|number| !(self.rules.is_allowed)(number)) {
            return Err(OutsideError::Private);
        }
        url.as_str().parse().map_err(|_| OutsideError::Scheme)
    }
}

/// An error with its causes in one line. If the resolver has refused the address, that is said instead.
fn unreachable(error: &(dyn Error + 'static)) -> OutsideError {
    let (mut causes, mut next) = (Vec::new(), Some(error));
    while let Some(cause) = next {
        if cause.is::<PrivateAddress>() || is_private(cause) {
            return OutsideError::Private;
        }
        causes.push(cause.to_string());
        next = cause.source();
    }
    OutsideError::Unreachable(causes.join(": "))
}

fn is_private(cause: &(dyn Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    matches!(inner, Some(inner) if inner.is::<PrivateAddress>())
}

/// A name has only addresses that may not be connected to.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads to this machine or a private network")]
struct PrivateAddress;

/// Resolves names, and leaves out addresses that are not allowed. The connection is made to what it returns, so a name
/// cannot lead elsewhere between check and connection.
#[derive(Clone, Copy, Debug)]
struct CheckedResolver(OutsideRules);

impl Service<Name> for CheckedResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let is_allowed = self.0.is_allowed;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|address| is_allowed(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::other(PrivateAddress));
            }
            Ok(allowed.into_iter())
        })
    }
}

/// Whether an address is on the public internet (the registries of special addresses, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    let v6 = match address {
        IpAddr::V4(v4) => return is_public_v4(v4),
        IpAddr::V6(v6) => v6,
    };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // Only 2000::/3 is assigned. Of it, Teredo and 6to4 wrap other addresses, and two networks are for documentation.
    let [first, second, ..] = v6.segments();
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
        && first != 0x2002
        && first & 0xfff0 != 0x3ff0
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_shared = first == 100 && second & 0xc0 == 64;
    let is_for_protocols = first == 192 && second == 0 && third == 0;
    let is_for_benchmarks = first == 198 && second & 0xfe == 18;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || first == 0
        || first >= 224
        || is_shared
        || is_for_protocols
        || is_for_benchmarks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_the_public_internet_are_asked() {
        for public in ["1.1.1.1", "192.0.1.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.19.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().expect(private)), "{private}");
        }
    }

    #[tokio::test]
    async fn this_machine_is_not_asked_however_it_is_written() {
        let client = OutsideClient::new(OutsideRules::PUBLIC);
        for address in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://localhost/",
        ] {
            let refused = client.get(address, 100).await.expect_err(address);
            assert!(matches!(refused, OutsideError::Private), "{address}: {refused}");
        }
        for address in ["http://example.org/", "file:///etc/passwd", "tides.json", ""] {
            let refused = client.get(address, 100).await.expect_err(address);
            assert!(matches!(refused, OutsideError::Scheme), "{address}: {refused}");
        }
    }
}
