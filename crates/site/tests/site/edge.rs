//! What happens to every request: hosts, proxies in front, and the headers of every response.

use axum::{body::Body, extract::Request};
use http::{Method, StatusCode, Version, header};
use masthead_publication::HttpSettings;
use masthead_web::forwarding::ForwardingFault;
use tower::ServiceExt;

use crate::newspaper::{Newspaper, PROXY, SOMEWHERE, article};

#[tokio::test]
async fn a_request_needs_exactly_one_valid_host() {
    let paper = Newspaper::new().await;
    let status = async |version: Version, hosts: &[&str]| {
        let mut request = Request::new(Body::empty());
        *request.version_mut() = version;
        for host in hosts {
            request.headers_mut().append(header::HOST, host.parse().expect("a value"));
        }
        paper.router.clone().oneshot(request).await.expect("an answer").status()
    };
    for hosts in [&[][..], &["paper.example", "paper.example"], &["a b@c"], &[""]] {
        assert_eq!(status(Version::HTTP_11, hosts).await, StatusCode::BAD_REQUEST, "{hosts:?}");
    }
    assert_eq!(status(Version::HTTP_11, &["paper.example"]).await, StatusCode::OK);
    assert_eq!(status(Version::HTTP_10, &[]).await, StatusCode::OK);
}

