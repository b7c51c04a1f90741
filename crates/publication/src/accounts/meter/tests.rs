//! The meter while the database is away, slow, or changed by another server.

use std::{
    sync::{Arc, atomic::Ordering, mpsc},
    time::Instant,
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{Account, AccountId, StaffActor};
use masthead_editorial::Piece;
use masthead_store::{Location, Saved, Store};
use masthead_test_support::{postgres, proxy::Proxy};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::*;
use crate::theme_check::bare;

/// A publication on PostgreSQL with two articles and a reader whose allowance is one article.
struct World {
    url: String,
    store: Store,
    ada: Account,
    articles: [ArticleId; 2],
}

impl World {
    async fn new() -> Self {
        let url = postgres::database();
        let store = Store::open(&Location::Postgres(url.clone())).await.expect("a database");
        let ada = register(&store, "ada@example.org").await;
        let articles = [article(&store, "a").await, article(&store, "b").await];
        Self { url, store, ada, articles }
    }

    async fn reset(&self, second: i64) {
        let staff = StaffActor { by: None, reason: "A mistake".to_owned() };
        self.store.reset_meter(&self.ada, &staff, at(second)).await.expect("reset");
    }

    /// Returns a server that can be cut off.
    async fn behind_a_proxy(&self) -> (AccountCache, Proxy) {
        let (before, rest) = self.url.split_once('@').expect("a user");
        let (server, name) = rest.split_once('/').expect("a name");
        let proxy = Proxy::start(server.to_owned());
        let location = Location::Postgres(format!("{before}@{}/{name}", proxy.address()));
        let store = Store::open_current(&location).await.expect("a database");
        (AccountCache::new(store, 10), proxy)
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

async fn register(store: &Store, email: &str) -> Account {
    let email = email.parse().expect("an address");
    store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered").0
}

async fn article(store: &Store, slug: &str) -> ArticleId {
    let piece = Piece { slug: slug.to_owned(), ..bare(Timestamp::UNIX_EPOCH) };
    match store.save(&piece, Timestamp::now()).await.expect("saved") {
        Saved::Created(id) | Saved::Changed(id) | Saved::Unchanged(id) => id,
    }
}

/// Returns whether a reader may read an article.
async fn read(
    accounts: &AccountCache,
    member: &CachedAccount,
    article: ArticleId,
    second: i64,
) -> bool {
    try_to_read(accounts, member, article, second).await.expect("decided")
}

async fn try_to_read(
    accounts: &AccountCache,
    member: &CachedAccount,
    article: ArticleId,
    second: i64,
) -> Result<bool, StoreError> {
    let decide = |reads: &mut Reads| {
        let may = reads.is_empty() || reads.contains(article);
        if may && !reads.contains(article) {
            reads.insert(article, at(second));
        }
        may
    };
    accounts.visit(member, 0, decide).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_is_not_undone_by_a_server_that_was_cut_off() {
    let world = World::new().await;
    let ([first, second], id) = (world.articles, world.ada.id);
    let ((cut_off, proxy), other) =
        (world.behind_a_proxy().await, AccountCache::new(world.store.clone(), 10));
    cut_off.catch_up().await.expect("asked");
    let here = cut_off.member(id, 0).await.expect("loaded");
    proxy.close();
    assert!(read(&cut_off, &here, first, 100).await);
    assert!(!read(&cut_off, &here, second, 101).await);
    world.reset(200).await;
    proxy.open();
    cut_off.flush().await.expect("written");

    assert!(world.store.reads_of(id, 0).await.expect("asked").is_empty());
    let there = other.member(id, 0).await.expect("loaded");
    assert!(read(&other, &there, second, 300).await);
    assert!(!read(&other, &there, first, 301).await);
    // Even if it has missed the notification.
    cut_off.renew(id).await.expect("loaded");
    assert!(here.reads().is_empty());
    cut_off.poll_changes().await.expect("polled");
    assert!(!read(&cut_off, &here, first, 302).await);
    assert!(read(&cut_off, &here, second, 303).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_that_wait_are_not_stored_after_a_reset() {
    let world = World::new().await;
    let ([first, second], id) = (world.articles, world.ada.id);
    let accounts = AccountCache::new(world.store.clone(), 10);
    let ada = accounts.member(id, 0).await.expect("loaded");
    accounts.queue.set_behind();
    assert!(read(&accounts, &ada, first, 100).await);
    world.reset(200).await;
    let unwritten = accounts.queue.of(id);
    assert_eq!(unwritten.len(), 1);
    let read_second = |reads: &mut Reads| {
        let before = reads.len();
        reads.insert(second, at(300));
        before
    };
    let (before, after) =
        world.store.decide_on_reads(id, 0, &unwritten, read_second).await.expect("decided");
    assert_eq!((before, after.len()), (0, 1));
}

/// Locks the row of an account until the result is dropped or sent to.
async fn lock(store: &Store, account: AccountId) -> mpsc::Sender<()> {
    let (locked, is_locked) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    let store = store.clone();
    tokio::spawn(async move {
        let hold = move |_: &mut Reads| {
            locked.send(()).expect("a listener");
            tokio::task::block_in_place(|| is_released.recv().is_ok())
        };
        store.decide_on_reads(account, 0, &Reads::default(), hold).await
    });
    tokio::task::spawn_blocking(move || is_locked.recv()).await.expect("ran").expect("locked");
    release
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_locked_row_is_waited_for_and_then_refused_and_other_accounts_read_on() {
    let world = World::new().await;
    let bob = register(&world.store, "bob@example.org").await;
    let accounts = AccountCache::new(world.store.clone(), 10);
    let ada = accounts.member(world.ada.id, 0).await.expect("loaded");
    let bob = accounts.member(bob.id, 0).await.expect("loaded");
    let release = lock(&world.store, world.ada.id).await;

    let refused = try_to_read(&accounts, &ada, world.articles[0], 100).await;
    assert!(matches!(refused, Err(StoreError::TimedOut)), "{refused:?}");
    assert!(accounts.queue.of(world.ada.id).is_empty(), "memory has decided");
    assert!(!accounts.queue.is_behind());
    let began = Instant::now();
    assert!(read(&accounts, &bob, world.articles[0], 100).await);
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(world.store.reads_of(bob.account, 0).await.expect("asked").len(), 1);
    release.send(()).expect("a listener");
    assert!(read(&accounts, &ada, world.articles[0], 101).await);
    assert_eq!(world.store.reads_of(world.ada.id, 0).await.expect("asked").len(), 1);
}

/// Within the decision the first request asks whether the database is gone, which takes three seconds. It asks again when it has
/// waited for long enough itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_whose_connection_is_lost_never_waits_for_itself() {
    let world = World::new().await;
    let (accounts, proxy) = world.behind_a_proxy().await;
    let ada = accounts.member(world.ada.id, 0).await.expect("loaded");
    let _locked = lock(&world.store, world.ada.id).await;
    let cut_off = async {
        tokio::time::sleep(PATIENCE / 2).await;
        // Nobody is let in any more, and nobody refused.
        proxy.stall();
        proxy.hang_up();
    };
    let reading = timeout(Duration::from_secs(20), read(&accounts, &ada, world.articles[0], 100));
    let (may_read, ()) = tokio::join!(reading, cut_off);
    assert!(may_read.expect("it is answered"), "memory decides");
    assert!(accounts.queue.is_behind());
}

/// The pool has eight connections. All of them wait for locked rows, while two servers are asked for reads beyond the allowance.
#[tokio::test(flavor = "multi_thread", worker_threads = 12)]
async fn a_pool_that_is_busy_never_lets_memory_decide() {
    let world = World::new().await;
    let mut locks = Vec::new();
    let accounts = AccountCache::new(world.store.clone(), 10);
    let ada = accounts.member(world.ada.id, 0).await.expect("loaded");
    for number in 0..8 {
        let other = register(&world.store, &format!("reader{number}@example.org")).await;
        locks.push(other.id);
    }
    let mut held = Vec::new();
    for account in locks {
        held.push(lock(&world.store, account).await);
    }
    let refused = try_to_read(&accounts, &ada, world.articles[0], 100).await;
    assert!(refused.is_err(), "no connection was free, so memory has decided");
    assert!(accounts.write_reads().await.is_ok(), "nothing waits");
    assert!(!accounts.queue.is_behind());
    // Another server decides meanwhile; the first one must not give the same read once more.
    let other = Store::open(&Location::Postgres(world.url.clone())).await.expect("a database");
    let there = AccountCache::new(other, 10);
    let member = there.member(world.ada.id, 0).await.expect("loaded");
    assert!(read(&there, &member, world.articles[1], 101).await);
    drop(held);
    assert!(!read(&accounts, &ada, world.articles[0], 102).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_is_polled_and_pages_are_served_while_a_request_waits_for_the_database() {
    let world = World::new().await;
    let accounts = AccountCache::new(world.store.clone(), 10);
    accounts.catch_up().await.expect("asked");
    let ada = accounts.member(world.ada.id, 0).await.expect("loaded");
    assert!(read(&accounts, &ada, world.articles[0], 100).await);
    let turn = ada.turn.lock().await;
    world.reset(200).await;
    let polled = timeout(PATIENCE, accounts.poll_changes()).await;
    polled.expect("in time").expect("polled");
    assert!(ada.reads().is_empty());
    let waits = try_to_read(&accounts, &ada, world.articles[1], 300).await;
    assert!(matches!(waits, Err(StoreError::TimedOut)), "{waits:?}");
    drop(turn);
    assert!(read(&accounts, &ada, world.articles[1], 301).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_from_before_a_reset_is_not_used() {
    let world = World::new().await;
    let accounts = AccountCache::new(world.store.clone(), 10);
    let ada = accounts.member(world.ada.id, 0).await.expect("loaded");
    let reset_during = |reads: &mut Reads| {
        reads.insert(world.articles[0], at(100));
        accounts.clear_reads(&ada);
    };
    accounts.decide_in_database(&ada, 0, reset_during).await.expect("decided");
    assert!(ada.reads().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_decides_until_the_database_answers_though_no_read_waits() {
    let world = World::new().await;
    let (accounts, proxy) = world.behind_a_proxy().await;
    proxy.close();
    accounts.queue.set_behind();
    assert!(accounts.flush().await.is_err());
    assert!(accounts.queue.is_behind());
    proxy.open();
    accounts.flush().await.expect("nothing to write");
    assert!(!accounts.queue.is_behind());
}

/// A publication on SQLite with a reader and two articles.
async fn on_sqlite() -> (World, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::Sqlite(folder.path().join("masthead.db"));
    let store = Store::open(&location).await.expect("a database");
    let ada = register(&store, "ada@example.org").await;
    let articles = [article(&store, "a").await, article(&store, "b").await];
    (World { url: String::new(), store, ada, articles }, folder)
}

#[tokio::test]
async fn a_read_on_sqlite_is_written_before_it_is_answered() {
    let (world, _folder) = on_sqlite().await;
    let (first, id) = (world.articles[0], world.ada.id);
    let accounts = AccountCache::new(world.store.clone(), 10);
    let here = accounts.member(id, 0).await.expect("loaded");
    assert!(read(&accounts, &here, first, 100).await);
    // No background task has run.
    assert!(world.store.reads_of(id, 0).await.expect("asked").contains(first));
    assert!(accounts.queue.of(id).is_empty());
}

#[tokio::test]
async fn an_article_that_another_request_reads_at_the_same_time_is_answered_once_it_is_written() {
    let (world, _folder) = on_sqlite().await;
    let (first, id) = (world.articles[0], world.ada.id);
    let accounts = AccountCache::new(world.store.clone(), 10);
    let here = accounts.member(id, 0).await.expect("loaded");
    let disk = accounts.queue.pause().await;
    let mut both = Vec::new();
    for _ in 0..2 {
        let mut request = Box::pin(read(&accounts, &here, first, 100));
        let started = timeout(Duration::from_millis(20), &mut request).await;
        assert!(started.is_err(), "answered before it was written");
        both.push(request);
    }
    drop(disk);
    for request in both {
        assert!(request.await);
    }
    assert!(world.store.reads_of(id, 0).await.expect("asked").contains(first));
}

#[tokio::test]
async fn a_read_between_a_reset_and_its_notification_counts_in_memory_as_in_the_database() {
    let (world, _folder) = on_sqlite().await;
    let ([first, second], id) = (world.articles, world.ada.id);
    let accounts = AccountCache::new(world.store.clone(), 10);
    accounts.catch_up().await.expect("asked");
    let here = accounts.member(id, 0).await.expect("loaded");
    assert!(read(&accounts, &here, first, 100).await);
    world.reset(200).await;
    accounts.visit(&here, 0, |reads| reads.insert(second, at(300))).await.expect("decided");
    accounts.poll_changes().await.expect("polled");
    for reads in [here.reads(), world.store.reads_of(id, 0).await.expect("asked")] {
        assert!(reads.contains(second) && !reads.contains(first), "{reads:?}");
    }
}

/// Readers who read one article after another. If each waited for a write of its own, there would be as many writes as reads.
#[tokio::test]
async fn readers_on_sqlite_who_read_at_the_same_time_share_writes() {
    const READERS: u64 = 32;
    const EACH: u64 = 5;
    let (world, _folder) = on_sqlite().await;
    let mut articles = Vec::new();
    for number in 0..EACH {
        articles.push(article(&world.store, &format!("article-{number}")).await);
    }
    let accounts = Arc::new(AccountCache::new(world.store.clone(), 100));
    let mut members = Vec::new();
    for number in 0..READERS {
        let reader = register(&world.store, &format!("reader{number}@example.org")).await;
        members.push(accounts.member(reader.id, 0).await.expect("loaded"));
    }
    let mut readers = JoinSet::new();
    for member in members {
        let (accounts, articles, store) =
            (Arc::clone(&accounts), articles.clone(), world.store.clone());
        readers.spawn(async move {
            for article in articles {
                let visit = accounts.visit(&member, 0, |reads| reads.insert(article, at(100)));
                visit.await.expect("decided");
            }
            let stored = store.reads_of(member.account, 0).await.expect("asked");
            assert_eq!(stored.len() as u64, EACH, "an answer came before its read was written");
        });
    }
    while let Some(ended) = readers.join_next().await {
        ended.expect("no panic");
    }
    let writes = accounts.queue.writes.load(Ordering::Relaxed);
    assert!(writes < READERS * EACH / 4, "{writes} writes");
}
