//! What grows, and what becomes of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{Account, Digest, Session, staff::Role};
use masthead_editorial::draft::{Draft, WorkflowState};
use masthead_store::{
    Attribution, KeptForm, Location, PrunableRows, RateLimit, ReconciliationReport, Retention,
    Store, StoryChange,
};

use sea_orm::ConnectionTrait;

use crate::{connect, open, pieces::articles, staff::joined, upgrade::old};

on_both_engines!(
    every_table_is_in_the_guide,
    what_was_kept_long_enough_is_deleted,
    what_has_expired_is_deleted_though_nothing_is_added,
    nothing_is_deleted_that_is_kept_for_good,
    a_large_table_is_pruned_while_others_write,
);

const GUIDE: &str = include_str!("../../../../docs/src/retention.md");

/// A table that grows without end is found when it is made, not when the disk is full.
async fn every_table_is_in_the_guide(location: &Location) {
    let store = open(location).await;
    let snapshot = store.snapshot().await.expect("a snapshot");
    let rows: Vec<&str> = GUIDE.lines().filter(|line| line.starts_with("| `")).collect();
    let is_named = |table: &str| rows.iter().any(|row| row.contains(&format!("`{table}`")));
    let missing: Vec<&str> = snapshot
        .tables()
        .iter()
        .map(|table| table.name.as_str())
        .filter(|table| !is_named(table))
        .collect();
    assert_eq!(missing, [""; 0], "say in docs/src/retention.md how long its rows are kept");
}

fn in_ten_years() -> Timestamp {
    "2036-11-24T09:00:00Z".parse().expect("a time")
}

async fn rows(location: &Location, table: &str) -> i64 {
    let database = connect(location).await;
    let sql = format!("SELECT count(*) AS n FROM {table}");
    let statement = sea_orm::Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.expect("counted").expect("a row");
    row.try_get("", "n").expect("a number")
}

const PRUNED: [&str; 8] = [
    "webhooks",
    "hour_totals",
    "day_totals",
    "article_counts",
    "unique_readers",
    "sessions",
    "invitations",
    "audit_log",
];

async fn what_was_kept_long_enough_is_deleted(location: &Location) {
    old(location).await;
    let store = open(location).await;
    store.mark_webhook_processed("one", Timestamp::UNIX_EPOCH).await.expect("marked");
    let day = Some(SignedDuration::from_hours(24));
    let all = Retention {
        webhooks: day,
        hourly_counts: day,
        daily_counts: day,
        revisions: day,
        audit_log: day,
        delivery_addresses: day,
    };
    for table in PRUNED {
        assert!(rows(location, table).await > 0, "{table}: nothing to delete");
    }
    let (revisions, pieces) = (
        rows(location, "revisions").await,
        rows(location, "(SELECT DISTINCT piece FROM revisions) AS r").await,
    );
    // What is counted before is what is deleted.
    let counted = store.prunable_rows(all, in_ten_years()).await.expect("counted");
    let stored = async |table| u64::try_from(rows(location, table).await).expect("a number");
    assert_eq!(counted.webhooks, stored("webhooks").await);
    assert_eq!(counted.hourly_counts, stored("hour_totals").await);
    assert_eq!(counted.audit_log, stored("audit_log").await);
    assert_eq!(counted.revisions, u64::try_from(revisions - pieces).expect("a number"));
    let daily = stored("day_totals").await + stored("article_counts").await;
    assert_eq!(counted.daily_counts, daily + stored("unique_readers").await);
    let none = store.prunable_rows(Retention::default(), in_ten_years()).await.expect("counted");
    assert_eq!(none, PrunableRows::default());
    assert!(store.prune(all, in_ten_years()).await.expect("pruned") > 0);
    for table in PRUNED {
        assert_eq!(rows(location, table).await, 0, "{table}");
    }
    let left = store.prunable_rows(all, in_ten_years()).await.expect("counted");
    assert_eq!(left, PrunableRows::default());
    assert!(revisions > pieces && pieces > 0);
    assert_eq!(rows(location, "revisions").await, pieces, "the latest of each");
    assert_eq!(store.prune(all, in_ten_years()).await.expect("pruned"), 0);
}

/// Tables with a row that expires, and how long it is kept after [`begin`].
const EXPIRING: [(&str, SignedDuration); 7] = [
    ("presence", SignedDuration::from_secs(20)),
    ("kept_forms", SignedDuration::from_mins(30)),
    ("rate_limits", SignedDuration::from_hours(24)),
    ("reconciliations", SignedDuration::from_hours(90 * 24)),
    ("notifications", SignedDuration::from_hours(90 * 24 + 1)),
    // However often it is used.
    ("sessions", SignedDuration::from_hours(365 * 24)),
    ("known_devices", SignedDuration::from_hours(400 * 24)),
];

