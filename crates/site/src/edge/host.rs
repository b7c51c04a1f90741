//! Which host a request is for.

use std::net::IpAddr;

use axum::{extract::Request, response::Response};
use http::{HeaderName, Method, StatusCode, Version, header, uri::Authority};
use masthead_publication::Publication;

use crate::response;

/// Why there is no host to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidHost {
    #[error("The request names no host. Send one Host header (RFC 9112, section 3.2).")]
    Missing,
    #[error("The request has several Host headers. Send one (RFC 9112, section 3.2).")]
    Several,
    #[error(
        "The request's host is not valid. Send a name, with a port if needed (RFC 9112, section 3.2)."
    )]
    Malformed,
}

impl InvalidHost {
    /// The word in the security log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Several => "several",
            Self::Malformed => "malformed",
        }
    }
}

/// The header in which proxies write the host that a client has asked for, if they ask for another one.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Why a request does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostFault {
    /// It names no host that is valid.
    Invalid(InvalidHost),
    /// It is for another host.
    Other {
        /// The host that it names.
        host: String,
    },
    /// The client has asked for the publication's host, and a proxy for another one. So the redirect leads back to the proxy, and
    /// never ends.
    Replaced {
        /// The host that the proxy names.
        host: String,
    },
}

/// A request that does not pass.
pub(super) struct Intercepted {
    pub(super) fault: HostFault,
    pub(super) response: Response,
}

/// Passes requests for the publication's own host. For another domain, pages are redirected to the publication's
/// address; programs, which may not follow redirects, are answered.
///
/// Names that are no public domain pass as well, because proxies and health checks use them: numbers, and names
/// without a dot.
///
/// Returns the response in place of what was asked for, or `None` if the request passes.
pub(super) fn intercept(request: &Request, publication: &Publication) -> Option<Intercepted> {
    let authority = publication.authority();
    let host = match host(request, authority) {
        Ok(host) => host?,
        Err(error) => {
            let fault = HostFault::Invalid(error);
            return Some(Intercepted { fault, response: refused(error) });
        }
    };
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let passes =
        is_own(host, authority, publication) || !is_read || is_for_programs(request.uri().path());
    let path = || request.uri().path_and_query().map_or("/", |path| path.as_str());
    (!passes).then(|| Intercepted {
        fault: fault(request, host, authority),
        response: response::moved(&format!("{}{}", publication.address, path())),
    })
}

fn fault(request: &Request, host: &str, authority: &str) -> HostFault {
    let forwarded = request.headers().get(FORWARDED_HOST).and_then(|value| value.to_str().ok());
    // Of several proxies the first one writes what the client has asked for.
    let forwarded = forwarded.and_then(|value| value.split(',').next()).map(str::trim);
    let is_replaced = forwarded
        .is_some_and(|name| without_port(name).eq_ignore_ascii_case(without_port(authority)));
    let host = host.to_owned();
    if is_replaced { HostFault::Replaced { host } } else { HostFault::Other { host } }
}

fn refused(error: InvalidHost) -> Response {
    response::plain(StatusCode::BAD_REQUEST, format!("{error}\n"))
}

/// Returns the host with its port; `None` if HTTP/1.0 names none. That of an absolute target counts before the header
/// (RFC 9112, section 3.2.2), but the header has to be there and valid. HTTP/2 needs no header.
fn host<'a>(request: &'a Request, own: &str) -> Result<Option<&'a str>, InvalidHost> {
    let mut values = request.headers().get_all(header::HOST).iter();
    let header = match (values.next(), values.next()) {
        (None, _) if request.version() == Version::HTTP_11 => return Err(InvalidHost::Missing),
        (None, _) => None,
        (Some(_), Some(_)) => return Err(InvalidHost::Several),
        (Some(value), None) => Some(value.to_str().map_err(|_| InvalidHost::Malformed)?),
    };
    let target = request.uri().authority().map(Authority::as_str);
    for named in [header, target].into_iter().flatten() {
        // The usual case needs no parsing.
        if !named.eq_ignore_ascii_case(own) && !is_valid(named) {
            return Err(InvalidHost::Malformed);
        }
    }
    match target.or(header) {
        None if request.version() > Version::HTTP_11 => Err(InvalidHost::Missing),
        named => Ok(named),
    }
}

fn is_valid(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let (whole, name) = (authority.as_str(), authority.host());
    let has_no_port = whole.len() == name.len();
    // Neither a user nor a port without a number.
    !name.is_empty() && !whole.contains('@') && (has_no_port || authority.port_u16().is_some())
}

