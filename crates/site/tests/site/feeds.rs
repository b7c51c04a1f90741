//! Feeds and site map: what is new, where everything is, and of no article its text.

use http::StatusCode;
use masthead_access::Tier;
use masthead_editorial::{Piece, Status};

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
