//! Sending what is in the outbox, through a real SMTP conversation, whatever happens meanwhile.

#![allow(clippy::expect_used, clippy::panic)]

mod answers;
mod outage;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use masthead_access::token::Keyring;
use masthead_mail::{Clock, OutboxCleaner, OutboxWorker, SmtpRelay};
use masthead_store::{Email, EmailBody, EmailState, Location, OutboxEntry, Store};
use masthead_test_support::{
    postgres,
    relay::{MailRelay, Stall},
};
use rand::{SeedableRng, rngs::StdRng};

/// A database, a relay, and a clock that the test sets.
struct Office {
    store: Store,
    relay: MailRelay,
    seconds: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at(&location, folder).await
    }

    async fn on_both_engines() -> [Self; 2] {
        let folder = tempfile::tempdir().expect("a folder");
        let postgres = Self::at(&Location::Postgres(postgres::database()), folder).await;
        [Self::open().await, postgres]
    }

    async fn at(location: &Location, folder: tempfile::TempDir) -> Self {
        let keys = Keyring::generate(&mut StdRng::seed_from_u64(1));
        let store = Store::open(location).await.expect("a database").with_keys(&keys);
        let relay = MailRelay::start().await;
        let seconds = Arc::new(AtomicI64::new(now().as_second()));
        Self { store, relay, seconds, _folder: folder }
    }

    fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.seconds);
        Arc::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).expect("a time"))
    }

    fn worker(&self) -> OutboxWorker {
        self.worker_with(self.store.clone())
    }

    fn worker_with(&self, store: Store) -> OutboxWorker {
        let address = format!("smtp://{}", self.relay.address);
        let relay = SmtpRelay::new(&address, "The Paper <news@paper.example>").expect("a relay");
        OutboxWorker::new(store, relay, Arc::default(), self.clock())
    }

    fn wait_minutes(&self, minutes: i64) {
        self.seconds.fetch_add(minutes * 60, Ordering::Relaxed);
    }

    async fn enqueue(&self, email: &Email) {
        self.store.enqueue_email(email, (self.clock())()).await.expect("enqueued");
    }

    async fn tick(&self) -> u32 {
        self.worker().tick().await.expect("a tick")
    }

    async fn latest(&self) -> OutboxEntry {
        self.store.emails(1).await.expect("emails").remove(0)
    }
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn email(kind: &str) -> Email {
    Email {
        to: "ada@example.org".parse().expect("an address"),
        account: None,
        kind: kind.into(),
        subject: "Für Ada".into(),
        body: EmailBody { text: "A text.".into(), html: "<p>A text.</p>".into() },
        useful_for: None,
    }
}

fn sign_in() -> Email {
    Email { useful_for: Some(SignedDuration::from_mins(15)), ..email("sign-in") }
}

/// The `Message-ID`s of what the relay has accepted.
fn message_ids(office: &Office) -> Vec<String> {
    let mail = office.relay.mail();
    let id = |mail: &String| {
        let line = mail.lines().find(|line| line.starts_with("Message-ID: "));
        line.expect("a Message-ID").to_owned()
    };
    mail.iter().map(id).collect()
}

