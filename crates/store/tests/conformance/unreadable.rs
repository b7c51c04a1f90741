//! An unknown word in a row is an error, and never read as another word.

use jiff::Timestamp;
use masthead_circulation::{Digest, EndingKind, SubscriptionId};
use masthead_store::{AuditQuery, Email, EmailBody, EndingEmailRequest, Location, StoreError};
use sea_orm::{ConnectionTrait, Statement};

use crate::{connect, open, subscriptions};

on_both_engines!(
    unknown_words_are_errors,
    a_negative_id_is_an_error,
    an_email_that_cannot_be_read_holds_up_no_other,
    a_request_that_cannot_be_read_holds_up_no_other,
    money_that_cannot_be_read_holds_up_nothing_else,
);

async fn unknown_words_are_errors(location: &Location) {
    let store = open(location).await;
    let ada = subscriptions::ada(&store).await;
    subscriptions::bought(&store, &ada).await;
    let database = connect(location).await;
    for sql in [
        "UPDATE checkouts SET progress = 'strolling'",
        "UPDATE subscription_changes SET actor = 'ghost'",
        "INSERT INTO staff (account, role, since) VALUES (1, 'jester', 0)",
        "INSERT INTO audit_log (at, action, role, about, reason) VALUES (0, 'sang', 'owner', '', '')",
    ] {
        database.execute_unprepared(sql).await.expect("written");
    }
    let unreadable = |what: &str, error: Option<StoreError>| {
        assert!(matches!(error, Some(StoreError::Unreadable(_))), "{what}: {error:?}");
    };
    unreadable("a checkout", store.checkout(&Digest([1; 32])).await.err());
    unreadable("the audit", store.audit_of(SubscriptionId(1)).await.err());
    unreadable("staff", store.staff(ada.id).await.err());
    unreadable("a record", store.audit_log(&AuditQuery::default(), 9).await.err());
}

async fn a_negative_id_is_an_error(location: &Location) {
    let store = open(location).await;
    let database = connect(location).await;
    database
        .execute_unprepared(
            "INSERT INTO accounts (id, email, name, registered) VALUES (-7, 'ada@example.org', '', 0)",
        )
        .await
        .expect("written");
    let ada = "ada@example.org".parse().expect("an address");
    assert!(store.account_at(&ada).await.is_err());
    assert!(store.register(&ada, Timestamp::UNIX_EPOCH).await.is_err());
}

/// The numbers in the first column of what a query finds.
async fn numbers(location: &Location, sql: &str) -> Vec<i64> {
    let database = connect(location).await;
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.expect("asked");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a number")).collect()
}

async fn change(location: &Location, sql: &str) {
    connect(location).await.execute_unprepared(sql).await.expect("written");
}

async fn an_email_that_cannot_be_read_holds_up_no_other(location: &Location) {
    let store = open(location).await;
    for to in ["ada@example.org", "bo@example.org", "cy@example.org"] {
        store.enqueue_email(&email(to), now()).await.expect("enqueued");
    }
    change(location, "UPDATE outbox SET recipient = 'nonsense' WHERE recipient LIKE 'ada%'").await;
    let due = store.due_emails(now(), 9).await.expect("the others");
    let to: Vec<&str> = due.iter().map(|email| email.to.as_str()).collect();
    assert_eq!(to, ["bo@example.org", "cy@example.org"]);
    // It is marked, and makes room for the others of a small batch.
    let marked = "SELECT due FROM outbox WHERE fault LIKE '%cannot be read%'";
    assert_eq!(numbers(location, marked).await, [now().as_second() + 3600]);
    assert_eq!(store.due_emails(now(), 2).await.expect("the others").len(), 2);
}

async fn a_request_that_cannot_be_read_holds_up_no_other(location: &Location) {
    let store = open(location).await;
    for to in ["ada@example.org", "bo@example.org", "cy@example.org"] {
        let to = to.parse().expect("an address");
        let request = EndingEmailRequest { kind: EndingKind::Withdrawal, to, note: "No".into() };
        store.request_ending_email(&request, now()).await.expect("requested");
    }
    change(location, "UPDATE outbox SET kind = 'riddle' WHERE recipient LIKE 'ada%'").await;
    change(location, "UPDATE outbox SET recipient = 'nonsense' WHERE recipient LIKE 'bo%'").await;
    let claimed = store.claim_requested_emails(now(), 9).await.expect("claimed");
    let readable: Vec<bool> = claimed.iter().map(|requested| requested.request.is_ok()).collect();
    assert_eq!(readable, [false, false, true]);
    let marked = "SELECT due FROM outbox WHERE fault <> ''";
    assert_eq!(numbers(location, marked).await.len(), 2);
}

async fn money_that_cannot_be_read_holds_up_nothing_else(location: &Location) {
    let store = open(location).await;
    let ada = subscriptions::ada(&store).await;
    subscriptions::bought(&store, &ada).await;
    for sql in [
        "UPDATE checkouts SET progress = 'open', ask_at = 0, begun = 0, terms = 'nonsense'",
        "INSERT INTO charges (key, reference, paid, open, currency, retry_at, plan, by_staff, reason) \
         VALUES ('riddle', '', FALSE, TRUE, 'EUR', 0, 'nonsense', FALSE, '')",
        "INSERT INTO refunds (payment, minor, currency, at, reason, settled, attempt, retry_at, refusal, before_minor, actor) \
         VALUES (1, 1, 'EUR', 0, '', FALSE, 0, 0, '', 0, 'ghost')",
    ] {
        change(location, sql).await;
    }
    assert_eq!(store.checkouts_to_ask(now(), now(), 9).await.expect("the others"), []);
    assert_eq!(store.open_checkouts(now(), 9).await.expect("the others"), []);
    assert!(store.open_charges(now(), 9).await.expect("the others").is_empty());
    assert_eq!(store.open_refunds(now(), 9).await.expect("the others"), []);
    // Each is tried again, and waits behind the others.
    let later = now().as_second() + 3600;
    for sql in [
        "SELECT ask_at FROM checkouts",
        "SELECT retry_at FROM charges WHERE key = 'riddle'",
        "SELECT retry_at FROM refunds",
    ] {
        assert_eq!(numbers(location, sql).await, [later], "{sql}");
    }
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn email(to: &str) -> Email {
    Email {
        to: to.parse().expect("an address"),
        account: None,
        kind: "receipt".into(),
        subject: "A receipt".into(),
        body: EmailBody { text: "A text.".into(), html: String::new() },
        useful_for: None,
    }
}
