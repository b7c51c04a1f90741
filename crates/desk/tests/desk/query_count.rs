//! How often a page asks the store, so that it does not ask once for each row of a list.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::StatusCode;
use masthead_circulation::staff::Role;
use tracing::{
    Event, Metadata, Subscriber,
    instrument::WithSubscriber as _,
    span::{Attributes, Id, Record},
};

use super::{TestDesk, debts_and_disputes::disputed};

/// Counts what the store is asked: each of its operations has a span.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl Subscriber for Asked {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("masthead_store")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        self.0.fetch_add(1, Ordering::Relaxed);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

async fn asked_for(desk: &TestDesk, path: &str, cookie: &str) -> usize {
    let asked = Asked::default();
    let answer = desk.get(path, cookie).with_subscriber(asked.clone()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    asked.0.load(Ordering::Relaxed)
}

#[tokio::test]
async fn the_first_page_asks_as_often_however_many_disputes_are_open() {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    disputed(&desk, "one@example.org").await;
    let of_one = asked_for(&desk, "/desk", &sue).await;
    assert!(of_one > 3, "{of_one} operations are counted");
    for number in 2..6 {
        disputed(&desk, &format!("r{number}@example.org")).await;
    }
    assert_eq!(asked_for(&desk, "/desk", &sue).await, of_one);
}
