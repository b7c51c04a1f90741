//! Servers hear of what others have written.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use masthead_circulation::AccountId;
use masthead_store::{ChangeFeed, Location, SettingAuthor, SettingWrite, Store, Topic};
use masthead_test_support::{postgres as server, proxy::Proxy};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{connect, open, pieces::article, settings::set};

on_both_engines!(
    what_another_server_writes_is_heard_of,
    who_reads_it_is_woken_also_if_they_are_at_work,
);

/// How long a notification may take on a busy machine.
const HEARD: Duration = Duration::from_secs(10);

/// A feed that listens.
pub(crate) struct Listening {
    feed: ChangeFeed,
    listening: JoinHandle<()>,
}

impl Listening {
    pub(crate) async fn start(location: &Location) -> Self {
        let feed = ChangeFeed::new(open(location).await);
        Self::to(feed).await
    }

    /// Listens, and again when the connection is lost.
    async fn to(feed: ChangeFeed) -> Self {
        let listener = feed.clone();
        let listening = tokio::spawn(async move {
            loop {
                drop(listener.listen().await);
                sleep(Duration::from_millis(200)).await;
            }
        });
        let listening = Self { feed, listening };
        listening.wait_until_live().await;
        listening
    }

    async fn wait_until_live(&self) {
        let begun = Instant::now();
        while !self.feed.is_live() {
            assert!(begun.elapsed() < HEARD, "nothing is heard");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn is_heard(wakeup: &Notify) -> bool {
    timeout(HEARD, wakeup.notified()).await.is_ok()
}

async fn is_quiet(wakeup: &Notify) -> bool {
    timeout(Duration::from_millis(600), wakeup.notified()).await.is_err()
}

async fn publish(store: &Store, slug: &str) {
    article(store, slug).await;
}

async fn register(store: &Store, email: &str) -> AccountId {
    let email = email.parse().expect("an address");
    store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered").0.id
}

async fn what_another_server_writes_is_heard_of(location: &Location) {
    let here = Listening::start(location).await;
    let topics = [Topic::Accounts, Topic::Content, Topic::Settings, Topic::Offers];
    let heard = topics.map(|topic| here.feed.subscribe(&[topic]));
    let there = open(location).await;
    let [accounts, content, settings, offers] = &heard;

    let ada = register(&there, "ada@example.org").await;
    there.end_sessions(ada).await.expect("ended");
    assert!(is_heard(accounts).await);
    publish(&there, "first").await;
    assert!(is_heard(content).await);
    let author = SettingAuthor { by: ada, at: Timestamp::UNIX_EPOCH };
    assert_eq!(set(&there, "meter", 0, "one", author).await, SettingWrite::Done);
    assert!(is_heard(settings).await);
    let taken = "INSERT INTO offer_redemptions (offer, number) VALUES ('spring', 1)";
    connect(location).await.execute_unprepared(taken).await.expect("written");
    assert!(is_heard(offers).await);
}

async fn who_reads_it_is_woken_also_if_they_are_at_work(location: &Location) {
    let here = Listening::start(location).await;
    let content = here.feed.subscribe(&[Topic::Accounts, Topic::Content]);
    assert!(is_quiet(&content).await, "nothing was written");
    publish(&open(location).await, "first").await;
    // Nobody waits for it meanwhile.
    sleep(Duration::from_millis(600)).await;
    assert!(is_heard(&content).await);
    assert!(is_quiet(&content).await, "it was told once");
}

#[tokio::test]
async fn topics_that_were_not_written_wake_nobody_on_postgresql() {
    let location = Location::Postgres(server::database());
    let here = Listening::start(&location).await;
    let settings = here.feed.subscribe(&[Topic::Settings, Topic::Offers]);
    publish(&open(&location).await, "first").await;
    assert!(is_quiet(&settings).await);
}

/// Ends the connections that servers listen on, as an operator or a failover does.
async fn end_listeners(database: &DatabaseConnection) -> u64 {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE application_name = 'masthead-changes' AND datname = current_database()";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    database.query_all_raw(statement).await.expect("ended").len() as u64
}

#[tokio::test]
async fn a_feed_that_was_cut_off_says_so_and_wakes_everybody_once_it_listens_again() {
    let location = Location::Postgres(server::database());
    let feed = ChangeFeed::new(open(&location).await);
    let listening = Listening::to(feed.clone()).await;
    let content = feed.subscribe(&[Topic::Content]);
    let operator = connect(&location).await;
    assert_eq!(end_listeners(&operator).await, 1);
    let begun = Instant::now();
    while feed.is_live() {
        assert!(begun.elapsed() < HEARD, "it does not notice");
        sleep(Duration::from_millis(5)).await;
    }
    // Written while nobody listens.
    publish(&open(&location).await, "first").await;
    listening.wait_until_live().await;
    assert!(is_heard(&content).await);
    publish(&open(&location).await, "second").await;
    assert!(is_heard(&content).await, "it is heard of again");
}

#[tokio::test]
async fn a_feed_that_gets_no_connection_names_the_limit_of_the_role() {
    let url = server::database();
    let operator = connect(&Location::Postgres(url.clone())).await;
    let name = url.split('?').next().and_then(|url| url.rsplit('/').next()).expect("a name");
    let role = format!("CREATE ROLE limited LOGIN; ALTER DATABASE {name} OWNER TO limited");
    operator.execute_unprepared(&role).await.expect("a role");
    let location = Location::Postgres(url.replace("//postgres@", "//limited@"));
    let feed = ChangeFeed::new(open(&location).await);
    operator.execute_unprepared("ALTER ROLE limited CONNECTION LIMIT 0").await.expect("limited");
    let refused = feed.listen().await.expect_err("no connection");
    assert!(refused.is_unreachable(), "{refused}");
    let refused = refused.to_string();
    assert!(refused.contains("too many connections for role \"limited\""), "{refused}");
    assert!(refused.contains("ALTER ROLE … CONNECTION LIMIT"), "{refused}");
    assert!(!refused.contains("check the URL"), "it is right: {refused}");
}

#[tokio::test]
async fn a_feed_whose_connection_hears_nothing_is_not_live() {
    let url = server::database();
    let (before, rest) = url.split_once('@').expect("a user");
    let (host, name) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(host.to_owned());
    let location = Location::Postgres(format!("{before}@{}/{name}", proxy.address()));
    let listening = Listening::start(&location).await;
    proxy.stall();
    let begun = Instant::now();
    while listening.feed.is_live() {
        assert!(begun.elapsed() < 2 * HEARD, "it trusts a connection that is dead");
        sleep(Duration::from_millis(50)).await;
    }
}
