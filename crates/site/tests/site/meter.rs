//! The meter of signed-in readers is exact: under load, on several servers, and whatever happens meanwhile.

use std::{sync::Arc, time::Duration};

use axum::Router;
use masthead_circulation::{Account, StaffActor};
use masthead_site::Site;
use masthead_store::Location;
use masthead_test_support::postgres;

use crate::{
    newspaper::{Browser, Newspaper},
    post::sign_in,
};

const ADA: &str = "ada@example.org";
const SLUGS: &str = "abcdefghijklmnopqrstuvwxyz";
/// The allowance of registered readers.
const ALLOWANCE: usize = 5;

/// A newspaper with metered articles, and Ada, who is signed in.
async fn signed_in(paper: &Newspaper) -> (Browser, Account) {
    paper.publish_metered(SLUGS).await;
    let mut ada = paper.browser();
    sign_in(paper, &mut ada, ADA, "/").await;
    let email = ADA.parse().expect("an address");
    let account = paper.store.account_at(&email).await.expect("asked").expect("an account");
    (ada, account)
}

/// Sends so many requests at once, in turn to each server and for each article. Returns how each was
/// decided.
async fn read_at_once(reader: &Browser, servers: &[Router], requests: usize) -> Vec<String> {
    let slugs: Vec<char> = SLUGS.chars().collect();
    let tabs: Vec<_> = (0..requests)
        .map(|number| {
            let mut tab = reader.clone();
            tab.move_to(servers[number % servers.len()].clone());
            let slug = slugs[number / servers.len() % slugs.len()];
            tokio::spawn(async move { tab.access(&format!("/news/{slug}")).await })
        })
        .collect();
    let mut decisions = Vec::new();
    for tab in tabs {
        decisions.push(tab.await.expect("an answer"));
    }
    decisions
}

fn counted(decisions: &[String]) -> usize {
    decisions.iter().filter(|decision| decision.starts_with("metered")).count()
}

/// Returns how many articles the database has counted.
async fn stored(site: &Site, paper: &Newspaper, account: &Account) -> usize {
    site.accounts.flush().await.expect("written");
    paper.store.reads_of(account.id, 0).await.expect("asked").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reads_at_once_never_exceed_the_allowance() {
    for paper in Newspaper::on_both().await {
        let (ada, account) = signed_in(&paper).await;
        let decisions = read_at_once(&ada, std::slice::from_ref(&paper.router), 1000).await;
        assert_eq!(counted(&decisions), ALLOWANCE, "{decisions:?}");
        assert_eq!(stored(&paper.site, &paper, &account).await, ALLOWANCE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reads_at_once_on_four_servers_never_exceed_the_allowance() {
    let paper = Newspaper::open(|_| {}, Some(Location::Postgres(postgres::database()))).await;
    let (ada, account) = signed_in(&paper).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(paper.another(|_| {}).await);
    }
    let mut servers = vec![paper.router.clone()];
    servers.extend(others.iter().map(Site::router));
    let decisions = read_at_once(&ada, &servers, 1000).await;
    assert_eq!(counted(&decisions), ALLOWANCE, "{decisions:?}");
    for server in others.iter().chain([&paper.site]) {
        assert_eq!(stored(server, &paper, &account).await, ALLOWANCE);
    }
}

#[tokio::test]
async fn an_article_that_another_server_has_counted_is_a_second_read() {
    let paper = Newspaper::open(|_| {}, Some(Location::Postgres(postgres::database()))).await;
    let (mut ada, _) = signed_in(&paper).await;
    let other = paper.another(|_| {}).await;
    let mut there = ada.clone();
    there.move_to(other.router());
    assert_eq!(there.access("/news/z").await, "metered;left=4");
    assert_eq!(ada.access("/news/a").await, "metered;left=3");
    assert_eq!(there.access("/news/a").await, "open;reason=re-read");
    // What an app is told is what a read would get.
    assert_eq!(ada.access("/news/b").await, "metered;left=2");
    assert_eq!(there.access("/api/v1/access/news/c").await, "metered;left=1");
    assert_eq!(there.access("/api/v1/access/news/b").await, "open;reason=re-read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meter_that_is_reset_during_reads_counts_each_side_of_it_exactly() {
    for paper in Newspaper::on_both().await {
        let (ada, account) = signed_in(&paper).await;
        let other = if paper.store.is_shared() {
            paper.another(|_| {}).await
        } else {
            Arc::clone(&paper.site)
        };
        let servers = [paper.router.clone(), other.router()];
        let staff = StaffActor { by: Some(account.id), reason: "A mistake".to_owned() };
        let reset = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            paper.site.billing.reset_meter(&account, &staff).await.expect("reset");
            other.refresh().await.expect("refreshed");
        };
        let (decisions, ()) = tokio::join!(read_at_once(&ada, &servers, 400), reset);
        assert!(counted(&decisions) <= 2 * ALLOWANCE, "{decisions:?}");
        stored(&other, &paper, &account).await;
        let after = stored(&paper.site, &paper, &account).await;
        assert!(after <= ALLOWANCE, "{after} counted after the reset");
        let rest = read_at_once(&ada, &servers, 200).await;
        assert_eq!(counted(&rest), ALLOWANCE - after, "{rest:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_are_evicted_between_reads_keep_their_count() {
    const READERS: usize = 6;
    let few = |settings: &mut masthead_site::Settings| settings.recent_readers = 2;
    for location in [None, Some(Location::Postgres(postgres::database()))] {
        let paper = Newspaper::open_with(|_| {}, location, few).await;
        paper.publish_metered(SLUGS).await;
        let mut readers = Vec::new();
        for number in 0..READERS {
            let mut browser = paper.browser();
            sign_in(&paper, &mut browser, &format!("reader{number}@example.org"), "/").await;
            readers.push(browser);
        }
        let all = readers.into_iter().map(|reader| {
            let servers = [paper.router.clone()];
            tokio::spawn(async move { read_at_once(&reader, &servers, 30).await })
        });
        for decisions in all.collect::<Vec<_>>() {
            let decisions = decisions.await.expect("answers");
            assert_eq!(counted(&decisions), ALLOWANCE, "{decisions:?}");
        }
    }
}
