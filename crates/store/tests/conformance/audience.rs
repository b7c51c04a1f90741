//! What is counted of the audience.

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
use masthead_access::{Arm, Article, ArticleId, Policy, Reader, Reads, WallReason, decide};
use masthead_audience::{
    CountedEvent, CountedReader, CounterBatch, Counters, EventTime, Goal, ReaderGroup, Referrer,
    Sketch, Subject, TrafficSource,
};
use masthead_store::{ArticleSources, Location, Store};

use crate::open;

on_both_engines!(
    counts_add_up,
    parallel_counts_lose_nothing,
    articles_experiments_and_the_publication_are_counted_separately,
    the_sources_of_an_article_are_kinds_of_pages_and_domains,
    the_domains_of_an_article_and_day_are_limited,
);

const MONDAY: Date = Date::constant(2026, 11, 23);
const READ: CountedEvent = CountedEvent::MeteredRead;
const WALL: CountedEvent = CountedEvent::Wall(WallReason::Meter);

fn batch(day: Date, hour: i64, article: u32, readers: std::ops::Range<u128>) -> CounterBatch {
    let mut batch = CounterBatch::default();
    let mut sketch = Sketch::default();
    readers.clone().for_each(|reader| sketch.add(reader));
    let times = u64::try_from(readers.count()).expect("few");
    batch
        .counts
        .insert((EventTime { day, hour }, READ, Subject::Article(ArticleId(article))), times);
    batch.counts.insert((EventTime { day, hour }, WALL, Subject::Article(ArticleId(article))), 1);
    batch.uniques.insert((day, ReaderGroup::Readers), sketch);
    batch
}

async fn readers(store: &Store, days: (Date, Date)) -> u64 {
    store
        .uniques(&(days.0..=days.1), &[ReaderGroup::Readers])
        .await
        .expect("asked")
        .count(ReaderGroup::Readers)
}

async fn counts_add_up(location: &Location) {
    let store = open(location).await;
    crate::pieces::articles(&store, 2).await;
    let tuesday = date(2026, 11, 24);
    for batch in [
        batch(MONDAY, 100, 1, 0..30),
        batch(MONDAY, 101, 1, 20..50),
        batch(MONDAY, 101, 2, 0..10),
        batch(tuesday, 110, 2, 40..60),
    ] {
        store.add_to_audience(&batch).await.expect("added");
    }
    let days = store.by_day(&(date(2026, 11, 22)..=tuesday)).await.expect("asked");
    let reads: Vec<u64> = days.iter().map(|(_, counts)| counts.of(READ)).collect();
    assert_eq!(reads, [0, 70, 20]);
    let hours = store.by_hour(100..=102).await.expect("asked");
    let reads: Vec<u64> = hours.iter().map(|(_, counts)| counts.of(READ)).collect();
    assert_eq!(reads, [30, 40, 0]);
    let articles = store.by_article(&(MONDAY..=tuesday)).await.expect("asked");
    assert_eq!(articles[&ArticleId(1)].of(READ), 60);
    assert_eq!((articles[&ArticleId(2)].of(READ), articles[&ArticleId(2)].of(WALL)), (30, 2));
    let most = store.most_read(&(MONDAY..=tuesday), 9).await.expect("asked");
    assert_eq!(most, [ArticleId(1), ArticleId(2)]);
    let most = store.most_read(&(tuesday..=tuesday), 9).await.expect("asked");
    assert_eq!(most, [ArticleId(2)]);
    assert_eq!(store.by_article(&(tuesday..=tuesday)).await.expect("asked").len(), 1);
    assert_eq!(readers(&store, (MONDAY, MONDAY)).await, 50);
    assert_eq!(readers(&store, (MONDAY, tuesday)).await, 60);
    let sunday = date(2026, 11, 22);
    let parts = [sunday..=sunday, MONDAY..=MONDAY, tuesday..=date(2026, 11, 30)];
    let parts = store.uniques_of_parts(&parts, &[ReaderGroup::Readers]).await.expect("asked");
    let each: Vec<u64> = parts.iter().map(|uniques| uniques.count(ReaderGroup::Readers)).collect();
    assert_eq!(each, [0, 50, 20]);
    assert!(store.uniques_of_parts(&[], &[ReaderGroup::Readers]).await.expect("asked").is_empty());
}

async fn parallel_counts_lose_nothing(location: &Location) {
    let store = open(location).await;
    let adding: Vec<_> = (0..8)
        .map(|server| {
            let store = store.clone();
            let batch = batch(MONDAY, 100, 1, server * 10..server * 10 + 10);
            tokio::spawn(async move { store.add_to_audience(&batch).await })
        })
        .collect();
    for adding in adding {
        adding.await.expect("ran").expect("added");
    }
    let day = &store.by_day(&(MONDAY..=MONDAY)).await.expect("asked")[0].1;
    assert_eq!((day.of(READ), day.of(WALL)), (80, 8));
    assert_eq!(readers(&store, (MONDAY, MONDAY)).await, 80);
}

