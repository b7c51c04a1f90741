//! What is said when a request cannot be answered: pages to readers, problem details to programs.

use http::{Method, StatusCode};
use serde_json::Value;

use crate::{
    newspaper::{Browser, Newspaper, Reply},
    post::sign_in,
    shop::ADA,
};

/// The modules with the addresses of pages and of their scripts.
const ROUTES: [&str; 4] = [
    include_str!("../../src/account.rs"),
    include_str!("../../src/demo.rs"),
    include_str!("../../src/search.rs"),
    include_str!("../../src/subscribe.rs"),
];

/// Every address that takes a form of a page or its script, with 1 for each parameter.
fn forms() -> Vec<String> {
    let routes = ROUTES.iter().flat_map(|source| source.split(".route(").skip(1));
    let forms = routes.filter(|route| {
        let handlers = route.split_once("))").map_or(*route, |(handlers, _)| handlers);
        handlers.contains("post(")
    });
    let address = |route: &'static str| route.split('"').nth(1).expect("a path");
    forms.map(address).map(with_parameters).collect()
}

fn with_parameters(path: &str) -> String {
    let segments = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

fn assert_page(reply: &Reply, says: &str) {
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let page = reply.text();
    assert!(page.contains("<title>") && page.contains(says), "{page}");
}

fn problem(reply: &Reply) -> Value {
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    let problem: Value = serde_json::from_slice(&reply.bytes).expect("JSON");
    assert_eq!(problem["status"], reply.status.as_u16());
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    problem
}

#[tokio::test]
async fn no_form_of_another_site_is_accepted() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let forms = forms();
    for known in ["/sign-in/passkey", "/account/subscriptions/1/rest", "/demo/today"] {
        assert!(forms.iter().any(|path| path == known), "{known} is not among {forms:?}");
    }
    for browser in [ada, paper.browser()] {
        for path in &forms {
            let mut misled = browser.clone().sending("sec-fetch-site", "cross-site");
            let reply = misled.post(path, "email=eve%40example.org&sure=yes").await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
            if path.contains("passkey") && !path.ends_with("removal") {
                assert_eq!(reply.text(), "{}", "{path}");
            } else {
                assert_page(&reply, "It came from another site");
            }
        }
    }
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_answered_with_its_status_and_a_page() {
    let paper = Newspaper::new().await;
    let mut reader = paper.browser();
    let long = format!("email={}", "a".repeat(60_000));
    for (form, status) in [(long.as_str(), 413), ("from=/", 400)] {
        let reply = reader.post("/sign-in", form).await;
        assert_eq!(reply.status.as_u16(), status);
        assert_page(&reply, "Something went wrong with that form");
    }
    let reply = reader.ask(&Method::POST, "/sign-in").await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_page(&reply, "Something went wrong with that form");
    let mut app = paper.browser();
    let reply = app.ask(&Method::POST, "/api/v1/app").await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    problem(&reply);
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_named_with_those_that_it_takes() {
    let paper = Newspaper::new().await;
    let mut reader = paper.browser();
    for (method, path, allow) in [
        (Method::DELETE, "/account", "GET,HEAD"),
        (Method::GET, "/account/name", "POST"),
        (Method::PUT, "/sign-in", "GET,HEAD,POST"),
        (Method::POST, "/nowhere", "GET, HEAD"),
    ] {
        let reply = reader.ask(&method, path).await;
        assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, Some(allow)), "{path}");
        assert_page(&reply, "This page doesn’t accept forms");
    }
    for path in ["/api/v1/me", "/webhooks/stripe"] {
        let reply = reader.ask(&Method::DELETE, path).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(reply.header("allow").is_some(), "{path}");
        problem(&reply);
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_parsed_are_not_there() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    for path in ["/account/invoices/%FF", "/demo/outbox/none", "/offers"] {
        let reply = ada.get(path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_page(&reply, "Page not found");
    }
    let reply = ada.get("/sign-in?again=perhaps").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_page(&reply, "Nothing has changed.");
    problem(&ada.get("/api/v1/access/%FF").await);
}

#[tokio::test]
async fn programs_are_told_what_is_wrong_as_problem_details() {
    let paper = Newspaper::new().await;
    let mut app = paper.browser();
    let signed_out = app.get("/api/v1/me").await;
    assert_eq!(signed_out.header("www-authenticate"), Some("Bearer"));
    assert_eq!(signed_out.header("vary"), Some("Authorization, Cookie"));
    assert_eq!(problem(&signed_out)["title"], "Unauthorized");
    // A browser that is signed in has no token to give back.
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let reply = ada.ask(&Method::DELETE, "/api/v1/session").await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    problem(&reply);
    let message = app.post("/webhooks/nobody", "").await;
    assert_eq!(message.status, StatusCode::NOT_FOUND);
    problem(&message);
    let often = until_refused(&mut app, "/api/v1/app", "name=App").await;
    assert_eq!(problem(&often)["detail"], "That was too often; wait a minute.");
}

#[tokio::test]
async fn readers_who_try_too_often_are_told_so_on_a_page() {
    let paper = Newspaper::new().await;
    let mut reader = paper.browser();
    let reply = until_refused(&mut reader, "/sign-in/code", "code=123456").await;
    assert_page(&reply, "Please wait a");
    let script = reader.post("/sign-in/passkey/challenge", "").await;
    assert_eq!((script.status.as_u16(), script.text().as_str()), (429, "{}"));
}

#[tokio::test]
async fn codes_of_apps_are_limited_however_they_are_sent() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let mut guesser = ada.clone().from("198.51.100.1");
    let reply = until_refused(&mut guesser, "/sign-in/app", "code=GUESS&answer=yes").await;
    assert_page(&reply, "Please wait a");
    let mut guesser = ada.from("192.0.2.1");
    let mut tried = 0;
    while guesser.get("/sign-in/app?%63ode=GUESS").await.status != StatusCode::TOO_MANY_REQUESTS {
        tried += 1;
        assert!(tried < 100, "the page has no limit");
    }
    assert_eq!(guesser.get("/sign-in/app").await.status, StatusCode::OK, "no code is tried");
}

/// Sends a form until the limit refuses it.
async fn until_refused(browser: &mut Browser, path: &str, form: &str) -> Reply {
    for _ in 0..100 {
        let reply = browser.post(path, form).await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            return reply;
        }
    }
    panic!("{path} has no limit");
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_and_leads_on() {
    let paper = Newspaper::new().await;
    let page = paper.browser().get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let page = page.text();
    assert!(page.contains("<title>Page not found | The Paper</title>"), "{page}");
    assert!(page.contains("role=\"search\" action=\"/search\"") && page.contains("href=\"/\""));
    assert!(!page.contains("id=\"latest\""), "there is no story yet");
    paper.publish_metered("ab").await;
    let page = paper.browser().get("/nowhere").await.text();
    assert!(page.contains("id=\"latest\"") && page.contains("href=\"/news/a\""), "{page}");
}
