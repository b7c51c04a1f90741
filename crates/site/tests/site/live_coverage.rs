//! Live coverage: posts reach readers at once, those who may read them and nobody else, and are counted as one article.

use http::StatusCode;
use masthead_access::{ArticleId, Tier};
use masthead_audience::CountedEvent;
use masthead_editorial::{Kind, Piece, live_post::LivePostText};
use masthead_publication::edition::Target;
use masthead_store::{CoverageChange, LiveAuthor, LivePostChange, LivePostNumber, NewLivePost};
use serde_json::Value;

use crate::{
    live_updates::Stream,
    newspaper::{Browser, Newspaper, article, later, tiered},
    shop::{ada, buy, paper as shop},
};

/// The text of the post with this name, which is nowhere else.
pub(crate) fn secret(name: &str) -> String {
    format!("Secretofpost{name}")
}

impl Newspaper {
    pub(crate) fn by_server(&self) -> LiveAuthor {
        LiveAuthor { by: None, at: self.now() }
    }

    /// Publishes an article and starts its live coverage.
    pub(crate) async fn cover(&self, piece: &Piece) -> ArticleId {
        self.publish(piece).await;
        let snapshot = self.site.snapshot();
        let id = match snapshot.edition.find(&piece.address()) {
            Some(Target::Piece(entry)) => entry.id,
            _ => panic!("there is no article"),
        };
        let started = self.store.start_coverage(id, self.by_server()).await.expect("asked");
        assert_eq!(started, CoverageChange::Done);
        self.refresh().await;
        id
    }

    pub(crate) async fn post_live(&self, id: ArticleId, name: &str) {
        let secret = secret(name);
        let text = LivePostText {
            headline: format!("Headline {secret}"),
            source: secret.clone(),
            body: format!(
                "<p>{secret} Wordofpost{name}</p><figure><img src=\"/media/{name}-4x3.jpg\" alt=\"\"></figure>"
            ),
        };
        let post = NewLivePost { request: name.to_owned(), text, is_pinned: false };
        let done = self.store.publish_live_post(id, &post, self.by_server()).await.expect("asked");
        assert_eq!(done, LivePostChange::Done);
        self.refresh().await;
    }

    async fn numbers(&self, id: ArticleId) -> Vec<(LivePostNumber, i64)> {
        let posts = self.store.live_posts(id).await.expect("read");
        posts.into_iter().map(|post| (post.number, post.version)).collect()
    }
}

/// The places of these texts, which are all there, in this order.
fn assert_order(page: &str, texts: &[&str]) {
    // Facts for search engines have an order of their own.
    let html = page.split("<main").last().expect("a page");
    let place = |text: &&str| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}"));
    let places: Vec<usize> = texts.iter().map(place).collect();
    assert!(places.is_sorted(), "{texts:?} {places:?}");
}

async fn json(browser: &mut Browser, path: &str) -> Value {
    let reply = browser.get(path).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
    serde_json::from_slice(&reply.bytes).expect("JSON")
}

#[tokio::test]
async fn each_post_is_on_the_page_at_once_and_other_pages_stay() {
    for paper in Newspaper::on_both().await {
        paper.publish(&article("other")).await;
        let id = paper
            .cover(&Piece { published: Some(later(paper.now(), -5)), ..article("flood") })
            .await;
        let mut reader = paper.browser();
        reader.get("/news/other").await;
        let before = reader.get("/news/flood").await.text();
        assert!(before.contains("There are no posts yet."), "{before}");
        for name in ["one", "two"] {
            paper.post_live(id, name).await;
        }
        let misses =
            || paper.site.live.pages().counts.misses.load(std::sync::atomic::Ordering::Relaxed);
        let rendered = misses();
        reader.get("/news/other").await;
        assert_eq!(misses(), rendered, "a post drops the pages of its article only");
        let page = reader.get("/news/flood").await.text();
        assert_eq!(misses(), rendered + 1);
        assert_order(&page, &["Live updates", &secret("two"), &secret("one")]);
        let [(two, _), (one, version)] = paper.numbers(id).await[..] else { panic!("two posts") };
        assert!(page.contains(&format!("id=\"post-{}\"", two.0)), "an anchor");
        // A pinned post comes first, and the order turns at the end.
        paper
            .store
            .pin_live_post(id, (one, version), true, paper.by_server())
            .await
            .expect("pinned");
        paper.post_live(id, "three").await;
        let page = reader.get("/news/flood").await.text();
        assert_order(&page, &[&secret("one"), &secret("three"), &secret("two")]);
        paper.store.end_coverage(id, paper.by_server()).await.expect("ended");
        paper.refresh().await;
        let page = reader.get("/news/flood").await.text();
        assert_order(
            &page,
            &["Live coverage has ended", &secret("one"), &secret("two"), &secret("three")],
        );
        assert!(!page.contains("live.js") && !page.contains("live-flag"));
    }
}

