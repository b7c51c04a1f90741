//! Pages that are open hear of new posts of live coverage, and get no text.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::Timestamp;
use masthead_site::ClientIp;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::{
    live_coverage::secret,
    newspaper::{Browser, Newspaper, SOMEWHERE, article},
};

/// A stream of events.
pub(crate) struct Stream {
    pub status: StatusCode,
    headers: http::HeaderMap,
    body: Body,
}

impl Stream {
    pub async fn open(paper: &Newspaper, browser: &Browser, article: &str) -> Self {
        let mut request = Request::get(format!("/api/v1/live-updates{article}?since=0"))
            .header(header::HOST, "paper.example")
            .header(header::ACCEPT, "text/event-stream")
            .body(Body::empty())
            .expect("a request");
        if let Some(cookie) = &browser.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a value"));
        }
        request.extensions_mut().insert(ClientIp(SOMEWHERE.parse().expect("an address")));
        let answer = paper.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The next thing that is sent; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        let frame = timeout(Duration::from_secs(30), self.body.frame()).await.expect("in time")?;
        let data = frame.expect("a frame").into_data().expect("data");
        Some(String::from_utf8(data.to_vec()).expect("UTF-8"))
    }

    pub async fn rest(&mut self) -> String {
        let mut all = String::new();
        while let Some(next) = self.next().await {
            all += &next;
        }
        all
    }
}

#[tokio::test]
async fn an_open_page_hears_of_posts_and_of_the_end_and_gets_no_text() {
    for paper in Newspaper::on_both().await {
        let id = paper.cover(&article("flood")).await;
        let mut reader = paper.browser();
        reader.get("/news/flood").await;
        let mut stream = Stream::open(&paper, &reader, "/news/flood").await;
        assert_eq!(stream.status, StatusCode::OK);
        assert_eq!(stream.headers[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(stream.headers[header::CACHE_CONTROL], "private, no-store");
        assert_eq!(stream.headers["x-accel-buffering"], "no");
        let first = stream.next().await.expect("an event");
        assert!(first.contains("\"newPosts\":0") && first.contains("\"running\":true"), "{first}");
        for count in 1..=2 {
            paper.post_live(id, &format!("number{count}")).await;
            let heard = stream.next().await.expect("an event");
            assert!(heard.contains(&format!("\"newPosts\":{count}")), "{heard}");
            assert!(!heard.contains("Secretofpost"), "{heard}");
        }
        // Another article is no news here.
        paper.publish(&article("other")).await;
        paper.store.end_coverage(id, paper.by_server()).await.expect("ended");
        paper.refresh().await;
        let end = stream.next().await.expect("an event");
        assert!(end.contains("\"running\":false"), "{end}");
        assert_eq!(stream.next().await, None, "nothing comes after the end");
    }
}

#[tokio::test]
async fn posts_of_another_server_are_heard_of_as_well() {
    for paper in Newspaper::on_both().await {
        let id = paper.cover(&article("flood")).await;
        let other = paper.another(|_| {}).await;
        let mut stream = Stream::open(&paper, &paper.browser(), "/news/flood").await;
        stream.next().await.expect("an event");
        paper.post_live(id, "one").await;
        // As the task does that waits for notifications of the database.
        other.refresh().await.expect("refreshed");
        let heard = stream.next().await.expect("an event");
        assert!(heard.contains("\"newPosts\":1"), "{heard}");
        let page = Browser::of(other.router()).get("/news/flood").await.text();
        assert!(page.contains(&secret("one")));
    }
}

#[tokio::test]
async fn a_withdrawn_article_and_a_server_that_stops_end_the_stream() {
    let paper = Newspaper::new().await;
    paper.cover(&article("flood")).await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = Stream::open(&paper, &paper.browser(), "/news/flood").await;
        stream.next().await.expect("an event");
        streams.push(stream);
    }
    paper.store.withdraw("flood", Timestamp::now()).await.expect("withdrawn");
    paper.refresh().await;
    assert_eq!(streams.pop().expect("a stream").next().await, None);
    paper.cover(&article("storm")).await;
    let mut stream = Stream::open(&paper, &paper.browser(), "/news/storm").await;
    stream.next().await.expect("an event");
    paper.site.end_streams();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_network_has_only_so_many_streams_and_asks_for_json_then() {
    let paper = Newspaper::new().await;
    paper.cover(&article("flood")).await;
    let mut streams = Vec::new();
    let refused = loop {
        let stream = Stream::open(&paper, &paper.browser(), "/news/flood").await;
        if stream.status != StatusCode::OK {
            break stream;
        }
        streams.push(stream);
        assert!(streams.len() < 5000, "there is no limit");
    };
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let mut reader = paper.browser();
    let asked = reader.get("/api/v1/live-updates/news/flood").await;
    assert_eq!(asked.status, StatusCode::OK, "JSON is still there");
    drop(streams.pop());
    let mut again = refused;
    for _ in 0..100 {
        if again.status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        again = Stream::open(&paper, &paper.browser(), "/news/flood").await;
    }
    assert_eq!(again.status, StatusCode::OK, "a place is given back");
}
