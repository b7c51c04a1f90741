//! The access log of a router, and what it leaves out.

#![allow(clippy::expect_used, clippy::panic)]

use std::{io, sync::Arc};

use axum::{Router, body::Body, extract::Request, response::Response, routing::get};
use masthead_web::{
    access_log::{AccessLog, Format},
    observe::Observe,
};
use parking_lot::Mutex;
use tower::ServiceExt;

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn article() -> Response {
    let answer = Response::builder().header("masthead-access", "wall;reason=meter");
    answer.body(Body::from("The teaser")).expect("a response")
}

/// What is logged of a request for each of these addresses.
async fn logged(format: Format, addresses: &[&str]) -> Vec<String> {
    let output = Output::default();
    let log = AccessLog::start(format, output.clone()).expect("a thread");
    let router = Router::new()
        .route("/desk/join/{secret}", get(async || "Welcome"))
        .fallback(article)
        .layer(Observe::new(Some(log.clone())));
    for address in addresses {
        let request = Request::builder()
            .uri(*address)
            .header("cookie", "session=abc")
            .header("x-forwarded-for", "192.0.2.7");
        let request = request.body(Body::empty()).expect("a request");
        router.clone().oneshot(request).await.expect("an answer");
    }
    log.flush();
    let bytes = output.0.lock().clone();
    String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_line_of_text_has_what_was_answered() {
    let lines = logged(Format::Text, &["/news/a"]).await;
    let words: Vec<&str> = lines[0].split(' ').collect();
    assert_eq!(words[1..5], ["GET", "/news/a", "200", "wall"]);
    assert!(words[0].ends_with('Z') && words[5].ends_with("ms"), "{lines:?}");
    assert_eq!(words[6], "10");
}

#[tokio::test]
async fn a_line_of_json_is_an_object() {
    let lines = logged(Format::Json, &["/news/a", "/news/b"]).await;
    assert_eq!(lines.len(), 2);
    let line: serde_json::Value = serde_json::from_str(&lines[1]).expect("JSON");
    assert_eq!(line["path"], "/news/b");
    assert_eq!(line["status"], 200);
    assert_eq!(line["decision"], "wall");
    assert_eq!(line["bytes"], 10);
    let mut keys: Vec<_> = line.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["bytes", "decision", "method", "ms", "path", "status", "time"]);
}

#[tokio::test]
async fn secrets_queries_cookies_and_addresses_are_not_logged() {
    let addresses = ["/desk/join/k3YfS3cret", "/news/a?email=ada@example.org"];
    for format in [Format::Text, Format::Json] {
        let lines = logged(format, &addresses).await.join("\n");
        assert!(lines.contains("/desk/join/{secret}"), "{lines}");
        for hidden in ["k3YfS3cret", "ada@", "abc", "192.0.2.7"] {
            assert!(!lines.contains(hidden), "{hidden} in {lines}");
        }
    }
}
