//! The decisions as JSON: the same as on the page, without the text, and without a read.

use http::StatusCode;
use masthead_access::Tier;
use serde_json::Value;

use crate::newspaper::{Browser, Newspaper, sentence, tiered};

async fn access(browser: &mut Browser, article: &str) -> Value {
    let reply = browser.get(&format!("/api/v1/access{article}")).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    assert!(reply.header("set-cookie").is_none());
    serde_json::from_slice(&reply.bytes).expect("JSON")
}

#[tokio::test]
async fn asking_says_what_would_come_and_spends_nothing() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut reader = paper.browser();
    for _ in 0..5 {
        let answer = access(&mut reader, "/news/a").await;
        assert_eq!(answer["decision"], "metered");
        assert_eq!((answer["left"].as_u64(), answer["allowance"].as_u64()), (Some(2), Some(3)));
        assert_eq!(answer["standing"], "anonymous");
        assert_eq!(answer["resetsOn"], "2026-12-01");
        assert_eq!(answer["messages"][0]["placement"], "banner");
    }
    for slug in ["a", "b", "c"] {
        reader.get(&format!("/news/{slug}")).await;
    }
    assert_eq!(access(&mut reader, "/news/a").await["reason"], "re-read");
    let wall = access(&mut reader, "/news/d").await;
    assert_eq!((&wall["decision"], &wall["reason"]), (&"wall".into(), &"register".into()));
    assert_eq!(wall["messages"][0]["actions"][0]["href"], "/register");
    assert!(!wall.to_string().contains(&sentence("d", 0)));
    let header = reader.get("/api/v1/access/news/d").await;
    assert_eq!(header.header("masthead-access"), Some("wall;reason=register"));
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_problem() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("s", Tier::Subscribers)).await;
    let mut reader = paper.browser();
    assert_eq!(access(&mut reader, "/news/s").await["reason"], "subscribers");
    for path in
        ["/api/v1/access/news/none", "/api/v1/access/news", "/api/v2/x", "/api/v1/access/%ff"]
    {
        let reply = reader.get(path).await;
        assert!(reply.status.is_client_error(), "{path}: {}", reply.status);
    }
    let reply = reader.get("/api/v1/access/news/none").await;
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    let problem: Value = serde_json::from_slice(&reply.bytes).expect("JSON");
    assert_eq!(problem["status"], 404);
}