#[tokio::test]
async fn a_removed_or_corrected_post_is_gone_from_the_page() {
    let paper = Newspaper::new().await;
    let id = paper.cover(&article("flood")).await;
    for name in ["one", "two"] {
        paper.post_live(id, name).await;
    }
    let mut reader = paper.browser();
    reader.get("/news/flood").await;
    let [two, one] = paper.numbers(id).await[..] else { panic!("two posts") };
    paper.store.remove_live_post(id, two, paper.by_server()).await.expect("removed");
    let text = LivePostText {
        headline: String::new(),
        source: "Better".into(),
        body: "<h2>Better</h2>".into(),
    };
    paper.store.correct_live_post(id, one, &text, paper.by_server()).await.expect("corrected");
    paper.refresh().await;
    let page = reader.get("/news/flood").await.text();
    assert!(!page.contains(&secret("one")) && !page.contains(&secret("two")), "{page}");
    assert!(page.contains("<h3>Better</h3>"), "below the heading of the posts: {page}");
    let picture =
        |name: &str| paper.site.snapshot().edition.shows_picture(&format!("{name}-4x3.jpg"));
    assert!(!picture("one") && !picture("two"), "their pictures are not public any more");
}

#[tokio::test]
async fn live_articles_are_labelled_on_their_page_on_cards_and_in_feeds() {
    let paper = Newspaper::new().await;
    let id = paper.cover(&Piece { body: "<p>Short.</p>".into(), ..article("flood") }).await;
    paper.set_clock("2026-11-24T10:00:00Z");
    paper.post_live(id, "one").await;
    let mut reader = paper.browser();
    for page in ["/", "/news", "/topic/matter", "/author/writer", "/news/flood"] {
        assert!(reader.get(page).await.text().contains("class=\"live-flag\">Live<"), "{page}");
    }
    let feed = reader.get("/feed.xml").await.text();
    assert_eq!(feed.matches("<updated>2026-11-24T10:00:00").count(), 2, "{feed}");
    assert!(reader.get("/sitemap/1.xml").await.text().contains("2026-11-24T10:00:00Z"));
    let facts = facts(&reader.get("/news/flood").await.text());
    assert_eq!(facts["@type"], "LiveBlogPosting");
    assert_eq!(facts["coverageStartTime"], "2026-11-24T09:00:00Z");
    assert_eq!(facts["dateModified"], "2026-11-24T10:00:00Z");
    assert_eq!(
        facts["liveBlogUpdate"][0]["articleBody"],
        format!("{} Wordofpostone", secret("one"))
    );
    assert!(facts.get("coverageEndTime").is_none());
    paper.store.end_coverage(id, paper.by_server()).await.expect("ended");
    paper.refresh().await;
    assert!(!reader.get("/").await.text().contains("live-flag"));
    let page = reader.get("/news/flood").await.text();
    assert!(page.contains("\"coverageEndTime\":\"2026-11-24T10:00:00Z\""), "{page}");
}

#[tokio::test]
async fn a_running_article_is_listed_and_dated_by_its_latest_post() {
    let paper = Newspaper::new().await;
    paper.publish(&Piece { published: Some(later(paper.now(), -20)), ..article("older") }).await;
    let flood = Piece { published: Some(later(paper.now(), -10)), ..article("flood") };
    let id = paper.cover(&flood).await;
    paper.publish(&Piece { published: Some(later(paper.now(), -5)), ..article("newer") }).await;
    let mut reader = paper.browser();
    let lists = ["/", "/news", "/topic/matter", "/author/writer"];
    paper.set_clock("2026-11-24T10:00:00Z");
    paper.publish(&Piece { published: Some(paper.now()), ..article("newest") }).await;
    paper.set_clock("2026-11-24T11:15:00Z");
    for page in lists {
        let page = reader.get(page).await.text();
        assert_order(&page, &["/news/newest", "/news/flood", "/news/newer", "/news/older"]);
    }
    paper.post_live(id, "one").await;
    for page in lists {
        let page = reader.get(page).await.text();
        assert_order(&page, &["/news/flood", "/news/newest", "/news/newer", "/news/older"]);
        assert!(page.contains("Updated <time datetime=\"2026-11-24T11:15:00Z\">"), "{page}");
    }
    let feed = reader.get("/feed.xml").await.text();
    let place = |slug| feed.find(&format!("/news/{slug}\"")).expect("an entry");
    let places = ["newest", "newer", "flood", "older"].map(place);
    assert!(places.is_sorted(), "a feed has the order of publication: {feed}");
    paper.store.end_coverage(id, paper.by_server()).await.expect("ended");
    paper.refresh().await;
    for page in lists {
        let page = reader.get(page).await.text();
        assert_order(&page, &["/news/newest", "/news/newer", "/news/flood", "/news/older"]);
        assert!(!page.contains("Updated <time"), "it has the date of its publication: {page}");
    }
}

