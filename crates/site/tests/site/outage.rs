//! The database goes away for a while and comes back.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use masthead_access::Allowance;
use masthead_editorial::Piece;
use masthead_site::Site;
use masthead_store::Location;
use masthead_telemetry::{Supervisor, Task, TaskState};
use masthead_test_support::{postgres, proxy::Proxy};

use crate::{
    newspaper::{Newspaper, article},
    post::sign_in,
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
    let url = postgres::database();
    let (before, rest) = url.split_once('@').expect("a user");
    let (server, name) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(server.to_owned());
    let location = Location::Postgres(format!("{before}@{}/{name}", proxy.address()));
    let unlimited = |publication: &mut masthead_publication::Publication| {
        publication.policy.allowances.registered = Allowance::Articles(100);
    };
    (Newspaper::open(unlimited, Some(location)).await, proxy)
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
    until(&paper.site, |state| state == TaskState::Failing).await;
    let failures = |name| paper.site.tasks.status(name, paper.now()).map(|task| task.failures);
    assert!(failures("account-reads") < Some(5), "reads do not set the pace of the retries");
    assert_eq!(paper.browser().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);

    proxy.open();
    until(&paper.site, |state| state == TaskState::Ok).await;
    assert!(paper.browser().get("/readyz").await.text().starts_with("ready\n"));
    let email = ADA.parse().expect("an address");
    let account = paper.store.account_at(&email).await.expect("asked").expect("there");
    let reads = paper.store.reads_of(account.id, 0).await.expect("reads");
    assert_eq!(reads.iter().count(), ARTICLES.len(), "every read is written");
    supervisor.stop(Duration::from_secs(5)).await;
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