async fn articles_experiments_and_the_publication_are_counted_separately(location: &Location) {
    let store = open(location).await;
    crate::pieces::articles(&store, 1).await;
    let registered = CountedEvent::Treatment(Arm::A, Goal::Registered);
    let mut batch = CounterBatch::default();
    for (counted, subject, times) in [
        (registered, Subject::Experiment(1), 3),
        (registered, Subject::Experiment(9), 1000),
        (CountedEvent::OffersSeen, Subject::Publication, 5),
        (CountedEvent::OffersSeen, Subject::Article(ArticleId(1)), 2),
        // An article that is not in the database keeps nothing else from being written.
        (CountedEvent::OffersSeen, Subject::Article(ArticleId(77)), 1),
    ] {
        batch.counts.insert((EventTime { day: MONDAY, hour: 100 }, counted, subject), times);
    }
    store.add_to_audience(&batch).await.expect("added");
    store.add_to_audience(&batch).await.expect("added");
    assert_eq!(store.experiment_counts(1).await.expect("asked").of(registered), 6);
    let days = MONDAY..=MONDAY;
    let articles = store.by_article(&days).await.expect("asked");
    assert_eq!(articles.len(), 1);
    let first = &articles[&ArticleId(1)];
    assert_eq!((first.of(CountedEvent::OffersSeen), first.of(registered)), (4, 0));
    let day = &store.by_day(&days).await.expect("asked")[0].1;
    assert_eq!((day.of(CountedEvent::OffersSeen), day.of(registered)), (16, 2006));
}

/// Counts visits to an article from each of these pages.
fn visits(article: u32, from: &[&str]) -> CounterBatch {
    let counters = Counters::new(7);
    let now: Timestamp = "2026-11-23T09:00:00Z".parse().expect("a time");
    let when = EventTime { day: MONDAY, hour: 100 };
    let reads = Reads::default();
    let article = Article::plain(article, now);
    let decision = decide(&Policy::new(TimeZone::UTC), &Reader::anonymous(&reads), &article, now);
    for referer in from {
        let reader = CountedReader { number: 1, registered: false };
        let source = TrafficSource::of(Some(referer), |host| host == "paper.example");
        counters.visit(when, article.id, &decision, reader, source);
    }
    let mut batch = CounterBatch::default();
    counters.move_into(&mut batch);
    batch
}

async fn the_sources_of_an_article_are_kinds_of_pages_and_domains(location: &Location) {
    let store = open(location).await;
    crate::pieces::articles(&store, 2).await;
    let pages = ["https://www.example.org/secret", "https://t.co/x", "https://b.example/"];
    for batch in
        [visits(1, &pages), visits(1, &pages[..1]), visits(2, &pages[1..]), visits(99, &pages)]
    {
        store.add_to_audience(&batch).await.expect("added");
    }
    let days = MONDAY..=MONDAY;
    let sources = store.sources_of_article(ArticleId(1), &days, 9).await.expect("asked");
    let sites = [("example.org".to_owned(), 2), ("b.example".to_owned(), 1)];
    assert_eq!(sources.sites, sites);
    let read = |from| sources.kinds.of(CountedEvent::ReadFrom(from));
    assert_eq!((read(Referrer::Other), read(Referrer::Social)), (3, 1));
    let later = date(2026, 11, 24)..=date(2026, 11, 25);
    let none = store.sources_of_article(ArticleId(1), &later, 9);
    assert_eq!(none.await.expect("asked"), ArticleSources::default());
    // The totals of the day have each visit once.
    let total = store.by_day(&days).await.expect("asked").remove(0).1;
    assert_eq!(total.of(CountedEvent::ReadFrom(Referrer::Social)), 3);
    assert_eq!(total.reads(), 9);
    let articles = store.by_article(&days).await.expect("asked");
    assert_eq!(articles[&ArticleId(1)].reads(), 4);
}

async fn the_domains_of_an_article_and_day_are_limited(location: &Location) {
    let store = open(location).await;
    crate::pieces::articles(&store, 1).await;
    for round in 0..3 {
        let pages: Vec<String> = (0..40).map(|n| format!("https://{round}-{n}.example/")).collect();
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        store.add_to_audience(&visits(1, &pages)).await.expect("added");
    }
    // Of the invented ones that came last, each has taken the place of an older one. A real website that comes after them is
    // known, and stays.
    for _ in 0..3 {
        store.add_to_audience(&visits(1, &["https://real.example/"])).await.expect("added");
    }
    let pages: Vec<String> = (0..40).map(|n| format!("https://3-{n}.example/")).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    store.add_to_audience(&visits(1, &pages)).await.expect("added");
    let sources = store.sources_of_article(ArticleId(1), &(MONDAY..=MONDAY), 999).await;
    let sources = sources.expect("asked");
    assert_eq!(sources.sites.len(), 50);
    assert_eq!(sources.sites[0], ("real.example".to_owned(), 3));
    assert_eq!(sources.kinds.of(CountedEvent::ReadFrom(Referrer::Other)), 163, "the sum is right");
}
