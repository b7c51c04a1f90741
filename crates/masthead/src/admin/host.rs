//! For which hosts the admin listener answers. A web page that somebody opens on its machine can give its own name the address of the
//! listener (DNS rebinding), and could then read what it answers. Such a page always sends that name.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, uri::Authority};

/// The response to a request that names another host.
const REFUSAL: &str = "The admin listener answers only to IP addresses, to localhost, and to the name that admin has under [server] in \
    masthead.toml. Use one of them in the address, or write the name there with the port, such as admin = \
    \"metrics.internal:9090\".\n";

/// Refuses requests that name another host. `admin` is the setting.
pub(super) async fn check(State(admin): State<Arc<str>>, request: Request, next: Next) -> Response {
    if is_named_well(&request, &admin) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, REFUSAL).into_response()
    }
}

/// Whether every host that a request names is one of the listener. Programs may name none, in HTTP/1.0; browsers always do.
fn is_named_well(request: &Request, admin: &str) -> bool {
    let asked = request.uri().authority().map(Authority::as_str);
    let hosts = request.headers().get_all(header::HOST).iter();
    let hosts = hosts.map(|host| host.to_str().unwrap_or("?"));
    asked.into_iter().chain(hosts).all(|host| is_own(host, admin))
}

/// Whether a host, with a port or without, is an IP address, localhost or the name in the setting.
fn is_own(host: &str, admin: &str) -> bool {
    let Ok(host) = host.parse::<Authority>() else { return false };
    let host = host.host().trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let own = admin.rsplit_once(':').map_or(admin, |(name, _)| name).trim_end_matches('.');
    address.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || host.eq_ignore_ascii_case(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_no_web_page_can_have_are_answered() {
        for host in
            ["127.0.0.1:9090", "10.1.2.3", "[::1]:9090", "[::1]", "localhost:9090", "LOCALHOST"]
        {
            assert!(is_own(host, "127.0.0.1:9090"), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9090",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "",
            "?",
        ] {
            assert!(!is_own(host, "127.0.0.1:9090"), "{host}");
        }
        assert!(is_own("Metrics.internal:9090", "metrics.internal:9090"));
        assert!(!is_own("metrics.internal.evil.example", "metrics.internal:9090"));
    }

    #[test]
    fn every_host_of_a_request_counts() {
        let request = |uri: &str, hosts: &[&str]| {
            let request = Request::get(uri);
            let request =
                hosts.iter().fold(request, |request, host| request.header(header::HOST, *host));
            request.body(axum::body::Body::empty()).expect("a request")
        };
        assert!(is_named_well(&request("/metrics", &[]), "127.0.0.1:9090"));
        assert!(is_named_well(&request("/metrics", &["127.0.0.1:9090"]), "127.0.0.1:9090"));
        let foreign = request("/metrics", &["127.0.0.1:9090", "evil.example"]);
        assert!(!is_named_well(&foreign, "127.0.0.1:9090"));
        let foreign = request("http://evil.example/metrics", &["127.0.0.1:9090"]);
        assert!(!is_named_well(&foreign, "127.0.0.1:9090"));
    }
}
