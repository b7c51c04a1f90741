//! Letters on their way, through a real SMTP conversation.

#![allow(clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use masthead_mail::{OutboxWorker, Relay};
use masthead_store::{Email, LetterState, Location, Store};
use masthead_test_support::relay::MailRelay;

struct Office {
    store: Store,
    relay: MailRelay,
    outbox_worker: OutboxWorker,
    _folder: tempfile::TempDir,
}

async fn office() -> Office {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::Sqlite(folder.path().join("masthead.db"));
    let store = Store::open(&location).await.expect("a database");
    let relay = MailRelay::start().await;
    let to = Relay::new(&format!("smtp://{}", relay.address), "The Paper <news@paper.example>");
    let outbox_worker = OutboxWorker::new(store.clone(), to.expect("a relay"), Arc::default());
    Office { store, relay, outbox_worker, _folder: folder }
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn letter(kind: &str) -> Email {
    Email {
        to: "ada@example.org".parse().expect("an address"),
        kind: kind.into(),
        subject: "Für Ada".into(),
        text: "A text.".into(),
        html: "<p>A text.</p>".into(),
    }
}

#[tokio::test]
async fn a_letter_arrives_once_as_text_and_as_html() {
    let office = office().await;
    office.store.post(&letter("sign-in"), now()).await.expect("posted");
    assert_eq!(office.outbox_worker.round(now()).await.expect("a round"), 1);
    assert_eq!(office.outbox_worker.round(now()).await.expect("a round"), 0);
    let mail = office.relay.mail();
    assert_eq!(mail.len(), 1);
    for part in [
        "MAIL FROM:<news@paper.example>",
        "RCPT TO:<ada@example.org>",
        "From: \"The Paper\" <news@paper.example>",
        "Subject: =?utf-8?",
        "Message-ID: <1.1795510800@paper.example>",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "<p>A text.</p>",
    ] {
        assert!(mail[0].contains(part), "no {part} in:\n{}", mail[0]);
    }
}

#[tokio::test]
async fn a_busy_relay_gets_it_later_and_a_dead_address_never() {
    let office = office().await;
    office.store.post(&letter("receipt"), now()).await.expect("posted");
    office.relay.refuse(Some("450 busy"));
    assert_eq!(office.outbox_worker.round(now()).await.expect("a round"), 0);
    let waiting = office.store.letters(1).await.expect("letters").remove(0);
    assert_eq!(waiting.state, LetterState::Waiting);
    assert!(waiting.fault.contains("busy"), "{}", waiting.fault);
    office.relay.refuse(None);
    assert_eq!(office.outbox_worker.round(now()).await.expect("too early"), 0);
    let later = now() + SignedDuration::from_mins(1);
    assert_eq!(office.outbox_worker.round(later).await.expect("a round"), 1);

    office.store.post(&letter("receipt"), now()).await.expect("posted");
    office.relay.refuse(Some("550 nobody here"));
    office.outbox_worker.round(now()).await.expect("a round");
    let dead = office.store.letters(1).await.expect("letters").remove(0);
    assert_eq!(dead.state, LetterState::Failed);
    assert!(dead.fault.contains("nobody here"), "{}", dead.fault);
    assert_eq!(office.relay.mail().len(), 1);
}

#[tokio::test]
async fn a_link_that_would_come_too_late_is_not_sent() {
    let office = office().await;
    office.store.post(&letter("sign-in"), now()).await.expect("posted");
    let late = now() + SignedDuration::from_mins(15);
    assert_eq!(office.outbox_worker.round(late).await.expect("a round"), 0);
    assert_eq!(office.store.letters(1).await.expect("letters")[0].state, LetterState::Failed);
    assert!(office.relay.mail().is_empty());
}
