//! What may be kept where, and what an entity tag may say.

use std::{sync::atomic::Ordering, time::Duration};

use http::{Method, StatusCode};
use masthead_access::ArticleId;
use masthead_editorial::{
    Piece,
    import::{Changes, ImportEntry},
};
use masthead_publication::{PageKey, compression::Encoding, layout::Form};

use crate::newspaper::{Newspaper, article, sentence};

#[tokio::test]
async fn a_page_for_a_reader_is_kept_by_nobody_else() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    for path in ["/", "/news", "/news/a", "/topic/matter", "/author/writer", "/nowhere"] {
        let page = paper.browser().get(path).await;
        assert_eq!(page.header("cache-control"), Some("private, no-cache"), "{path}");
        assert_eq!(page.header("vary"), Some("Cookie, Accept-Encoding"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        let cookie = page.header("set-cookie").expect("a cookie");
        assert!(cookie.starts_with("__Host-masthead="), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn not_modified_never_skips_a_count() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut first = paper.browser();
    let tag = first.get("/news/a").await.header("etag").expect("a tag").to_owned();

    // Another reader who has the tag from somewhere spends a read all the same.
    let mut second = paper.browser().sending("if-none-match", &tag);
    let reply = second.get("/news/a").await;
    assert_eq!(reply.status, StatusCode::NOT_MODIFIED);
    assert_eq!(reply.header("masthead-access"), Some("metered;left=2"));
    assert!(reply.bytes.is_empty() && reply.header("set-cookie").is_some());
    second.headers.clear();
    assert_eq!(second.access("/news/b").await, "metered;left=1");
}

#[tokio::test]
async fn a_tag_of_the_full_text_opens_no_wall() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut lucky = paper.browser();
    let full = lucky.get("/news/d").await.header("etag").expect("a tag").to_owned();
    let mut reader = paper.browser();
    for slug in ["a", "b", "c"] {
        reader.get(&format!("/news/{slug}")).await;
    }
    let wall = reader.sending("if-none-match", &full).get("/news/d").await;
    assert_eq!(wall.status, StatusCode::OK);
    assert_eq!(wall.header("masthead-access"), Some("wall;reason=register"));
    assert!(!wall.text().contains(&sentence("d", 1)));
}

#[tokio::test]
async fn the_second_look_at_an_unchanged_page_is_304() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let mut reader = paper.browser();
    reader.get("/news/a").await;
    let tag = reader.get("/news/a").await.header("etag").expect("a tag").to_owned();
    let again = reader.clone().sending("if-none-match", &tag).get("/news/a").await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.header("masthead-access"), Some("open;reason=re-read"));
    let mut corrected = article("a");
    corrected.body.push_str("<p>Mended.</p>");
    paper.publish(&corrected).await;
    let now = reader.sending("if-none-match", &tag).get("/news/a").await;
    assert_eq!(now.status, StatusCode::OK);
    assert!(now.text().contains("Mended."));
}

#[tokio::test]
async fn every_encoding_holds_the_same_page() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let mut reader = paper.browser();
    reader.get("/news/a").await;
    let plain = reader.get("/news/a").await;
    for (accepted, named) in [("gzip", "gzip"), ("gzip, deflate, br, zstd", "br")] {
        let page = reader.clone().sending("accept-encoding", accepted).get("/news/a").await;
        assert_eq!(page.header("content-encoding"), Some(named));
        assert_eq!(page.text(), plain.text());
        assert_eq!(page.header("etag"), plain.header("etag"));
    }
    assert_eq!(Encoding::ALL.len(), 3);
}

