//! The outbox: sending once, and keeping nothing that can be used.

use jiff::{SignedDuration, Timestamp};
use masthead_access::token::Keyring;
use masthead_circulation::{EmailAddress, EndingKind, EndingRequest};
use masthead_store::{
    BounceOutcome, BouncedEmail, DeliveryResult, Email, EmailBody, EmailBodyError, EmailState,
    EndingEmailRequest, Location, OutboxEntry, Store,
};
use rand::{SeedableRng, rngs::StdRng};

use crate::{keys, open};

on_both_engines!(
    emails_wait_until_they_are_sent,
    an_email_is_claimed_once,
    a_late_result_does_not_undo_sending,
    links_are_sent_before_receipts,
    a_bounce_is_recorded_for_its_address,
    text_is_sealed_while_it_waits_and_blanked_afterwards,
    expired_emails_fail_and_are_blanked,
    a_sealed_text_opens_only_in_its_own_email,
    a_text_can_be_read_after_a_rotation_of_keys_but_not_after_their_loss,
    plain_text_of_an_earlier_version_is_sealed,
    old_emails_are_deleted_in_batches,
    without_keys_no_email_is_written,
    a_requested_email_is_written_once_and_survives_a_crash,
    a_request_that_nobody_answers_expires_and_is_blanked,
);

const SECRET: &str = "nRzIgYVzdQ4l1lJ6v0iLbOwTkEgqlW1s5b9C3mXAYxE";

