//! What is counted for the publication's own people, of nobody in particular.

use http::Method;
use jiff::civil::Date;
use masthead_access::WallReason;
use masthead_audience::{CountedEvent, Counts, FunnelStep, ReaderGroup, Referrer, UniqueReaders};
use masthead_publication::edition::Target;

use crate::{
    newspaper::Newspaper,
    post::sign_in,
    shop::{ADA, buy, paper},
};

async fn today(paper: &Newspaper) -> (Date, Counts, UniqueReaders) {
    paper.site.counters.write().await.expect("written");
    let day = paper.site.snapshot().day();
    let days = day..=day;
    let counts = paper.store.by_day(&days).await.expect("asked").remove(0).1;
    (day, counts, paper.store.uniques(&days, &ReaderGroup::all()).await.expect("asked"))
}

#[tokio::test]
async fn reads_walls_and_readers_are_counted_and_robots_are_not() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abcd").await;
        let mut ada = paper.browser();
        for path in ["/news/a", "/news/a", "/news/b", "/news/c", "/news/d", "/news/d"] {
            ada.get(path).await;
        }
        ada.ask(&Method::HEAD, "/news/a").await;
        let mut bo = paper.browser();
        bo.get("/news/a").await;
        let mut robot = paper.browser().sending("user-agent", "facebookexternalhit/1.1");
        robot.get("/news/a").await;

        let (day, counts, uniques) = today(&paper).await;
        assert_eq!(counts.of(CountedEvent::MeteredRead), 4);
        assert_eq!(counts.of(CountedEvent::OpenRead), 1, "read again");
        assert_eq!(counts.of(CountedEvent::Wall(WallReason::Register)), 2);
        assert_eq!(
            (uniques.count(ReaderGroup::Readers), uniques.count(ReaderGroup::Walled)),
            (2, 1)
        );
        let reached = [1, 2, 3, 4]
            .map(|n| uniques.count(ReaderGroup::Reached { registered: false, articles: n }));
        assert_eq!(reached, [2, 1, 1, 1]);
        let articles = paper.store.by_article(&(day..=day)).await.expect("asked");
        let first = paper.site.snapshot().edition.articles().iter().map(|a| a.id).min();
        assert_eq!(articles[&first.expect("an article")].reads(), 3);
        assert_eq!(paper.store.by_article(&(day..=day)).await.expect("asked").len(), 4);
    }
}

#[tokio::test]
async fn the_kind_of_referrer_is_counted() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abcd").await;
        for referer in ["https://www.google.de/", "https://t.co/x", "https://paper.example/town"] {
            let mut there = paper.browser().sending("referer", referer);
            there.get("/news/a").await;
        }
        let mut ada = paper.browser();
        for path in ["/news/a", "/news/b", "/news/c", "/news/d"] {
            ada.get(path).await;
        }
        let (_, counts, _) = today(&paper).await;
        let reads = Referrer::ALL.map(|from| counts.of(CountedEvent::ReadFrom(from)));
        assert_eq!(reads, [3, 1, 1, 1, 0, 0]);
        let walls = Referrer::ALL.map(|from| counts.of(CountedEvent::WallFrom(from)));
        assert_eq!(walls, [1, 0, 0, 0, 0, 0]);
    }
}

#[tokio::test]
async fn the_way_from_an_article_to_a_payment_is_counted_for_the_article() {
    let paper = paper().await;
    paper.publish_metered("ab").await;
    let mut ada = paper.browser();
    ada.get("/offers?from=/news/b").await;
    sign_in(&paper, &mut ada, ADA, "/checkout/winter%3Ffrom%3D%252Fnews%252Fb").await;
    buy(&mut ada, "winter", "good", "/news/b").await;
    let (day, counts, _) = today(&paper).await;
    let steps = [
        CountedEvent::OffersSeen,
        CountedEvent::Registered,
        CountedEvent::CheckoutBegun,
        CountedEvent::Bought,
    ];
    assert_eq!(steps.map(|step| counts.of(step)), [1, 1, 1, 1]);
    let articles = paper.store.by_article(&(day..=day)).await.expect("asked");
    let snapshot = paper.site.snapshot();
    let Some(Target::Piece(b)) = snapshot.edition.find("/news/b") else { panic!("no article") };
    assert_eq!(steps.map(|step| articles[&b.id].of(step)), [1, 1, 1, 1]);
    assert_eq!(articles.len(), 1);
    // Signing in again is no registration.
    sign_in(&paper, &mut paper.browser(), ADA, "/news/b").await;
    assert_eq!(today(&paper).await.1.of(CountedEvent::Registered), 1);
}

#[tokio::test]
async fn what_readers_do_is_counted_for_the_wall_that_stood_before_them() {
    let paper = paper().await;
    paper.publish_metered("abcd").await;
    let mut ada = paper.browser();
    for path in ["/news/a", "/news/b", "/news/c", "/news/d"] {
        ada.get(path).await;
    }
    // Before the meter's wall, before that of an article for subscribers, and before none.
    for from in ["/news/d", "/news/locked", "/news/a", "/"] {
        ada.get(&format!("/offers?from={from}")).await;
    }
    sign_in(&paper, &mut ada, ADA, "/news/d").await;
    buy(&mut ada, "winter", "good", "/news/locked").await;
    let (_, counts, _) = today(&paper).await;
    let after = |wall, step| counts.of(CountedEvent::After(wall, step));
    assert_eq!(after(Some(WallReason::Register), FunnelStep::OffersSeen), 1);
    assert_eq!(after(Some(WallReason::Subscribers), FunnelStep::OffersSeen), 1);
    assert_eq!(after(None, FunnelStep::OffersSeen), 2);
    assert_eq!(after(Some(WallReason::Register), FunnelStep::Registered), 1);
    assert_eq!(after(Some(WallReason::Subscribers), FunnelStep::Bought), 1);
    let all: u64 = FunnelStep::ALL.map(|step| after(None, step)).iter().sum();
    assert_eq!(all, 2, "nothing else without a wall");
}

#[tokio::test]
async fn of_another_website_only_the_domain_is_stored() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    for page in
        ["https://news.example.org/secret?who=ada", "https://example.org/", "https://t.co/x"]
    {
        paper.browser().sending("referer", page).get("/news/a").await;
    }
    let (day, counts, _) = today(&paper).await;
    assert_eq!(counts.of(CountedEvent::ReadFrom(Referrer::Other)), 2);
    let first = paper.site.snapshot().edition.articles().iter().map(|a| a.id).min();
    let first = first.expect("an article");
    let sources = paper.store.sources_of_article(first, &(day..=day), 9).await.expect("asked");
    assert_eq!(sources.sites, [("example.org".to_owned(), 2)]);
    let read = |from| sources.kinds.of(CountedEvent::ReadFrom(from));
    assert_eq!((read(Referrer::Other), read(Referrer::Social)), (2, 1));
}
