//! Feeds and site map: what is new, where everything is, and of no article its text.

use http::StatusCode;
use masthead_access::Tier;
use masthead_editorial::{Piece, Section, Status};

use crate::newspaper::{Newspaper, article, later, sentence, sponsored, tiered};

#[tokio::test]
async fn a_feed_has_headlines_and_decks_and_no_text() {
    let paper = Newspaper::new().await;
    let first = Piece { headline: "Fish & <chips>".into(), ..article("first") };
    paper.publish(&first).await;
    let published = first.published.map(|at| later(at, 1));
    paper.publish(&Piece { published, ..tiered("locked", Tier::Subscribers) }).await;
    paper.publish(&sponsored("ad")).await;
    paper.publish(&Piece { status: Status::Draft, ..article("draft") }).await;
    for path in ["/feed.xml", "/news/feed.xml", "/topic/matter/feed.xml", "/author/writer/feed.xml"]
    {
        let mut robot = paper.browser();
        let reply = robot.get(path).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.header("set-cookie").is_none() && reply.header("masthead-access").is_none());
        let tag = reply.header("etag").expect("a tag").to_owned();
        let text = reply.text();
        let feed: atom_syndication::Feed = text.parse().expect("a feed (RFC 4287)");
        let titles: Vec<&str> = feed.entries().iter().map(|entry| entry.title().as_str()).collect();
        assert_eq!(titles, ["Headline locked", "Sponsored: Headline ad", "Fish & <chips>"]);
        assert_eq!(feed.entries()[0].links()[0].href(), "https://paper.example/news/locked");
        assert_eq!(
            feed.entries()[0].summary().map(atom_syndication::Text::as_str),
            Some("Deck of locked.")
        );
        assert_eq!(feed.entries()[1].categories()[1].term(), "Sponsored");
        for slug in ["first", "locked", "ad", "draft"] {
            assert!((0..10).all(|number| !text.contains(&sentence(slug, number))), "{slug}");
        }
        let again = robot.sending("if-none-match", &tag).get(path).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }
    for nothing in ["/none/feed.xml", "/topic/none/feed.xml", "/author/none/feed.xml"] {
        let reply = paper.browser().get(nothing).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn the_site_map_names_every_page_once() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    let robots = paper.browser().get("/robots.txt").await.text();
    assert!(robots.contains("Sitemap: https://paper.example/sitemap.xml"), "{robots}");
    let index = paper.browser().get("/sitemap.xml").await.text();
    assert!(index.contains("<loc>https://paper.example/sitemap/1.xml</loc>"), "{index}");
    let map = paper.browser().get("/sitemap/1.xml").await.text();
    for address in ["/", "/news", "/news/a", "/news/b"] {
        let line = format!("<loc>https://paper.example{address}</loc>");
        assert_eq!(map.matches(&line).count(), 1, "{address} in {map}");
    }
    assert!(map.contains("<lastmod>2026-11-20T09:00:00Z</lastmod>"));
    for part in ["2.xml", "0.xml", "x.xml", "1", "99999999999999999999.xml"] {
        let reply = paper.browser().get(&format!("/sitemap/{part}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{part}");
    }
}

#[tokio::test]
async fn a_correction_moves_the_time_of_an_entry_and_nothing_moves_its_id() {
    let paper = Newspaper::new().await;
    let first = Piece { authors: Vec::new(), ..article("first") };
    paper.publish(&first).await;
    let read = async || {
        let text = paper.browser().get("/feed.xml").await.text();
        text.parse::<atom_syndication::Feed>().expect("a feed (RFC 4287)")
    };
    let before = read().await;
    assert_eq!(before.authors()[0].name(), "The Paper", "for articles without a byline");
    assert!(before.entries()[0].authors().is_empty());
    let id = before.entries()[0].id();
    assert!(id.starts_with("tag:paper.example,2026:article/"), "{id}");
    let corrected = first.published.map(|at| later(at, 90));
    let headline = "Another headline".to_owned();
    let section = Some(Section { slug: "opinion".into(), name: "Opinion".into() });
    paper.publish(&Piece { headline, section, updated: corrected, ..first }).await;
    let after = read().await;
    let entry = &after.entries()[0];
    assert_eq!((after.entries().len(), entry.id()), (1, id));
    assert_eq!(entry.title().as_str(), "Another headline");
    assert_eq!(entry.links()[0].href(), "https://paper.example/opinion/first");
    let moved = entry.updated().signed_duration_since(before.entries()[0].updated());
    assert_eq!(moved.num_minutes(), 90);
    assert_eq!(after.updated(), entry.updated());
    let map = paper.browser().get("/sitemap/1.xml").await.text();
    assert!(map.contains("<lastmod>2026-11-20T10:30:00Z</lastmod>"), "{map}");
}