fn address(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn later(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

/// An email with a secret in it that is good for a quarter of an hour.
pub fn sign_in_email(to: &str) -> Email {
    let text = format!("Follow “https://paper.example/sign-in/with/{SECRET}”.");
    Email {
        to: address(to),
        account: None,
        kind: "sign-in".into(),
        subject: "Sign in".into(),
        body: EmailBody { html: format!("<p>{text}</p>"), text },
        useful_for: Some(SignedDuration::from_mins(15)),
    }
}

fn receipt() -> Email {
    Email { kind: "receipt".into(), useful_for: None, ..sign_in_email("ada@example.org") }
}

async fn due(store: &Store, now: Timestamp) -> Vec<OutboxEntry> {
    store.due_emails(now, 10).await.expect("read")
}

async fn finish(store: &Store, email: &OutboxEntry, result: DeliveryResult) {
    let claim = store.claim_email(email, later(4), later(5)).await.expect("claimed");
    let claim = claim.expect("a claim");
    store.finish_email(claim, &result).await.expect("finished");
}

async fn state(store: &Store) -> (EmailState, String) {
    let email = store.emails(1).await.expect("read").remove(0);
    (email.state, email.fault)
}

async fn emails_wait_until_they_are_sent(location: &Location) {
    let store = open(location).await;
    store.enqueue_email(&receipt(), now()).await.expect("enqueued");
    assert!(due(&store, later(-1)).await.is_empty());
    let first = due(&store, now()).await.remove(0);
    assert_eq!(store.email_body(first.id).await.expect("a body"), receipt().body);
    let busy = DeliveryResult::Retry { at: later(1), tries: 1, fault: "busy".into() };
    finish(&store, &first, busy).await;
    assert!(due(&store, now()).await.is_empty());
    let second = due(&store, later(1)).await.remove(0);
    assert_eq!((second.tries, second.fault.as_str()), (1, "busy"));
    finish(&store, &second, DeliveryResult::Sent).await;
    assert!(due(&store, later(99)).await.is_empty());
    assert_eq!(state(&store).await, (EmailState::Sent, String::new()));
}

async fn an_email_is_claimed_once(location: &Location) {
    let store = open(location).await;
    store.enqueue_email(&receipt(), now()).await.expect("enqueued");
    let email = due(&store, now()).await.remove(0);
    let servers: Vec<_> = (0..6)
        .map(|_| {
            let (store, email) = (store.clone(), email.clone());
            tokio::spawn(async move { store.claim_email(&email, now(), later(5)).await })
        })
        .collect();
    let mut claims = 0;
    for server in servers {
        let claim = server.await.expect("finished").expect("tried");
        claims += u32::from(claim.is_some());
    }
    assert_eq!(claims, 1);
    assert!(due(&store, later(4)).await.is_empty());
    assert_eq!(due(&store, later(5)).await.len(), 1, "due again if the server has crashed");
}

async fn a_late_result_does_not_undo_sending(location: &Location) {
    let store = open(location).await;
    store.enqueue_email(&receipt(), now()).await.expect("enqueued");
    let first = due(&store, now()).await.remove(0);
    let claim = async |email, now, until| {
        let claim = store.claim_email(email, now, until).await.expect("claimed");
        claim.expect("a claim")
    };
    let slow = claim(&first, now(), later(5)).await;
    let second = due(&store, later(5)).await.remove(0);
    let quick = claim(&second, later(5), later(10)).await;

    let retry = DeliveryResult::Retry { at: later(6), tries: 1, fault: "slow".into() };
    store.finish_email(slow, &retry).await.expect("finished");
    assert!(due(&store, later(9)).await.is_empty(), "the later claim holds");
    store.finish_email(quick, &DeliveryResult::Sent).await.expect("finished");
    let failed = DeliveryResult::Failed { fault: "slow".into() };
    for late in [retry, failed] {
        store.finish_email(slow, &late).await.expect("finished");
        assert_eq!(state(&store).await.0, EmailState::Sent);
    }
    assert!(due(&store, later(99)).await.is_empty());
}

async fn links_are_sent_before_receipts(location: &Location) {
    let store = open(location).await;
    for _ in 0..3 {
        store.enqueue_email(&receipt(), now()).await.expect("enqueued");
    }
    store.enqueue_email(&sign_in_email("ada@example.org"), later(1)).await.expect("enqueued");
    let kinds: Vec<String> = store
        .due_emails(later(1), 2)
        .await
        .expect("read")
        .into_iter()
        .map(|email| email.kind)
        .collect();
    assert_eq!(kinds, ["sign-in", "receipt"]);
}

async fn a_bounce_is_recorded_for_its_address(location: &Location) {
    let store = open(location).await;
    let ada = address("ada@example.org");
    let mark = async |email| store.mark_bounced(email, "no such mailbox").await.expect("asked");
    let latest = BouncedEmail::LatestTo(&ada);
    assert_eq!(mark(latest).await, BounceOutcome::Unknown);
    for kind in ["receipt", "ended"] {
        let email = Email { kind: kind.into(), ..receipt() };
        store.enqueue_email(&email, now()).await.expect("enqueued");
    }
    store.enqueue_email(&sign_in_email("ada@example.org"), now()).await.expect("enqueued");
    assert_eq!(store.last_delivery(&ada).await.expect("read"), None, "nothing is known yet");
    let mut emails = due(&store, now()).await;
    emails.sort_by_key(|email| email.id);
    finish(&store, &emails[0], DeliveryResult::Sent).await;
    finish(&store, &emails[1], DeliveryResult::Sent).await;
    let with_id = BouncedEmail::WithMessageId;
    for forged in ["forged", ""] {
        assert_eq!(mark(with_id(forged)).await, BounceOutcome::Unknown, "it was never sent");
    }
    // That one waits, and is not one that came back.
    assert_eq!(mark(with_id(&emails[2].message_id)).await, BounceOutcome::Unknown);
    let (id, to) = (emails[1].id, ada.to_string());
    let second = with_id(&emails[1].message_id);
    assert_eq!(mark(second).await, BounceOutcome::Noted { id, to: to.clone() });
    assert_eq!(mark(second).await, BounceOutcome::NotedBefore { id, to: to.clone() });
    let last = store.last_delivery(&ada).await.expect("read").expect("there");
    assert_eq!((last.kind.as_str(), last.state), ("ended", EmailState::Failed));
    assert_eq!(last.fault, "no such mailbox");
    finish(&store, &emails[2], DeliveryResult::Sent).await;
    let last = store.last_delivery(&ada).await.expect("read").expect("there");
    assert_eq!(last.kind, "ended", "a reader who is signed in has received the email to sign in");
    let bob = address("bob@example.org");
    assert_eq!(store.last_delivery(&bob).await.expect("read"), None);
    let id = emails[2].id;
    assert_eq!(mark(latest).await, BounceOutcome::Noted { id, to }, "the latest that was sent");
}

async fn text_is_sealed_while_it_waits_and_blanked_afterwards(location: &Location) {
    let store = open(location).await;
    for result in [DeliveryResult::Sent, DeliveryResult::Failed { fault: "refused".into() }] {
        store.enqueue_email(&sign_in_email("ada@example.org"), now()).await.expect("enqueued");
        let email = due(&store, now()).await.remove(0);
        assert_eq!(store.columns_with(SECRET).await.expect("searched"), [""; 0]);
        assert_eq!(store.columns_with("Follow").await.expect("searched"), [""; 0]);
        finish(&store, &email, result).await;
        assert!(matches!(store.email_body(email.id).await, Err(EmailBodyError::Gone)));
        let blanked = store.tamper("UPDATE outbox SET due = due WHERE body IS NOT NULL").await;
        assert_eq!(blanked.expect("counted"), 0, "not even the sealed text is kept");
        let kept = store.email(email.id).await.expect("read").expect("there");
        assert_eq!((kept.kind.as_str(), kept.subject.as_str()), ("sign-in", "Sign in"));
        assert_eq!((kept.to, kept.written), (address("ada@example.org"), now()));
    }
    // The search finds what is there.
    assert_eq!(store.columns_with("Sign in").await.expect("searched"), ["outbox.subject"]);
}

async fn expired_emails_fail_and_are_blanked(location: &Location) {
    let store = open(location).await;
    store.enqueue_email(&receipt(), now()).await.expect("enqueued");
    store.enqueue_email(&sign_in_email("ada@example.org"), now()).await.expect("enqueued");
    assert_eq!(store.expire_emails(later(14)).await.expect("looked"), 0);
    assert_eq!(store.expire_emails(later(15)).await.expect("expired"), 1);
    let fault = "it came too late to be of use".to_owned();
    assert_eq!(state(&store).await, (EmailState::Failed, fault));
    let expired = store.emails(1).await.expect("read").remove(0);
    assert!(matches!(store.email_body(expired.id).await, Err(EmailBodyError::Gone)));
    assert_eq!(due(&store, later(99)).await.len(), 1, "the receipt still waits");
}

async fn a_sealed_text_opens_only_in_its_own_email(location: &Location) {
    let store = open(location).await;
    store.enqueue_email(&sign_in_email("ada@example.org"), now()).await.expect("enqueued");
    let email = due(&store, now()).await.remove(0);
    for (change, back) in [
        ("recipient = 'eve@example.org'", "recipient = 'ada@example.org'"),
        ("kind = 'receipt'", "kind = 'sign-in'"),
        ("subject = 'Win'", "subject = 'Sign in'"),
    ] {
        store.tamper(&format!("UPDATE outbox SET {change}")).await.expect("changed");
        let opened = store.email_body(email.id).await;
        assert!(matches!(opened, Err(EmailBodyError::NotGenuine)), "{change}: {opened:?}");
        store.tamper(&format!("UPDATE outbox SET {back}")).await.expect("changed");
        assert!(store.email_body(email.id).await.is_ok(), "{back}");
    }
}

async fn a_text_can_be_read_after_a_rotation_of_keys_but_not_after_their_loss(location: &Location) {
    let store = open(location).await;
    store.enqueue_email(&sign_in_email("ada@example.org"), now()).await.expect("enqueued");
    let email = due(&store, now()).await.remove(0);
    let mut rng = StdRng::seed_from_u64(2);
    let mut rotated = keys();
    rotated.rotate(&mut rng);
    assert!(store.clone().with_keys(&rotated).email_body(email.id).await.is_ok());
    rotated.rotate(&mut rng);
    rotated.rotate(&mut rng);
    let dropped = store.clone().with_keys(&rotated).email_body(email.id).await;
    assert!(matches!(dropped, Err(EmailBodyError::UnknownKey(1))), "{dropped:?}");
    let lost = store.clone().with_keys(&Keyring::generate(&mut rng)).email_body(email.id).await;
    assert!(matches!(lost, Err(EmailBodyError::NotGenuine)), "{lost:?}");
}

async fn plain_text_of_an_earlier_version_is_sealed(location: &Location) {
    let store = open(location).await;
    let written = now().as_second();
    let insert = format!(
        "INSERT INTO outbox (recipient, kind, subject, text, html, written, state, tries, due, fault) \
         VALUES ('ada@example.org', 'invitation', 'Join', 'Link {SECRET}', '<b>{SECRET}</b>', \
         {written}, 'waiting', 0, {written}, '')"
    );
    for _ in 0..2 {
        store.tamper(&insert).await.expect("inserted");
    }
    assert_eq!(store.columns_with(SECRET).await.expect("searched").len(), 2);
    let emails = due(&store, now()).await;
    let plain = EmailBody { text: format!("Link {SECRET}"), html: format!("<b>{SECRET}</b>") };
    assert_eq!(store.email_body(emails[0].id).await.expect("plain"), plain);
    finish(&store, &emails[0], DeliveryResult::Sent).await;
    assert_eq!(store.seal_plain_emails(9).await.expect("sealed"), 1);
    assert_eq!(store.seal_plain_emails(9).await.expect("sealed"), 0);
    assert_eq!(store.columns_with(SECRET).await.expect("searched"), [""; 0]);
    assert_eq!(store.email_body(emails[1].id).await.expect("opened"), plain);
}

async fn old_emails_are_deleted_in_batches(location: &Location) {
    let store = open(location).await;
    for minutes in 0..5 {
        store.enqueue_email(&receipt(), later(minutes)).await.expect("enqueued");
    }
    let before = later(3);
    assert_eq!(store.delete_emails(before, 2).await.expect("deleted"), 2);
    assert_eq!(store.delete_emails(before, 2).await.expect("deleted"), 1);
    assert_eq!(store.delete_emails(before, 2).await.expect("deleted"), 0);
    let left: Vec<Timestamp> =
        store.emails(9).await.expect("read").iter().map(|email| email.written).collect();
    assert_eq!(left, [later(4), later(3)]);
}

async fn without_keys_no_email_is_written(location: &Location) {
    let store = Store::open(location).await.expect("a database");
    let error = store.enqueue_email(&receipt(), now()).await.expect_err("refused");
    assert!(error.to_string().contains("without the publication's keys"), "{error}");
}

fn request() -> EndingEmailRequest {
    let (kind, to) = (EndingKind::Withdrawal, address("ada@example.org"));
    EndingEmailRequest { kind, to, note: "Ada Example".into() }
}

async fn a_requested_email_is_written_once_and_survives_a_crash(location: &Location) {
    let store = open(location).await;
    store.request_ending_email(&request(), now()).await.expect("requested");
    assert_eq!(state(&store).await.0, EmailState::Requested);
    assert!(due(&store, later(9)).await.is_empty(), "there is nothing to send yet");
    let claim = async |at| store.claim_requested_emails(at, 9).await.expect("claimed");
    let mut claimed = claim(now()).await;
    assert_eq!(claimed.len(), 1);
    let claimed = claimed.remove(0);
    assert_eq!((claimed.request.expect("sealed"), claimed.asked), (request(), now()));
    assert!(claim(now()).await.is_empty(), "one server writes it");
    // That server is killed, and another one takes it up.
    let again = claim(later(1)).await.remove(0);
    assert_eq!((again.id, again.asked), (claimed.id, now()));
    let email = Email { kind: "withdrawal".into(), ..sign_in_email("ada@example.org") };
    let writing = (0..8).map(|_| {
        let (store, email) = (store.clone(), email.clone());
        tokio::spawn(async move { store.write_requested_email(again.id, &email, later(1)).await })
    });
    let mut written = 0;
    for one in writing.collect::<Vec<_>>() {
        written += u32::from(one.await.expect("joined").expect("no failure"));
    }
    assert_eq!(written, 1);
    assert!(claim(later(9)).await.is_empty());
    let sent = due(&store, later(1)).await;
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].kind.as_str(), sent[0].subject.as_str()), ("withdrawal", "Sign in"));
    assert_eq!(sent[0].expires, Some(later(16)));
    assert_eq!(store.email_body(sent[0].id).await.expect("a body"), email.body);
}

async fn a_request_that_nobody_answers_expires_and_is_blanked(location: &Location) {
    let store = open(location).await;
    store.request_ending_email(&request(), now()).await.expect("requested");
    let last = store.last_delivery(&request().to).await.expect("read");
    assert_eq!(last, None, "it was not delivered, and has not failed");
    let over = now() + EndingRequest::LIFETIME;
    assert_eq!(store.expire_emails(over).await.expect("expired"), 1);
    assert_eq!(state(&store).await.0, EmailState::Failed);
    assert!(store.claim_requested_emails(over, 9).await.expect("asked").is_empty());
    let id = store.emails(1).await.expect("read").remove(0).id;
    assert!(matches!(store.email_body(id).await, Err(EmailBodyError::Gone)));
    let email = Email { kind: "withdrawal".into(), ..sign_in_email("ada@example.org") };
    assert!(!store.write_requested_email(id, &email, over).await.expect("asked"));
}
