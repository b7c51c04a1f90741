//! Every read counts, once, for everybody alike.

use http::{Method, StatusCode};
use masthead_access::{Allowance, Tier};

use crate::newspaper::{CRAWLER, Newspaper, PROXY, article, sentence, sponsored, tiered};

#[tokio::test]
async fn three_articles_are_free_and_the_fourth_is_a_teaser() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abcd").await;
        let mut reader = paper.browser();
        assert_eq!(reader.access("/news/a").await, "metered;left=2");
        assert_eq!(reader.access("/news/b").await, "metered;left=1");
        assert_eq!(reader.access("/news/a").await, "open;reason=re-read");
        assert_eq!(reader.access("/news/c").await, "metered;left=0");
        let wall = reader.get("/news/d").await;
        assert_eq!(wall.header("masthead-access"), Some("wall;reason=register"));
        assert!(wall.text().contains(&sentence("d", 0)));
        assert!(!wall.text().contains(&sentence("d", 1)));
        assert_eq!(reader.access("/news/c").await, "open;reason=re-read");
    }
}

#[tokio::test]
async fn readers_see_how_many_articles_are_left() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut reader = paper.browser();
    let first = reader.get("/news/a").await.text();
    assert!(first.contains("You have 2 free articles left this month."), "{first}");
    let again = reader.get("/news/a").await.text();
    assert!(!again.contains("free articles left"));
    assert!(reader.get("/news/b").await.text().contains("You have 1 free article left"));
    assert!(reader.get("/news/c").await.text().contains("This is your last free article"));
    let wall = reader.get("/news/d").await.text();
    assert!(wall.contains("Keep reading with a free account"), "{wall}");
    assert!(wall.contains("Create a free account and read 2 more articles this month."), "{wall}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_parallel_tabs_never_exceed_the_allowance() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abcdefghij").await;
        let mut reader = paper.browser();
        reader.get("/").await;
        let tabs = "abcdefghij".chars().map(|slug| {
            let mut tab = reader.clone();
            tokio::spawn(async move { tab.access(&format!("/news/{slug}")).await })
        });
        let mut answers = Vec::new();
        for tab in tabs.collect::<Vec<_>>() {
            answers.push(tab.await.expect("an answer"));
        }
        let delivered = answers.iter().filter(|answer| answer.starts_with("metered")).count();
        let walls = answers.iter().filter(|answer| answer.starts_with("wall")).count();
        assert_eq!((delivered, walls), (3, 7), "{answers:?}");
    }
}

#[tokio::test]
async fn what_no_person_reads_is_not_counted() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut reader = paper.browser();
    reader.get("/").await;
    for slug in ["a", "b", "c"] {
        let path = format!("/news/{slug}");
        let head = reader.ask(&Method::HEAD, &path).await;
        assert_eq!((head.status, head.bytes.len()), (StatusCode::OK, 0));
        for purpose in ["prefetch", "prefetch;prerender", "prerender"] {
            let guess = reader.clone().sending("sec-purpose", purpose).get(&path).await;
            assert_eq!(guess.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(guess.bytes.is_empty() && guess.header("set-cookie").is_none());
        }
    }
    assert_eq!(reader.access("/news/d").await, "metered;left=2");
}

#[tokio::test]
async fn free_and_sponsored_articles_are_never_counted() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("free", Tier::Free)).await;
    paper.publish(&sponsored("paid-for")).await;
    paper.publish(&article("a")).await;
    let mut reader = paper.browser();
    assert_eq!(reader.access("/news/free").await, "open;reason=free");
    let sponsored = reader.get("/news/paid-for").await;
    assert_eq!(sponsored.header("masthead-access"), Some("open;reason=free"));
    assert!(sponsored.text().contains("Sponsored · Paid for by <bdi>A Sponsor</bdi>"));
    assert!(sponsored.text().contains("About sponsored content"));
    assert!(!sponsored.text().contains("free articles left"));
    assert_eq!(reader.access("/news/a").await, "metered;left=2");
}

#[tokio::test]
async fn tiers_above_the_meter_stay_locked() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("s", Tier::Subscribers)).await;
    paper.publish(&tiered("r", Tier::Registered)).await;
    paper.publish(&tiered("p", Tier::Product(vec!["atlas".into()]))).await;
    let mut reader = paper.browser();
    assert_eq!(reader.access("/news/s").await, "wall;reason=subscribers");
    assert_eq!(reader.access("/news/r").await, "wall;reason=register");
    assert_eq!(reader.access("/news/p").await, "wall;reason=product");
}

