//! The database goes away for a while and comes back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{Method, StatusCode};
use jiff::SignedDuration;
use masthead_access::{Allowance, Rule, Tier};
use masthead_circulation::{Secret, Session};
use masthead_editorial::Piece;
use masthead_publication::Publication;
use masthead_site::Site;
use masthead_store::Location;
use masthead_telemetry::{Supervisor, Task, TaskState};
use masthead_test_support::{postgres, proxy::Proxy};

use crate::{
    newspaper::{Browser, Newspaper, article, later, sentence, tiered},
    post::sign_in,
    shop::sells,
};

const ADA: &str = "ada@example.org";
const PERIOD: Duration = Duration::from_millis(100);

/// Runs what writes reads and counts, as a server does.
fn supervised(site: &Arc<Site>) -> Supervisor {
    let mut supervisor = Supervisor::new(Arc::clone(&site.tasks));
    let (accounts, counters) = (Arc::clone(&site.accounts), Arc::clone(&site.counters));
    let wakeup = accounts.reads_wakeup();
    let reads = Task::new("account-reads", PERIOD, move || {
        let accounts = Arc::clone(&accounts);
        async move { accounts.write_reads().await }
    });
    supervisor.start(reads.woken_by(wakeup));
    supervisor.start(Task::new("counters", PERIOD, move || {
        let counters = Arc::clone(&counters);
        async move { counters.write().await }
    }));
    supervisor
}

/// A newspaper whose database can be cut off.
async fn behind_a_proxy() -> (Newspaper, Proxy) {
    behind_a_proxy_with(|publication| {
        publication.policy.allowances.registered = Allowance::Articles(100);
    })
    .await
}

async fn behind_a_proxy_with(configure: impl FnOnce(&mut Publication)) -> (Newspaper, Proxy) {
    let url = postgres::database();
    let (before, rest) = url.split_once('@').expect("a user");
    let (server, name) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(server.to_owned());
    let location = Location::Postgres(format!("{before}@{}/{name}", proxy.address()));
    (Newspaper::open(configure, Some(location)).await, proxy)
}

async fn until(site: &Site, is_met: impl Fn(TaskState) -> bool) {
    let states =
        || ["account-reads", "counters"].map(|name| site.tasks.status(name, site.live.now()));
    for _ in 0..600 {
        if states().iter().flatten().all(|status| is_met(status.state)) {
            return;
        }
        tokio::time::sleep(PERIOD).await;
    }
    panic!("the tasks stayed: {:?}", states());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_served_without_the_database_and_everything_is_written_afterwards() {
    const ARTICLES: &str = "abcdefghijklmnop";
    let (paper, proxy) = behind_a_proxy().await;
    paper.publish_metered(ARTICLES).await;
    let (mut ada, mut stranger) = (paper.browser(), paper.browser());
    // Signed in and in memory, and every page is ready.
    sign_in(&paper, &mut ada, ADA, "/").await;
    for slug in ARTICLES.chars() {
        for mut warm in [paper.browser(), paper.browser().sending("user-agent", "curl/8")] {
            warm.get(&format!("/news/{slug}")).await;
        }
    }
    ada.get("/account").await;
    let supervisor = supervised(&paper.site);
    until(&paper.site, |state| state == TaskState::Ok).await;

    proxy.close();
    for slug in ARTICLES.chars() {
        let reply = ada.get(&format!("/news/{slug}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{slug}");
        assert!(
            reply.header("masthead-access").is_some_and(|access| access.starts_with("metered"))
        );
    }
    assert_eq!(stranger.get("/news/a").await.status, StatusCode::OK);
    // What needs the database is answered with the page that says so, or with problem details.
    let page = ada.get("/account").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("this page isn’t available right now"), "{}", page.text());
    let problem = ada.get("/api/v1/me").await;
    assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    until(&paper.site, |state| state == TaskState::Failing).await;
    let failures = |name| paper.site.tasks.status(name, paper.now()).map(|task| task.failures);
    assert!(failures("account-reads") < Some(5), "reads do not set the pace of the retries");
    assert_eq!(paper.browser().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);

    proxy.open();
    until(&paper.site, |state| state == TaskState::Ok).await;
    // The answer is shared for a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(paper.browser().get("/readyz").await.text().starts_with("ready\n"));
    let email = ADA.parse().expect("an address");
    let account = paper.store.account_at(&email).await.expect("asked").expect("there");
    let reads = paper.store.reads_of(account.id, 0).await.expect("reads");
    assert_eq!(reads.iter().count(), ARTICLES.len(), "every read is written");
    supervisor.stop(Duration::from_secs(5)).await;
}

/// An hour by the publication's clock: each minute, signed-in readers and others read, and the server tries to
/// write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_without_the_database_loses_no_read_and_no_count() {
    const READERS: usize = 3;
    const MINUTES: usize = 60;
    let (paper, proxy) = behind_a_proxy().await;
    let slugs: Vec<String> = (0..MINUTES).map(|number| format!("n{number}")).collect();
    for slug in &slugs {
        paper.store.save(&article(slug), jiff::Timestamp::now()).await.expect("saved");
    }
    paper.refresh().await;
    for slug in &slugs {
        paper.browser().sending("user-agent", "Slackbot").get(&format!("/news/{slug}")).await;
        paper.browser().get(&format!("/news/{slug}")).await;
    }
    let mut readers = Vec::new();
    for number in 0..READERS {
        let mut browser = paper.browser();
        sign_in(&paper, &mut browser, &format!("reader{number}@example.org"), "/").await;
        browser.get("/account").await;
        readers.push(browser);
    }
    paper.site.counters.write().await.expect("written");
    let before = reads_counted(&paper).await;

    proxy.close();
    let began = paper.now();
    for (minute, slug) in (0..).zip(&slugs) {
        paper.set_clock(&later(began, minute).to_string());
        let path = format!("/news/{slug}");
        for reader in &mut readers {
            assert!(reader.access(&path).await.starts_with("metered"), "{path}");
        }
        assert!(paper.browser().access(&path).await.starts_with("metered"), "{path}");
        assert!(paper.site.accounts.write_reads().await.is_err());
        assert!(paper.site.counters.write().await.is_err());
    }

    proxy.open();
    paper.site.accounts.write_reads().await.expect("written");
    paper.site.counters.write().await.expect("written");
    for number in 0..READERS {
        let email = format!("reader{number}@example.org").parse().expect("an address");
        let account = paper.store.account_at(&email).await.expect("asked").expect("there");
        assert_eq!(paper.store.reads_of(account.id, 0).await.expect("reads").len(), MINUTES);
    }
    let counted = reads_counted(&paper).await - before;
    assert_eq!(counted, ((READERS + 1) * MINUTES) as u64);
    // The database decides again.
    let decision = readers[0].access("/news/n0").await;
    assert_eq!(decision, "open;reason=re-read");
}