/// Adds a row to each of these tables.
async fn begin(store: &Store, ada: &Account, now: Timestamp) {
    let key = Digest([1; 32]);
    store.touch_presence(masthead_access::ArticleId(1), ada.id, now).await.expect("open");
    let form =
        KeptForm { account: ada.id, path: "/account".to_owned(), body: "name=Ada".to_owned() };
    store.keep_form(&key, &form, now).await.expect("kept");
    let limit = RateLimit { times: 1, within: SignedDuration::from_hours(1) };
    assert!(store.claim_rate(&key, limit, now).await.expect("counted"));
    let report = ReconciliationReport { at: now, mismatches: Vec::new() };
    store.keep_reconciliation(&report).await.expect("kept");
    let session = Session::of_browser(key, ada.id, "Firefox".to_owned(), now);
    store.create_session(&session).await.expect("signed in");
    store.recognize_device(ada.id, &key, now).await.expect("known");
    joined(store, "ed@example.org", Role::Editor).await;
    let by = Attribution { by: ada.id, at: now + SignedDuration::from_hours(1) };
    let id = store.begin_story("draft-1", &Draft::default(), by).await.expect("asked");
    let (id, work) = (id.expect("begun"), WorkflowState::Review);
    store.set_work(id, 1, work, StoryChange::Sent, by).await.expect("submitted");
}

async fn what_has_expired_is_deleted_though_nothing_is_added(location: &Location) {
    let store = open(location).await;
    let begun: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
    articles(&store, 1).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, begun).await.expect("registered");
    begin(&store, &ada, begun).await;
    for (table, kept) in EXPIRING {
        let over = begun + kept;
        store
            .touch_session(&Digest([1; 32]), over - SignedDuration::from_hours(24))
            .await
            .expect("used");
        let before = over - SignedDuration::from_secs(1);
        store.prune(Retention::default(), before).await.expect("pruned");
        assert_eq!(rows(location, table).await, 1, "{table}: it is valid");
        store.prune(Retention::default(), over).await.expect("pruned");
        assert_eq!(rows(location, table).await, 0, "{table}: it has expired");
    }
}

async fn nothing_is_deleted_that_is_kept_for_good(location: &Location) {
    old(location).await;
    let store = open(location).await;
    let kept =
        ["webhooks", "hour_totals", "day_totals", "article_counts", "unique_readers", "revisions"];
    let mut before = Vec::new();
    for table in kept {
        before.push(rows(location, table).await);
    }
    store.prune(Retention::default(), in_ten_years()).await.expect("pruned");
    for (table, before) in kept.iter().zip(before) {
        assert_eq!(rows(location, table).await, before, "{table}");
    }
}

/// Another program that writes. Returns how often it could.
async fn write_until(location: Location, done: Arc<AtomicBool>) -> u32 {
    let store = Store::open(&location).await.expect("a database");
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        let id = format!("evt_new_{number}");
        store.mark_webhook_processed(&id, in_ten_years()).await.expect("written");
        number += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    number
}

async fn a_large_table_is_pruned_while_others_write(location: &Location) {
    const ROWS: i64 = 100_000;
    let store = open(location).await;
    let numbers = if store.is_shared() {
        format!("SELECT n FROM generate_series(1, {ROWS}) AS n")
    } else {
        format!(
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {ROWS}) SELECT n FROM r"
        )
    };
    let words = "a message whose number is long, so that its index is as large as that of years";
    let fill = format!(
        "INSERT INTO webhooks (id, at) SELECT 'evt_' || (CAST(n AS bigint) * 7919 % 1000003) || '{words}' || n, n FROM ({numbers}) AS numbers"
    );
    connect(location).await.execute_unprepared(&fill).await.expect("filled");
    let done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(write_until(location.clone(), Arc::clone(&done)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let kept = Retention { webhooks: Some(SignedDuration::from_hours(24)), ..Retention::default() };
    let deleted = store.prune(kept, in_ten_years()).await.expect("pruned");
    done.store(true, Ordering::Relaxed);
    let written = writer.await.expect("joined");
    assert_eq!(deleted, ROWS.unsigned_abs());
    assert!(written > 4, "another program has written {written} times meanwhile");
    assert!(rows(location, "webhooks").await > 1, "what is new stays");
}