#[tokio::test]
async fn the_month_begins_at_midnight_in_the_publications_zone() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut reader = paper.browser();
    for slug in ["a", "b", "c"] {
        reader.get(&format!("/news/{slug}")).await;
    }
    paper.set_clock("2026-11-30T14:59:59Z");
    assert_eq!(reader.access("/news/d").await, "wall;reason=register");
    paper.set_clock("2026-11-30T15:00:00Z");
    assert_eq!(reader.access("/news/d").await, "metered;left=2");
    assert_eq!(reader.access("/news/a").await, "metered;left=1");
}

#[tokio::test]
async fn an_older_or_forged_cookie_wins_nothing() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcde").await;
    let mut reader = paper.browser();
    reader.get("/news/a").await;
    let early = reader.cookie.clone().expect("a cookie");
    for slug in ["b", "c"] {
        reader.get(&format!("/news/{slug}")).await;
    }
    reader.cookie = Some(early.clone());
    assert_eq!(reader.access("/news/d").await, "wall;reason=register");

    // A cut or changed token is no token; its device starts again, under the network's limit.
    let cut = early[..early.len() - 2].to_owned();
    let mut forger = paper.browser();
    forger.cookie = Some(cut);
    assert_eq!(forger.access("/news/d").await, "metered;left=2");
}

#[tokio::test]
async fn a_client_that_drops_its_cookie_cannot_read_the_archive() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    for _ in 0..300 {
        assert_eq!(paper.browser().access("/news/a").await, "metered;left=2");
    }
    assert_eq!(paper.browser().access("/news/a").await, "wall;reason=register");
    assert_eq!(paper.browser().from("198.51.100.7").access("/news/a").await, "metered;left=2");

    // A header names another network only where a trusted proxy wrote it.
    let forged = paper.browser().sending("x-forwarded-for", "198.51.100.8");
    assert_eq!(forged.clone().access("/news/a").await, "wall;reason=register");
    assert_eq!(forged.from(PROXY).access("/news/a").await, "metered;left=2");
}

#[tokio::test]
async fn a_changed_limit_per_network_is_in_force_at_once() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    for _ in 0..3 {
        assert_eq!(paper.browser().access("/news/a").await, "metered;left=2");
    }
    for (limit, access) in
        [(Some(3), "wall;reason=register"), (Some(4), "metered;left=2"), (None, "metered;left=2")]
    {
        let mut publication = crate::newspaper::publication();
        publication.policy.first_reads_per_network = limit;
        paper.republish(publication).await.expect("in force");
        assert_eq!(paper.browser().access("/news/a").await, access, "{limit:?}");
    }
}

#[tokio::test]
async fn crawlers_and_previews_are_who_they_can_prove_to_be() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    paper.publish(&tiered("s", Tier::Subscribers)).await;
    let google = |paper: &Newspaper| paper.browser().sending("user-agent", "Googlebot/2.1");
    let mut crawler = google(&paper).from(CRAWLER);
    assert_eq!(crawler.access("/news/a").await, "open;reason=crawler");
    assert_eq!(crawler.access("/news/s").await, "wall;reason=subscribers");
    assert_eq!(crawler.cookie, None);
    assert_eq!(google(&paper).access("/news/a").await, "metered;left=2");
    let mut preview = paper.browser().sending("user-agent", "facebookexternalhit/1.1");
    let card = preview.get("/news/a").await;
    assert!(card.header("masthead-access").expect("a decision").starts_with("wall"));
    assert_eq!(preview.cookie, None);
}

#[tokio::test]
async fn nothing_about_a_reader_is_stored() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let before = paper.store.revision().await.expect("a revision");
    let files = || {
        let mut names: Vec<_> = std::fs::read_dir(paper.folder.path())
            .expect("a folder")
            .map(|file| file.expect("a file"))
            .map(|file| (file.file_name(), file.metadata().expect("known").len()))
            .collect();
        names.sort();
        names
    };
    let files_before = files();
    let mut reader = paper.browser();
    for slug in ["a", "b", "c", "d"] {
        reader.get(&format!("/news/{slug}")).await;
    }
    assert_eq!(paper.store.revision().await.expect("a revision"), before);
    assert_eq!(files(), files_before);
}

#[tokio::test]
async fn no_allowance_is_a_hard_wall_and_unlimited_no_meter() {
    let shut = Newspaper::with(|p| p.policy.allowances.anonymous = Allowance::Articles(0)).await;
    shut.publish_metered("a").await;
    assert_eq!(shut.browser().access("/news/a").await, "wall;reason=register");
    let open = Newspaper::with(|p| p.policy.allowances.anonymous = Allowance::Unlimited).await;
    open.publish_metered("abcd").await;
    let mut reader = open.browser();
    for slug in ["a", "b", "c", "d"] {
        let access = reader.access(&format!("/news/{slug}")).await;
        assert!(access.starts_with("open"), "{access}");
    }
}