#[tokio::test]
async fn assets_are_kept_for_good_at_addresses_with_their_version() {
    let paper = Newspaper::new().await;
    let home = paper.browser().get("/").await.text();
    let style =
        home.split('"').find(|text| text.starts_with("/assets/style.css")).expect("a style");
    let asset = paper.browser().get(style).await;
    assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(asset.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(asset.header("set-cookie").is_none());
    let unversioned = paper.browser().get("/assets/style.css").await;
    assert_eq!(unversioned.header("cache-control"), Some("public, max-age=300"));
    let font = asset.text();
    let font = font.split('"').find(|text| text.contains(".woff2?v=")).expect("a versioned font");
    assert!(home.contains(&format!("/assets/{font}")), "preloaded and used are one file");
}

#[tokio::test]
async fn a_picture_is_kept_for_good_and_runs_nothing() {
    let paper = Newspaper::new().await;
    let drawing = "<svg viewBox=\"0 0 60 40\"><script>alert(1)</script></svg>";
    std::fs::write(paper.folder.path().join("media/5f.svg"), drawing).expect("written");
    let body = "<p>A</p><img src=\"/media/5f.svg\" alt=\"A\">".to_owned();
    paper.publish(&Piece { body, ..article("drawn") }).await;
    let picture = paper.browser().get("/media/5f.svg").await;
    assert_eq!((picture.status, picture.text()), (StatusCode::OK, drawing.to_owned()));
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    assert_eq!(picture.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let policy = picture.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
    let tag = picture.header("etag").expect("a tag");
    let again = paper.browser().sending("if-none-match", tag).get("/media/5f.svg").await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.bytes.is_empty());
    let head = paper.browser().ask(&Method::HEAD, "/media/5f.svg").await;
    assert_eq!(head.header("content-length"), Some(drawing.len().to_string().as_str()));
    assert!(head.bytes.is_empty());
    let long = format!("/media/{}", "a".repeat(300));
    let others =
        ["/media/none.svg", "/media/", "/media/%2e%2e%2fkeys", "/media/a%00b", "/media/.a"];
    for none in others.into_iter().chain([long.as_str()]) {
        assert_eq!(paper.browser().get(none).await.status, StatusCode::NOT_FOUND, "{none}");
    }
}

/// Asks for the full page of every article, and returns how many had to be rendered.
async fn render_all(paper: &Newspaper, articles: &[ArticleId]) -> u64 {
    let misses = || paper.site.live.pages().counts.misses.load(Ordering::Relaxed);
    let (snapshot, before) = (paper.site.snapshot(), misses());
    for id in articles {
        let key = PageKey::Piece(*id, Form::Full);
        let page = snapshot.page(key, Encoding::Identity, &paper.store).await;
        page.expect("a page");
    }
    misses() - before
}

#[tokio::test]
async fn publishing_keeps_every_page_that_it_does_not_change() {
    const ARTICLES: usize = 10_000;
    let large = |settings: &mut masthead_site::Settings| settings.page_cache = 1 << 30;
    let paper = Newspaper::open_with(|_| {}, None, large).await;
    let entry = |number| ImportEntry {
        origin: format!("n{number}"),
        address: String::new(),
        result: Ok(article(&format!("n{number}"))),
        changes: Changes::default(),
    };
    let entries: Vec<ImportEntry> = (0..ARTICLES).map(entry).collect();
    paper.store.import_pieces(&entries, jiff::Timestamp::now()).await.expect("saved");
    paper.refresh().await;
    let articles: Vec<ArticleId> =
        paper.site.snapshot().edition.articles().iter().map(|entry| entry.id).collect();
    assert_eq!(render_all(&paper, &articles).await, ARTICLES as u64);
    assert_eq!(render_all(&paper, &articles).await, 0);

    let mut new = article("new");
    new.published = Some("2026-11-23T09:00:00Z".parse().expect("a time"));
    paper.publish(&new).await;
    assert!(render_all(&paper, &articles).await <= ARTICLES as u64 / 100);
    // What does change is up to date all the same: fronts, lists, and what to read next.
    for path in ["/", "/news", "/news/n7"] {
        let page = paper.browser().get(path).await.text();
        assert!(page.contains("Headline new"), "{path}");
    }
    let corrected = masthead_editorial::Piece { headline: "Corrected".into(), ..article("n7") };
    paper.publish(&corrected).await;
    assert!(paper.browser().get("/news/n7").await.text().contains("Corrected"));
    assert!(render_all(&paper, &articles).await <= ARTICLES as u64 / 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_compared_once_after_a_change_however_many_ask_for_it() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    let get = |path: &'static str| {
        let mut browser = paper.browser();
        tokio::spawn(async move { browser.get(path).await.text() })
    };
    assert!(!get("/news/a").await.expect("a page").contains("Headline new"));
    paper.publish(&article("new")).await;
    let checks = || paper.site.live.pages().counts.checks.load(Ordering::Relaxed);
    let before = checks();
    for request in (0..50).map(|_| get("/news/a")).collect::<Vec<_>>() {
        assert!(request.await.expect("a page").contains("Headline new"));
    }
    assert_eq!(checks() - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_stay_in_force_while_content_is_published() {
    let paper = Newspaper::new().await;
    let (live, store) = (paper.site.live.clone(), paper.store.clone());
    let publishing = tokio::spawn(async move {
        for number in 0.. {
            store
                .save(&article(&format!("n{number}")), jiff::Timestamp::now())
                .await
                .expect("saved");
            live.refresh().await.expect("refreshed");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    for number in 0..200_u32 {
        let mut publication = crate::newspaper::publication();
        publication.tagline = format!("Tagline {number}");
        paper.republish(publication).await.expect("in force");
        let in_force = paper.site.snapshot().publication.tagline.clone();
        assert_eq!(in_force, format!("Tagline {number}"));
    }
    publishing.abort();
}