#[tokio::test]
async fn an_email_arrives_once_as_text_and_as_html() {
    let office = Office::open().await;
    office.enqueue(&sign_in()).await;
    assert_eq!(office.tick().await, 1);
    assert_eq!(office.tick().await, 0);
    let mail = office.relay.mail();
    assert_eq!(mail.len(), 1);
    for part in [
        "MAIL FROM:<news@paper.example>",
        "RCPT TO:<ada@example.org>",
        "From: \"The Paper\" <news@paper.example>",
        "Subject: =?utf-8?",
        "Message-ID: <",
        "Auto-Submitted: auto-generated",
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
    let office = Office::open().await;
    office.enqueue(&email("receipt")).await;
    office.relay.refuse(Some("450 busy"));
    assert_eq!(office.tick().await, 0);
    let waiting = office.latest().await;
    assert_eq!(waiting.state, EmailState::Waiting);
    assert!(waiting.fault.contains("busy"), "{}", waiting.fault);
    office.relay.refuse(None);
    assert_eq!(office.tick().await, 0, "too early");
    office.wait_minutes(1);
    assert_eq!(office.tick().await, 1);

    office.enqueue(&email("receipt")).await;
    office.relay.refuse(Some("550 nobody here"));
    office.tick().await;
    let dead = office.latest().await;
    assert_eq!(dead.state, EmailState::Failed);
    assert!(dead.fault.contains("nobody here"), "{}", dead.fault);
    assert_eq!(office.relay.mail().len(), 1);
}

#[tokio::test]
async fn a_link_that_would_come_too_late_is_not_sent() {
    let office = Office::open().await;
    office.enqueue(&sign_in()).await;
    office.wait_minutes(15);
    assert_eq!(office.tick().await, 0);
    assert_eq!(office.latest().await.state, EmailState::Failed);
    assert!(office.relay.mail().is_empty());
}

#[tokio::test]
async fn a_server_that_dies_while_sending_loses_nothing_and_sends_few_copies() {
    for office in Office::on_both_engines().await {
        office.enqueue(&email("receipt")).await;
        // Before the relay has the email, and after it has accepted it: nothing is recorded either way.
        for stall in [Stall::Recipient, Stall::Data] {
            office.relay.stall(Some(stall));
            let worker = office.worker();
            let killed = tokio::time::timeout(Duration::from_millis(500), worker.tick()).await;
            assert!(killed.is_err(), "it was sending");
            office.relay.stall(None);
            assert_eq!(office.tick().await, 0, "the claim lasts");
            office.wait_minutes(5);
        }
        assert_eq!(office.tick().await, 1);
        assert_eq!(office.latest().await.tries, 3);
        let ids = message_ids(&office);
        assert_eq!(ids.len(), 2, "the copy that was accepted, and the one that was recorded");
        assert_eq!(ids[0], ids[1], "receivers recognise the copy");
        office.wait_minutes(999);
        assert_eq!(office.tick().await, 0);
    }
}

#[tokio::test]
async fn an_email_that_kills_every_server_is_given_up() {
    let office = Office::open().await;
    office.enqueue(&email("receipt")).await;
    for _ in 0..16 {
        let due = office.store.due_emails((office.clock())(), 1).await.expect("due").remove(0);
        let until = (office.clock())() + SignedDuration::from_mins(5);
        office
            .store
            .claim_email(&due, (office.clock())(), until)
            .await
            .expect("claimed")
            .expect("a claim");
        office.wait_minutes(5);
    }
    assert_eq!(office.tick().await, 0);
    let given_up = office.latest().await;
    assert_eq!(given_up.state, EmailState::Failed);
    assert!(given_up.fault.contains("too often"), "{}", given_up.fault);
    assert!(office.relay.mail().is_empty());
}

#[tokio::test]
async fn two_workers_on_one_outbox_send_each_email_once() {
    for office in Office::on_both_engines().await {
        for _ in 0..60 {
            office.enqueue(&email("receipt")).await;
        }
        let (one, two) = (office.worker(), office.worker());
        let (one, two) = tokio::join!(one.tick(), two.tick());
        assert_eq!(one.expect("a tick") + two.expect("a tick"), 60);
        let ids = message_ids(&office);
        assert_eq!(ids.len(), 60);
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 60);
    }
}

#[tokio::test]
async fn an_email_is_put_off_if_the_relay_refuses_its_sender() {
    let office = Office::open().await;
    office.enqueue(&email("receipt")).await;
    office.relay.answer("MAIL", Some("553 5.1.8 Sender address rejected"));
    assert_eq!(office.tick().await, 0);
    assert_eq!(office.latest().await.state, EmailState::Waiting);
    office.relay.answer("MAIL", None);
    office.wait_minutes(1);
    assert_eq!(office.tick().await, 1);
}

/// An email that one server tries is not given to another by a list that was read before, or by an operator.
#[tokio::test]
async fn an_email_that_is_being_tried_cannot_be_claimed() {
    for office in Office::on_both_engines().await {
        office.enqueue(&email("receipt")).await;
        office.relay.refuse(Some("450 busy"));
        office.tick().await;
        office.wait_minutes(1);
        let now = (office.clock())();
        let due = office.store.due_emails(now, 9).await.expect("due").remove(0);
        let until = now + SignedDuration::from_mins(5);
        let claim = office.store.claim_email(&due, now, until).await.expect("claimed");
        assert!(claim.is_some());
        assert_eq!(office.store.retry_emails(now).await.expect("changed"), 0);
        assert_eq!(office.store.claim_email(&due, now, until).await.expect("asked"), None);
    }
}

#[tokio::test]
async fn waiting_emails_can_be_tried_at_once() {
    for office in Office::on_both_engines().await {
        office.enqueue(&email("receipt")).await;
        office.relay.refuse(Some("450 busy"));
        assert_eq!(office.tick().await, 0);
        office.relay.refuse(None);
        assert_eq!(office.tick().await, 0, "it is not due");
        assert_eq!(office.store.retry_emails((office.clock())()).await.expect("changed"), 1);
        assert_eq!(office.tick().await, 1);
    }
}

#[tokio::test]
async fn a_full_disk_loses_no_email_that_was_written() {
    let office = Office::open().await;
    office.store.limit_pages(300).await.expect("limited");
    let long = EmailBody { text: "A long text. ".repeat(1000), html: String::new() };
    let long = Email { body: long, ..email("receipt") };
    let mut written = 0;
    while office.store.enqueue_email(&long, now()).await.is_ok() {
        written += 1;
        assert!(written < 1000, "the disk fills");
    }
    assert!(written > 0);
    // Claims and results may fail as well while the disk is full; they do not while a worker frees room.
    while office.worker().tick().await.is_err() {
        office.wait_minutes(5);
    }
    assert_eq!(message_ids(&office).iter().collect::<HashSet<_>>().len(), written);
}

