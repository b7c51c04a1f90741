//! For which hosts the admin listener answers. A web page that somebody opens on its machine can give its own name the address of the
//! listener (DNS rebinding), and could then read what it answers. Such a page always sends that name.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, uri::Authority};
use masthead_settings::ServerSettings;

/// The response to a request that names another host.
const REFUSAL: &str = "The admin listener answers only to IP addresses, to localhost, and to the names that admin and admin_hosts have \
    under [server] in masthead.toml. Use one of them in the address, or add the name that you use, such as admin_hosts = \
    [\"masthead\"], and restart the server.\n";

/// The names that the admin listener answers to, besides addresses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AdminNames(Vec<String>);

impl AdminNames {
    /// The names in the settings.
    pub(super) fn new(server: &ServerSettings) -> Self {
        let listens = server.admin.rsplit_once(':').map_or(server.admin.as_str(), |(name, _)| name);
        let others = server.admin_hosts.iter().map(String::as_str);
        let names = ["localhost", listens].into_iter().chain(others);
        Self(names.map(|name| name.trim_end_matches('.').to_owned()).collect())
    }

    /// Whether a host, with a port or without, is an IP address or one of the names.
    fn has(&self, host: &str) -> bool {
        let Ok(host) = host.parse::<Authority>() else { return false };
        let host = host.host().trim_end_matches('.');
        let address = host.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok() || self.0.iter().any(|own| host.eq_ignore_ascii_case(own))
    }
}

/// Refuses requests that name another host.
pub(super) async fn check(
    State(names): State<Arc<AdminNames>>,
    request: Request,
    next: Next,
) -> Response {
    if is_named_well(&request, &names) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, REFUSAL).into_response()
    }
}

/// Whether every host that a request names is one of the listener. Programs may name none, in HTTP/1.0; browsers always do.
fn is_named_well(request: &Request, names: &AdminNames) -> bool {
    let asked = request.uri().authority().map(Authority::as_str);
    let hosts = request.headers().get_all(header::HOST).iter();
    let hosts = hosts.map(|host| host.to_str().unwrap_or("?"));
    asked.into_iter().chain(hosts).all(|host| names.has(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(admin: &str, others: &[&str]) -> AdminNames {
        let admin_hosts = others.iter().map(|name| (*name).to_owned()).collect();
        AdminNames::new(&ServerSettings {
            admin: admin.to_owned(),
            admin_hosts,
            ..ServerSettings::default()
        })
    }

    #[test]
    fn only_names_that_no_web_page_can_have_are_answered() {
        for host in
            ["127.0.0.1:9090", "10.1.2.3", "[::1]:9090", "[::1]", "localhost:9090", "LOCALHOST"]
        {
            assert!(names("127.0.0.1:9090", &[]).has(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9090",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "",
            "?",
        ] {
            assert!(!names("127.0.0.1:9090", &["masthead"]).has(host), "{host}");
        }
        let named = names("metrics.internal:9090", &[]);
        assert!(named.has("Metrics.internal:9090"));
        assert!(!named.has("metrics.internal.evil.example"));
    }

    #[test]
    fn the_names_in_the_settings_are_answered_whatever_is_listened_on() {
        let named = names("0.0.0.0:9090", &["masthead", "paper_web.monitoring"]);
        for host in ["masthead:9090", "Masthead", "masthead.", "paper_web.monitoring:9090"] {
            assert!(named.has(host), "{host}");
        }
        assert!(!named.has("masthead.evil.example:9090"));
    }

    #[test]
    fn every_host_of_a_request_counts() {
        let request = |uri: &str, hosts: &[&str]| {
            let request = Request::get(uri);
            let request =
                hosts.iter().fold(request, |request, host| request.header(header::HOST, *host));
            request.body(axum::body::Body::empty()).expect("a request")
        };
        let own = names("127.0.0.1:9090", &[]);
        assert!(is_named_well(&request("/metrics", &[]), &own));
        assert!(is_named_well(&request("/metrics", &["127.0.0.1:9090"]), &own));
        let foreign = request("/metrics", &["127.0.0.1:9090", "evil.example"]);
        assert!(!is_named_well(&foreign, &own));
        let foreign = request("http://evil.example/metrics", &["127.0.0.1:9090"]);
        assert!(!is_named_well(&foreign, &own));
    }
}