/// Returns whether a host is the publication's, at any port, or another one at which pages are shown.
fn is_own(host: &str, authority: &str, publication: &Publication) -> bool {
    if host.eq_ignore_ascii_case(authority) {
        return true;
    }
    let name = without_port(host);
    let is_listed = |known: &String| known.eq_ignore_ascii_case(name);
    name.eq_ignore_ascii_case(without_port(authority))
        || publication.http.hosts.iter().any(is_listed)
        || !is_domain(name)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => authority,
    }
}

fn is_domain(name: &str) -> bool {
    name.contains('.') && !name.starts_with('[') && name.parse::<IpAddr>().is_err()
}

/// Health checks, apps, and what payment processors send.
fn is_for_programs(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
        || path.starts_with("/api/")
        || path.starts_with("/webhooks/")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const OWN: &str = "paper.example";

    fn named(
        version: Version,
        target: &str,
        hosts: &[&str],
    ) -> Result<Option<String>, InvalidHost> {
        let mut request = Request::new(Body::empty());
        *request.version_mut() = version;
        *request.uri_mut() = target.parse().expect("a target");
        for host in hosts {
            request.headers_mut().append(header::HOST, host.parse().expect("a value"));
        }
        host(&request, OWN).map(|host| host.map(str::to_owned))
    }

    #[test]
    fn a_request_names_exactly_one_valid_host() {
        let at_path = |hosts: &[&str]| named(Version::HTTP_11, "/", hosts);
        for host in
            [OWN, "paper.example:443", "localhost", "[::1]:8080", "192.0.2.7", "a-b.example"]
        {
            assert_eq!(at_path(&[host]), Ok(Some(host.to_owned())));
        }
        for host in
            ["", "a b", "a b@c", "user@paper.example", "paper.example:x", "a/b", "[::1", "a,b c"]
        {
            assert_eq!(at_path(&[host]), Err(InvalidHost::Malformed), "{host:?}");
        }
        assert_eq!(at_path(&[]), Err(InvalidHost::Missing));
        assert_eq!(at_path(&[OWN, OWN]), Err(InvalidHost::Several));
    }

    #[test]
    fn other_versions_and_absolute_targets_name_their_host_elsewhere() {
        let absolute = "http://paper.example/a";
        assert_eq!(named(Version::HTTP_10, "/", &[]), Ok(None));
        assert_eq!(named(Version::HTTP_2, absolute, &[]), Ok(Some(OWN.to_owned())));
        assert_eq!(named(Version::HTTP_2, "/", &[]), Err(InvalidHost::Missing));
        assert_eq!(named(Version::HTTP_11, absolute, &["x"]), Ok(Some(OWN.to_owned())));
        assert_eq!(named(Version::HTTP_11, absolute, &[]), Err(InvalidHost::Missing));
        assert_eq!(named(Version::HTTP_11, absolute, &["a b"]), Err(InvalidHost::Malformed));
    }

    #[test]
    fn only_names_of_the_public_internet_are_domains() {
        for (name, expected) in [
            ("www.paper.example", true),
            ("localhost", false),
            ("masthead", false),
            ("192.0.2.7", false),
            ("[::1]", false),
        ] {
            assert_eq!(is_domain(name), expected, "{name}");
        }
        assert_eq!(without_port("[::1]:80"), "[::1]");
        assert_eq!(without_port("[2001:db8::7]"), "[2001:db8::7]");
        assert_eq!(without_port("paper.example:80"), OWN);
    }

    #[test]
    fn a_proxy_that_replaces_the_host_is_told_from_other_names() {
        let fault_of = |forwarded: Option<&str>| {
            let mut request = Request::new(Body::empty());
            if let Some(forwarded) = forwarded {
                let value = forwarded.parse().expect("a value");
                request.headers_mut().insert(FORWARDED_HOST, value);
            }
            fault(&request, "app.internal.example", OWN)
        };
        let host = || "app.internal.example".to_owned();
        let other = HostFault::Other { host: host() };
        let replaced = HostFault::Replaced { host: host() };
        for forwarded in [OWN, "PAPER.example:443", "paper.example, cdn.example"] {
            assert_eq!(fault_of(Some(forwarded)), replaced, "{forwarded}");
        }
        for forwarded in [None, Some("www.paper.example"), Some("")] {
            assert_eq!(fault_of(forwarded), other, "{forwarded:?}");
        }
    }
}