#[tokio::test]
async fn pages_at_another_host_are_redirected_and_programs_are_answered() {
    let paper = Newspaper::with(|p| p.http.hosts = vec!["staging.paper.example".into()]).await;
    paper.publish(&article("a")).await;
    let at = |host: &str| paper.browser().sending("host", host);
    for path in ["/", "/news/a?x=1", "//evil.example/a", "/nothing-here", "/media/none"] {
        let reply = at("www.paper.example").get(path).await;
        assert_eq!(reply.status, StatusCode::PERMANENT_REDIRECT, "{path}");
        let to = format!("https://paper.example{path}");
        assert_eq!(reply.header("location"), Some(&*to));
    }
    let head = at("www.paper.example").ask(&Method::HEAD, "/").await;
    assert_eq!(head.status, StatusCode::PERMANENT_REDIRECT);
    for path in ["/healthz", "/readyz", "/api/v1/openapi.json"] {
        assert_eq!(at("www.paper.example").get(path).await.status, StatusCode::OK, "{path}");
    }
    let message = at("www.paper.example").post("/webhooks/stripe", "").await;
    assert_ne!(message.status, StatusCode::PERMANENT_REDIRECT);
    for host in [
        "PAPER.example",
        "paper.example:8443",
        "staging.paper.example",
        "masthead",
        "192.0.2.7:80",
        "[::1]:80",
    ] {
        assert_eq!(at(host).get("/news/a").await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn every_response_has_the_headers_of_the_edge() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let paths = [
        "/",
        "/news/a",
        "/news",
        "/nothing",
        "/media/none",
        "/assets/style.css",
        "/feed.xml",
        "/sitemap.xml",
        "/robots.txt",
        "/account",
        "/sign-in",
        "/search?q=a",
        "/offers",
        "/healthz",
        "/readyz",
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/webhooks/stripe",
        "/.well-known/security.txt",
        "/demo/outbox",
    ];
    for path in paths {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
            let reply = paper.browser().ask(&method, path).await;
            let has =
                |name: &str| reply.header(name).unwrap_or_else(|| panic!("{path} lacks {name}"));
            assert_eq!(has("x-content-type-options"), "nosniff");
            assert_eq!(has("strict-transport-security"), "max-age=31536000");
            assert_eq!(has("cross-origin-opener-policy"), "same-origin");
            assert!(has("permissions-policy").contains("camera=()"));
            assert!(!has("referrer-policy").is_empty());
            let shown = if reply.status == StatusCode::OK && path.starts_with("/assets/") {
                "cross-origin"
            } else {
                "same-origin"
            };
            assert_eq!(has("cross-origin-resource-policy"), shown, "{method} {path}");
        }
    }
    let refused = paper.browser().sending("host", "a b").get("/").await;
    assert_eq!(refused.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn https_is_demanded_only_at_an_https_address() {
    let plain = Newspaper::with(|p| p.address = "http://paper.example".into()).await;
    assert_eq!(plain.browser().get("/").await.header("strict-transport-security"), None);
    let below = Newspaper::with(|p| p.http.https_subdomains = true).await;
    let reply = below.browser().get("/").await;
    assert_eq!(
        reply.header("strict-transport-security"),
        Some("max-age=31536000; includeSubDomains")
    );
}

#[tokio::test]
async fn a_proxy_that_is_not_configured_is_noticed_and_exempts_nobody() {
    let paper = Newspaper::with(|p| {
        p.policy.first_reads_per_network = Some(2);
        p.http = HttpSettings::default();
    })
    .await;
    paper.publish(&article("a")).await;
    let recent = || paper.site.forwarding.recent(paper.now()).collect::<Vec<_>>();
    paper.browser().from("127.0.0.1").get("/").await;
    assert_eq!(recent(), []);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let paper = Newspaper::with(|p| p.http = HttpSettings::default()).await;
        paper.browser().from("127.0.0.1").sending(header, "for=1.2.3.4").get("/healthz").await;
        let noticed: Vec<_> = paper.site.forwarding.recent(paper.now()).collect();
        assert_eq!(noticed, [(ForwardingFault::Untrusted, [127, 0, 0, 1].into())], "{header}");
    }
    for (visitor, access) in [(1, "metered;left=2"), (2, "metered;left=2"), (3, "crowded")] {
        let client = format!("203.0.{visitor}.7");
        let mut browser = paper.browser().from("127.0.0.1").sending("x-forwarded-for", &client);
        let reply = browser.access("/news/a").await;
        assert_eq!(reply == "metered;left=2", access == "metered;left=2", "{visitor}: {reply}");
    }
    assert_eq!(recent(), [(ForwardingFault::Untrusted, [127, 0, 0, 1].into())]);
}

#[tokio::test]
async fn readers_whom_a_trusted_proxy_does_not_name_are_limited_as_one() {
    let paper = Newspaper::with(|p| p.policy.first_reads_per_network = Some(2)).await;
    paper.publish(&article("a")).await;
    let mut open = 0;
    for forwarded in ["unknown", "", "_hidden", "1.2.3.4, unknown", "1.2.3.4:"] {
        let mut browser = paper.browser().from(PROXY).sending("x-forwarded-for", forwarded);
        open += usize::from(browser.access("/news/a").await == "metered;left=2");
    }
    assert_eq!(open, 2);
    let noticed: Vec<_> = paper.site.forwarding.recent(paper.now()).collect();
    assert_eq!(noticed, [(ForwardingFault::Unreadable, PROXY.parse().expect("an address"))]);
    // Addresses with ports are read, so each reader has their own.
    for client in ["203.0.113.9:4431", "198.51.100.7:80", "[2001:db8::7]:443"] {
        let mut browser = paper.browser().from(PROXY).sending("x-forwarded-for", client);
        assert_eq!(browser.access("/news/a").await, "metered;left=2", "{client}");
    }
    assert_eq!(paper.browser().from(SOMEWHERE).access("/news/a").await, "metered;left=2");
}

#[tokio::test]
async fn a_trusted_proxy_that_names_no_reader_is_noticed() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let recent = || paper.site.forwarding.recent(paper.now()).collect::<Vec<_>>();
    // The proxy's own, and those of readers whom it names.
    for path in ["/healthz", "/readyz", "/"] {
        for _ in 0..30 {
            paper.browser().from(PROXY).get(path).await;
        }
    }
    for _ in 0..30 {
        paper.browser().from(PROXY).sending("x-forwarded-for", "203.0.113.9").get("/news/a").await;
    }
    for _ in 0..19 {
        paper.browser().from(PROXY).get("/news/a").await;
    }
    assert_eq!(recent(), []);
    paper.browser().from(PROXY).get("/news/a").await;
    assert_eq!(recent(), [(ForwardingFault::Missing, PROXY.parse().expect("an address"))]);
}

#[tokio::test]
async fn the_contact_for_weaknesses_is_published_if_there_is_one() {
    const PATH: &str = "/.well-known/security.txt";
    let without = Newspaper::new().await;
    assert_eq!(without.browser().get(PATH).await.status, StatusCode::NOT_FOUND);
    let contact = "mailto:security@paper.example";
    let paper = Newspaper::with(|p| p.http.security_contact = contact.into()).await;
    let reply = paper.browser().get(PATH).await;
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(
        reply.text(),
        "Contact: mailto:security@paper.example\nExpires: 2027-05-23T00:00:00Z\n\
         Canonical: https://paper.example/.well-known/security.txt\n"
    );
}