#[tokio::test]
async fn without_its_key_an_email_waits_for_another_server_and_then_fails() {
    let office = Office::open().await;
    office.enqueue(&email("receipt")).await;
    let mut rng = StdRng::seed_from_u64(2);
    let mut other = Keyring::generate(&mut StdRng::seed_from_u64(1));
    for _ in 0..3 {
        other.rotate(&mut rng);
    }
    let behind = office.worker_with(office.store.clone().with_keys(&other));
    assert_eq!(behind.tick().await.expect("a tick"), 0);
    let waiting = office.latest().await;
    assert_eq!(waiting.state, EmailState::Waiting);
    assert!(waiting.fault.contains("encrypted with key 1"), "{}", waiting.fault);
    for _ in 0..6 {
        office.wait_minutes(60);
        behind.tick().await.expect("a tick");
    }
    let failed = office.latest().await;
    assert_eq!((failed.state, failed.tries), (EmailState::Failed, 7));
    assert!(failed.fault.contains("restore that file from a backup"), "{}", failed.fault);
    assert!(office.relay.mail().is_empty());
}

#[tokio::test]
async fn a_text_that_was_tampered_with_is_never_sent() {
    let office = Office::open().await;
    office.enqueue(&email("receipt")).await;
    office.store.tamper("UPDATE outbox SET recipient = 'eve@example.org'").await.expect("changed");
    for _ in 0..7 {
        assert_eq!(office.tick().await, 0);
        office.wait_minutes(60);
    }
    let failed = office.latest().await;
    assert_eq!(failed.state, EmailState::Failed);
    assert!(failed.fault.contains("or changed since"), "{}", failed.fault);
    assert!(office.relay.mail().is_empty());
}

#[tokio::test]
async fn the_cleaner_expires_and_deletes_without_a_relay() {
    for office in Office::on_both_engines().await {
        let keep = SignedDuration::from_hours(24 * 90);
        let cleaner = OutboxCleaner::new(office.store.clone(), keep, office.clock());
        office.enqueue(&sign_in()).await;
        office.enqueue(&email("receipt")).await;
        office.wait_minutes(15);
        let cleaned = cleaner.tick().await.expect("a tick");
        assert_eq!((cleaned.expired, cleaned.deleted), (1, 0));
        office.wait_minutes(90 * 24 * 60 - 15);
        assert_eq!(cleaner.tick().await.expect("a tick").deleted, 0);
        office.wait_minutes(1);
        let held = cleaner.tick_without_deleting().await.expect("a tick");
        assert_eq!(held.deleted, 0, "the clock may be wrong");
        assert_eq!(cleaner.tick().await.expect("a tick").deleted, 2);
        assert!(office.store.emails(9).await.expect("emails").is_empty());
    }
}

#[tokio::test]
async fn plain_text_of_an_earlier_version_is_sent_and_blanked() {
    for office in Office::on_both_engines().await {
        let written = now().as_second();
        let insert = format!(
            "INSERT INTO outbox (recipient, kind, subject, text, html, written, state, tries, due, fault) \
             VALUES ('ada@example.org', 'invitation', 'Join', 'Old text', '<b>Old text</b>', \
             {written}, 'waiting', 0, {written}, '')"
        );
        office.store.tamper(&insert).await.expect("inserted");
        assert_eq!(office.tick().await, 1);
        assert!(office.relay.mail()[0].contains("<b>Old text</b>"));
        assert_eq!(office.store.columns_with("Old text").await.expect("searched"), [""; 0]);
    }
}

#[tokio::test]
async fn answers_and_reports_go_to_addresses_of_their_own() {
    let office = Office::open().await;
    office.enqueue(&sign_in()).await;
    let address = format!("smtp://{}", office.relay.address);
    let relay = SmtpRelay::new(&address, "The Paper <news@paper.example>").expect("a relay");
    let relay = relay.with_addresses("desk@paper.example", "bounces@paper.example");
    let worker = OutboxWorker::new(
        office.store.clone(),
        relay.expect("addresses"),
        Arc::default(),
        office.clock(),
    );
    assert_eq!(worker.tick().await.expect("a tick"), 1);
    let mail = office.relay.mail();
    for part in [
        "MAIL FROM:<bounces@paper.example>",
        "From: \"The Paper\" <news@paper.example>",
        "Reply-To: desk@paper.example",
    ] {
        assert!(mail[0].contains(part), "no {part} in:\n{}", mail[0]);
    }
    let relay = SmtpRelay::new(&address, "news@paper.example").expect("a relay");
    let refused = relay.with_addresses("nobody", "").err().expect("no address");
    assert!(refused.to_string().contains("reply_to"), "{refused}");
}

#[tokio::test]
async fn message_ids_do_not_follow_from_numbers_and_times() {
    let [office, other] = [Office::open().await, Office::open().await];
    let mut ids = HashSet::new();
    for office in [&office, &other] {
        // The same number, written in the same second.
        office.enqueue(&sign_in()).await;
        office.tick().await;
        ids.extend(message_ids(office));
    }
    assert_eq!(ids.len(), 2, "{ids:?}");
}
