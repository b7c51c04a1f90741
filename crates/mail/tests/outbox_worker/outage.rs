//! A relay that cannot be used, because it is down or refuses the publication.

use std::sync::{Arc, atomic::Ordering};

use masthead_mail::{OutboxWorker, SmtpRelay};
use masthead_store::EmailState;

use crate::{Office, email, sign_in};

#[tokio::test]
async fn an_unreachable_relay_is_not_asked_for_every_email() {
    let office = Office::open().await;
    for _ in 0..20 {
        office.enqueue(&email("receipt")).await;
    }
    let nowhere = SmtpRelay::new("smtp://127.0.0.1:9", "news@paper.example").expect("a relay");
    let worker = OutboxWorker::new(office.store.clone(), nowhere, Arc::default(), office.clock());
    assert_eq!(worker.tick().await.expect("a tick"), 0);
    let emails = office.store.emails(99).await.expect("emails");
    // As many as are sent at the same time.
    assert!(emails.iter().map(|email| email.tries).sum::<u32>() <= 8);
    assert!(emails.iter().all(|email| email.state == EmailState::Waiting));
    office.wait_minutes(1);
    assert_eq!(office.tick().await, 20, "nothing is lost");
}

/// A relay that refuses the publication refuses every email; none of them is to blame.
#[tokio::test]
async fn emails_wait_while_the_relay_refuses_the_publication() {
    for (verb, answer) in [
        ("AUTH", "535 5.7.8 Authentication credentials invalid"),
        ("MAIL", "530 5.7.0 Authentication required"),
    ] {
        let office = Office::open().await;
        let address = format!("smtp://paper:secret@{}", office.relay.address);
        let relay = SmtpRelay::new(&address, "news@paper.example").expect("a relay");
        let worker = OutboxWorker::new(office.store.clone(), relay, Arc::default(), office.clock());
        office.enqueue(&email("receipt")).await;
        office.relay.answer(verb, Some(answer));
        // Three days.
        for _ in 0..3 * 24 * 4 {
            assert_eq!(worker.tick().await.expect("a tick"), 0);
            office.wait_minutes(15);
        }
        let waiting = office.latest().await;
        assert_eq!(waiting.state, EmailState::Waiting, "{answer}");
        assert!(waiting.fault.contains(&answer[4..]), "{}", waiting.fault);
        office.relay.answer(verb, None);
        assert_eq!(worker.tick().await.expect("a tick"), 1, "{answer}");
    }
}

/// Providers lock accounts that fail to sign in too often.
#[tokio::test]
async fn a_relay_that_refuses_the_password_is_asked_rarely_and_a_link_to_sign_in_comes_first() {
    for office in Office::on_both_engines().await {
        let address = format!("smtp://paper:secret@{}", office.relay.address);
        let relay = SmtpRelay::new(&address, "news@paper.example").expect("a relay");
        let worker = OutboxWorker::new(office.store.clone(), relay, Arc::default(), office.clock());
        let tick = async || worker.tick().await.expect("a tick");
        office.relay.answer("AUTH", Some("535 5.7.8 Authentication credentials invalid"));
        for _ in 0..30 {
            office.enqueue(&email("receipt")).await;
        }
        assert_eq!(tick().await, 0);
        let first = office.relay.logins();
        assert!((1..=8).contains(&first), "{first}: as many as are sent at the same time");
        // New emails wake the worker.
        for _ in 0..10 {
            office.enqueue(&sign_in()).await;
            assert_eq!(tick().await, 0);
        }
        assert_eq!(office.relay.logins(), first, "it waits");
        // Five seconds, then ten.
        for logins in [first + 1, first + 1, first + 2] {
            office.seconds.fetch_add(5, Ordering::Relaxed);
            assert_eq!(tick().await, 0);
            assert_eq!(office.relay.logins(), logins);
        }
        let emails = office.store.emails(99).await.expect("emails");
        let tried = emails.iter().filter(|email| email.kind == "sign-in" && email.tries > 0);
        assert!(tried.count() > 0, "a link to sign in is tried first");

        office.relay.answer("AUTH", None);
        assert_eq!(tick().await, 0, "it waits");
        office.store.retry_emails((office.clock())()).await.expect("changed");
        assert_eq!(tick().await, 40, "an operator ends the wait, and nothing is lost");
    }
}