fn facts(page: &str) -> Value {
    let start = page.split("<script type=\"application/ld+json\">").nth(1).expect("facts");
    serde_json::from_str(start.split("</script>").next().expect("an end")).expect("JSON")
}

#[tokio::test]
async fn nothing_of_a_post_passes_the_wall() {
    for paper in Newspaper::on_both().await {
        let id = paper.cover(&tiered("flood", Tier::Subscribers)).await;
        paper.post_live(id, "one").await;
        paper.site.search_index.refresh().await.expect("indexed");
        let hidden = secret("one");
        for path in [
            "/news/flood",
            "/",
            "/news",
            "/feed.xml",
            "/news/feed.xml",
            "/sitemap/1.xml",
            "/search?q=Wordofpostone",
            "/api/v1/search?q=Wordofpostone",
            "/api/v1/access/news/flood",
            "/api/v1/live/news/flood",
            "/api/v1/live-updates/news/flood",
        ] {
            let mut reader = paper.browser();
            for _ in 0..2 {
                let text = reader.get(path).await.text();
                assert!(!text.contains(&hidden), "{path}: {text}");
                assert!(
                    !text.contains("1 result") && !text.contains("\"count\":1"),
                    "{path}: {text}"
                );
            }
        }
        let page = paper.browser().get("/news/flood").await.text();
        assert!(page.contains("live-flag"), "it may be said that it is live");
        assert!(
            !page.contains("liveBlogUpdate")
                && !page.contains("live.js")
                && !page.contains("post-")
        );
        for path in ["/api/v1/live/news/flood", "/api/v1/live-updates/news/flood"] {
            assert_eq!(paper.browser().get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let mut stream = Stream::open(&paper, &paper.browser(), "/news/flood").await;
        assert_eq!(stream.status, StatusCode::FORBIDDEN);
        assert!(!stream.rest().await.contains(&hidden));
    }
}

#[tokio::test]
async fn subscribers_get_everything_that_others_do_not() {
    let paper = shop().await;
    let id = paper.cover(&tiered("flood", Tier::Subscribers)).await;
    paper.post_live(id, "one").await;
    paper.site.search_index.refresh().await.expect("indexed");
    let mut reader = ada(&paper).await;
    assert_eq!(reader.get("/api/v1/live/news/flood").await.status, StatusCode::FORBIDDEN);
    buy(&mut reader, "winter", "good", "/news/flood").await;
    assert!(reader.get("/news/flood").await.text().contains(&secret("one")));
    let posts = json(&mut reader, "/api/v1/live/news/flood").await;
    assert_eq!(posts["posts"][0]["headline"], format!("Headline {}", secret("one")));
    assert_eq!((&posts["running"], &posts["article"]), (&true.into(), &"/news/flood".into()));
    let found = json(&mut reader, "/api/v1/search?q=Wordofpostone").await;
    assert_eq!(found["count"], 1, "the text of posts is found by those who may read it");
}

#[tokio::test]
async fn an_evening_of_posts_spends_one_read() {
    for paper in Newspaper::on_both().await {
        let id = paper.cover(&article("flood")).await;
        paper.publish_metered("abc").await;
        let mut reader = paper.browser();
        // Asking for posts spends nothing, and gets nothing that would.
        assert_eq!(reader.get("/api/v1/live/news/flood").await.status, StatusCode::FORBIDDEN);
        assert_eq!(reader.access("/news/flood").await, "metered;left=2");
        for name in ["one", "two", "three"] {
            paper.post_live(id, name).await;
            assert_eq!(
                json(&mut reader, "/api/v1/live-updates/news/flood?since=0").await["running"],
                true
            );
            let page = reader.get("/news/flood").await;
            assert_eq!(page.header("masthead-access"), Some("open;reason=re-read"));
            assert!(page.text().contains(&secret(name)));
            assert!(json(&mut reader, "/api/v1/live/news/flood").await["posts"].is_array());
        }
        for (article, left) in [("a", "metered;left=1"), ("b", "metered;left=0")] {
            assert_eq!(reader.access(&format!("/news/{article}")).await, left);
        }
        assert!(reader.access("/news/c").await.starts_with("wall"));
        paper.post_live(id, "four").await;
        assert!(
            reader.get("/news/flood").await.text().contains(&secret("four")),
            "it stays theirs"
        );
    }
}

#[tokio::test]
async fn who_asks_again_hears_how_many_posts_are_new() {
    let paper = Newspaper::new().await;
    let id = paper.cover(&article("flood")).await;
    paper.post_live(id, "one").await;
    let mut reader = paper.browser();
    let page = reader.get("/news/flood").await.text();
    let revision = page.split("data-revision=\"").nth(1).and_then(|rest| rest.split('"').next());
    let address = page.split("data-live=\"").nth(1).and_then(|rest| rest.split('"').next());
    let address =
        format!("{}?since={}", address.expect("an address"), revision.expect("a revision"));
    let first = reader.get(&address).await;
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    assert!(first.text().contains("\"newPosts\":0"), "{}", first.text());
    let mut again = reader.clone().sending("if-none-match", &tag);
    assert_eq!(again.get(&address).await.status, StatusCode::NOT_MODIFIED);
    paper.post_live(id, "two").await;
    paper.post_live(id, "three").await;
    let heard = again.get(&address).await;
    assert_eq!(heard.status, StatusCode::OK);
    assert!(
        heard.text().contains("\"newPosts\":2,") || heard.text().contains("\"newPosts\":2}"),
        "{}",
        heard.text()
    );
    let [(number, version), ..] = paper.numbers(id).await[..] else { panic!("posts") };
    paper.store.remove_live_post(id, (number, version), paper.by_server()).await.expect("removed");
    paper.refresh().await;
    assert_eq!(json(&mut reader, &address).await["newPosts"], 1);
    for wrong in [
        "/api/v1/live-updates/news/flood?since=x",
        "/api/v1/live-updates/news/none",
        "/api/v1/live/news",
    ] {
        assert!(reader.get(wrong).await.status.is_client_error(), "{wrong}");
    }
    // The article is no live blog: an answer as for one that does not exist.
    paper.publish(&article("plain")).await;
    let plain = reader.get("/api/v1/live/news/plain").await;
    let none = reader.get("/api/v1/live/news/none").await;
    assert_eq!((plain.status, plain.text()), (none.status, none.text()));
}

#[tokio::test]
async fn showing_new_posts_is_part_of_the_visit_that_was_counted() {
    let paper = Newspaper::new().await;
    let id = paper.cover(&article("flood")).await;
    let mut reader = paper.browser();
    reader.get("/news/flood").await;
    let mut script = reader.clone().sending("masthead-update", "1");
    for name in ["one", "two"] {
        paper.post_live(id, name).await;
        assert!(script.get("/news/flood").await.text().contains(&secret(name)));
    }
    paper.site.counters.write().await.expect("written");
    let day = paper.site.snapshot().day();
    let counts = paper.store.by_day(&(day..=day)).await.expect("asked").remove(0).1;
    assert_eq!(counts.of(CountedEvent::MeteredRead), 1);
    assert_eq!(counts.of(CountedEvent::OpenRead), 0);
    // The header opens nothing and hides nothing from the meter.
    paper.publish_metered("abc").await;
    let mut other = paper.browser().sending("masthead-update", "1");
    assert_eq!(other.access("/news/flood").await, "metered;left=2");
}

#[tokio::test]
async fn an_article_that_became_a_page_has_no_live_coverage() {
    let paper = Newspaper::new().await;
    let id = paper.cover(&article("flood")).await;
    paper.post_live(id, "one").await;
    paper.publish(&Piece { kind: Kind::Page, section: None, ..article("flood") }).await;
    let mut reader = paper.browser();
    assert!(!reader.get("/flood").await.text().contains(&secret("one")));
    for path in ["/api/v1/live/flood", "/api/v1/live-updates/flood"] {
        assert_eq!(reader.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