async fn reads_counted(paper: &Newspaper) -> u64 {
    let today = paper.site.snapshot().day();
    let days = paper.store.by_day(&(today..=today)).await.expect("asked");
    days[0].1.reads()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_day_begins_without_the_database() {
    let (paper, proxy) = behind_a_proxy().await;
    let due = "2026-11-25T20:00:00Z".parse().expect("a time");
    let scheduled = Piece { published: Some(due), ..article("tomorrow") };
    paper.publish_metered("a").await;
    paper.publish(&scheduled).await;
    let day = paper.site.snapshot().day();
    proxy.close();
    paper.set_clock("2026-11-25T21:00:00Z");
    assert!(paper.site.refresh().await.is_err(), "the database is away");
    let snapshot = paper.site.snapshot();
    assert!(snapshot.day() > day, "{}", snapshot.day());
    assert!(snapshot.edition.find("/news/tomorrow").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_cannot_be_looked_up_is_not_said_to_be_signed_out() {
    let (paper, proxy) = behind_a_proxy().await;
    paper.publish_metered("a").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    // The server starts again, so that nobody is in memory.
    let restarted = paper.reopen().await;
    Browser::of(restarted.clone()).get("/news/a").await;
    ada.move_to(restarted.clone());
    let bearer = format!("Bearer {}", app_token(&paper).await);
    let mut app = Browser::of(restarted).sending("authorization", &bearer);

    proxy.close();
    for (method, path) in [(Method::GET, "/api/v1/me"), (Method::DELETE, "/api/v1/session")] {
        let reply = app.ask(&method, path).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(reply.header("retry-after"), Some("10"), "{path}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{path}");
    }
    for path in ["/account", "/offers", "/checkout/pay/secret"] {
        let reply = ada.get(path).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(reply.header("retry-after"), Some("10"), "{path}");
    }
    assert_eq!(ada.access("/news/a").await, "metered;left=2", "the anonymous meter");

    proxy.open();
    // What has reached the database ends the outage for all requests.
    paper.refresh().await;
    assert_eq!(app.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(ada.get("/account").await.status, StatusCode::OK);
    assert_eq!(ada.access("/news/a").await, "metered;left=4", "the meter of the account");
}

/// The token of an app that was let in by Ada.
async fn app_token(paper: &Newspaper) -> Secret {
    let email = ADA.parse().expect("an address");
    let ada = paper.store.account_at(&email).await.expect("asked").expect("there");
    let token = Secret::generate(&mut rand::rng());
    let scopes = "articles account".parse().expect("scopes");
    let session = Session::of_app(token.digest(), ada.id, "App".into(), scopes, paper.now());
    paper.store.create_session(&session).await.expect("stored");
    token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_is_spent_on_a_text_that_cannot_be_delivered() {
    let (paper, proxy) = behind_a_proxy().await;
    paper.publish_metered("abc").await;
    let (mut ada, mut stranger) = (paper.browser(), paper.browser());
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=99");
    assert_eq!(stranger.access("/news/a").await, "metered;left=2");

    proxy.close();
    for reader in [&mut ada, &mut stranger] {
        let reply = reader.get("/news/b").await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.header("retry-after"), Some("10"));
    }
    proxy.open();
    paper.refresh().await;
    assert_eq!(ada.access("/news/c").await, "metered;left=98");
    assert_eq!(stranger.access("/news/c").await, "metered;left=1");
    // The page of b is made by others, and now costs a read.
    paper.browser().get("/news/b").await;
    assert_eq!(stranger.access("/news/b").await, "metered;left=0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_changes_its_tier_without_the_database() {
    let (paper, proxy) = behind_a_proxy_with(|publication| {
        let old = Some(SignedDuration::from_hours(27));
        publication.policy.rules =
            vec![Rule { older_than: old, ..Rule::everything(Tier::Subscribers) }];
    })
    .await;
    paper.set_clock("2026-11-24T06:00:00Z");
    let published = Some("2026-11-23T04:00:00Z".parse().expect("a time"));
    paper.publish(&Piece { published, ..article("a") }).await;
    let is_for_subscribers =
        async || paper.browser().get("/news").await.text().contains("For subscribers");
    assert!(!is_for_subscribers().await);
    proxy.close();
    paper.set_clock("2026-11-24T07:00:00Z");
    assert!(paper.site.refresh().await.is_err(), "the database is away");
    assert!(is_for_subscribers().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_at_a_wall_are_served_without_the_database_and_wait_once() {
    let (paper, proxy) = behind_a_proxy().await;
    let slugs = "abcdefgh";
    for slug in slugs.chars() {
        paper.publish(&tiered(&slug.to_string(), Tier::Subscribers)).await;
    }
    // One teaser is ready.
    let teaser = paper.browser().get("/news/a").await.text();
    assert!(teaser.contains(&sentence("a", 0)), "{teaser}");
    proxy.close();
    let began = Instant::now();
    for slug in slugs.chars() {
        let reply = paper.browser().get(&format!("/news/{slug}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{slug}");
        assert_eq!(reply.header("masthead-access"), Some("wall;reason=subscribers"));
        let page = reply.text();
        assert!(page.contains(&article(&slug.to_string()).headline), "{page}");
        assert_eq!(page.contains(&sentence(&slug.to_string(), 0)), slug == 'a', "{page}");
        assert!(!page.contains(&sentence(&slug.to_string(), 2)), "{page}");
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    proxy.open();
    paper.refresh().await;
    let page = paper.browser().get("/news/b").await.text();
    assert!(page.contains(&sentence("b", 0)), "the teaser is back: {page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_done_is_said_in_its_own_words() {
    let (paper, proxy) = behind_a_proxy_with(sells).await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    proxy.close();
    for (path, form, says) in [
        ("/account/deletion", "sure=yes", "Your account hasn’t been deleted"),
        ("/checkout/web-monthly", "from=/", "You haven’t been charged"),
    ] {
        let reply = ada.post(path, form).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(reply.header("retry-after"), Some("10"), "{path}");
        let page = reply.text();
        assert!(page.contains(says) && page.contains("in a minute"), "{page}");
    }
    let back = ada.get("/checkout/pay/secret").await;
    assert!(back.text().contains("Please don’t pay twice"), "{}", back.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_waits_long_for_a_database_that_is_away_or_never_answers() {
    let stop: [fn(&Proxy); 2] = [Proxy::close, Proxy::stall];
    for stop in stop {
        let (paper, proxy) = behind_a_proxy_with(sells).await;
        stop(&proxy);
        // Nobody is signed in, so that no look-up of a session has found the outage before.
        let began = Instant::now();
        let reply = paper.browser().post("/sign-in", "email=ada@example.org").await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.header("retry-after"), Some("10"));
        assert!(reply.text().contains("this page isn’t available right now"), "{}", reply.text());
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        proxy.open();
        paper.refresh().await;
        let reply = paper.browser().post("/sign-in", "email=ada@example.org").await;
        assert!(reply.status.is_redirection(), "{}", reply.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_is_known_within_two_seconds_and_asked_for_once_by_all() {
    let (paper, proxy) = behind_a_proxy().await;
    assert_eq!(paper.browser().get("/readyz").await.status, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    proxy.stall();
    let ask = || {
        let mut browser = paper.browser();
        async move {
            let began = Instant::now();
            let reply = browser.get("/readyz").await;
            (reply.status, began.elapsed())
        }
    };
    for (status, took) in futures_util::future::join_all((0..100).map(|_| ask())).await {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(took < Duration::from_millis(2500), "{took:?}");
    }
    let (status, took) = ask().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(took < Duration::from_millis(500), "the answer is shared: {took:?}");
}
