//! What is published is seen at once, everywhere, and at one address.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use masthead_access::{Rule, Tier};
use masthead_editorial::{
    Author, Correction, Kind, Piece, Redirect, RedirectStatus, Status, Topic,
    import::{Changes, ImportEntry},
};
use masthead_store::{Attribution, SeenTopic, TopicWrite};

use crate::newspaper::{Newspaper, article, later, sentence, sponsored};

#[tokio::test]
async fn a_new_article_is_on_every_page_that_should_show_it() {
    for paper in Newspaper::on_both().await {
        let pages = ["/", "/news", "/topic/matter", "/author/writer"];
        for page in pages {
            assert!(!paper.browser().get(page).await.text().contains("Headline a"), "{page}");
        }
        paper.publish(&article("a")).await;
        for page in pages {
            let reply = paper.browser().get(page).await;
            assert_eq!(reply.status, StatusCode::OK, "{page}");
            assert!(reply.text().contains("Headline a"), "{page}");
        }
        assert!(paper.browser().get("/news/a").await.text().contains("Deck of a."));
    }
}

#[tokio::test]
async fn a_correction_is_seen_at_once_and_said_at_the_foot() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    paper.browser().get("/news/a").await;
    let correction =
        Correction { date: jiff::civil::date(2026, 11, 23), text: "It was 22.".into() };
    let corrected = Piece {
        headline: "A better headline".into(),
        corrections: vec![correction],
        ..article("a")
    };
    paper.publish(&corrected).await;
    let page = paper.browser().get("/news/a").await.text();
    assert!(page.contains("A better headline") && page.contains("It was 22."));
    assert!(paper.browser().get("/").await.text().contains("A better headline"));
}

#[tokio::test]
async fn a_scheduled_article_comes_out_on_time() {
    let paper = Newspaper::new().await;
    let due = later(paper.now(), 60);
    paper.publish(&Piece { published: Some(due), ..article("a") }).await;
    assert_eq!(paper.browser().get("/news/a").await.status, StatusCode::NOT_FOUND);
    assert!(!paper.browser().get("/").await.text().contains("Headline a"));
    paper.set_clock(&due.to_string());
    paper.refresh().await;
    assert_eq!(paper.browser().get("/news/a").await.status, StatusCode::OK);
    assert!(paper.browser().get("/").await.text().contains("Headline a"));
}

#[tokio::test]
async fn pages_follow_the_age_of_an_article_without_a_publish() {
    let paper = Newspaper::with(|publication| {
        let rule = |tier| Rule::everything(tier);
        publication.policy.rules = vec![
            Rule { younger_than: Some(SignedDuration::from_hours(24)), ..rule(Tier::Free) },
            Rule { older_than: Some(SignedDuration::from_hours(27)), ..rule(Tier::Subscribers) },
        ];
    })
    .await;
    paper.set_clock("2026-11-24T02:00:00Z");
    let published = Some("2026-11-23T04:00:00Z".parse().expect("a time"));
    paper.publish(&Piece { published, ..article("a") }).await;
    let is_free = "isAccessibleForFree\":true";
    let shows = async |text: &str| {
        paper.refresh().await;
        let page = paper.browser().get("/news/a").await.text();
        let list = paper.browser().get("/news").await.text();
        (page.contains(text), list.contains("For subscribers"))
    };
    assert_eq!(shows(is_free).await, (true, false));
    paper.set_clock("2026-11-24T03:59:59Z");
    assert_eq!(shows(is_free).await, (true, false));
    paper.set_clock("2026-11-24T04:00:00Z");
    assert_eq!(shows(is_free).await, (false, false), "metered after a day");
    paper.set_clock("2026-11-24T07:00:00Z");
    assert_eq!(shows(is_free).await, (false, true), "for subscribers three hours later");
    assert!(!paper.site.refresh().await.expect("refreshed"), "and then it rests");
}

#[tokio::test]
async fn a_draft_is_nowhere_and_a_withdrawn_article_is_gone() {
    let paper = Newspaper::new().await;
    paper.publish(&Piece { status: Status::Draft, ..article("draft") }).await;
    assert_eq!(paper.browser().get("/news/draft").await.status, StatusCode::NOT_FOUND);
    paper.publish(&article("a")).await;
    paper.store.withdraw("a", paper.now()).await.expect("withdrawn");
    paper.refresh().await;
    let gone = paper.browser().get("/news/a").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text().contains("Page not found"));
    assert!(!paper.browser().get("/").await.text().contains("Headline a"));
}

#[tokio::test]
async fn there_is_one_address_and_the_others_lead_to_it() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    for other in [
        "/news/a/",
        "/News/A",
        "/news/%61",
        "/old/a",
        "/old/a/",
        "/?p=a",
        "/NEWS/a//",
        "/?page_id=&p=a",
    ] {
        let reply = paper.browser().get(other).await;
        assert_eq!(reply.status, StatusCode::PERMANENT_REDIRECT, "{other}");
        assert_eq!(reply.header("location"), Some("/news/a"), "{other}");
    }
    let page = paper.browser().get("/news/a").await.text();
    assert!(page.contains(r#"<link rel="canonical" href="https://paper.example/news/a">"#));
    let meter = paper.browser().get("/How-The-Meter-Works/").await;
    assert_eq!(meter.header("location"), Some("/how-the-meter-works"));
}

#[tokio::test]
async fn addresses_that_wordpress_has_lead_on_and_keep_their_query() {
    let paper = Newspaper::new().await;
    let topics = vec![Topic { slug: "tides".into(), name: "Tides".into() }];
    paper.publish(&Piece { topics, ..article("a") }).await;
    for (other, to) in [
        ("/old/a?utm=1", "/news/a?utm=1"),
        ("/?x=1&p=a&fbclid=2", "/news/a?x=1&fbclid=2"),
        ("/feed/", "/feed.xml"),
        ("/feed", "/feed.xml"),
        ("/rss/", "/feed.xml"),
        ("/feed/atom/", "/feed.xml"),
        ("/comments/feed/", "/feed.xml"),
        ("/category/news/", "/news"),
        ("/category/world/News/feed/", "/news/feed.xml"),
        ("/category/tides", "/topic/tides"),
        ("/tag/tides/?a=b", "/topic/tides?a=b"),
        ("/tag/tides/feed/", "/topic/tides/feed.xml"),
        ("/news/feed/", "/news/feed.xml"),
        ("/news/page/2/", "/news"),
        ("/index.php/old/a/", "/news/a"),
        ("/index.php", "/"),
        ("/old/a/amp/", "/news/a"),
        ("/old/a/2/", "/news/a"),
        ("/old/a/feed/", "/news/a"),
    ] {
        let reply = paper.browser().get(other).await;
        assert_eq!(reply.status, StatusCode::PERMANENT_REDIRECT, "{other}");
        assert_eq!(reply.header("location"), Some(to), "{other}");
    }
    for none in ["/category/none/", "/tag/none/feed/", "/2026/11/", "/none/amp/", "/category"] {
        assert_eq!(paper.browser().get(none).await.status, StatusCode::NOT_FOUND, "{none}");
    }
}

#[tokio::test]
async fn long_lists_have_pages() {
    let paper = Newspaper::new().await;
    for number in 0..60 {
        let published = Some(later(article("x").published.expect("a time"), number));
        let piece = Piece { published, ..article(&format!("n{number}")) };
        paper.store.save(&piece, jiff::Timestamp::now()).await.expect("saved");
    }
    paper.refresh().await;
    let first = paper.browser().get("/news").await.text();
    // Three on top, and 24 below.
    assert!(first.contains("Headline n59<") && first.contains("Headline n33<"));
    assert!(!first.contains("Headline n32<"));
    assert!(first.contains(r#"href="/news?page=2""#));
    let last = paper.browser().get("/news?page=3").await.text();
    assert!(last.contains("Headline n0<") && last.contains(r#"href="/news?page=2""#));
    for page in ["4", "0", "x", "-1", "99999999999999999999"] {
        let reply = paper.browser().get(&format!("/news?page={page}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[tokio::test]
async fn pages_stand_in_the_foot_and_are_always_free() {
    let paper = Newspaper::new().await;
    let about = Piece { kind: Kind::Page, section: None, ..article("about") };
    paper.publish(&about).await;
    let page = paper.browser().get("/about").await;
    assert_eq!(page.header("masthead-access"), Some("open;reason=free"));
    let home = paper.browser().get("/").await.text();
    assert!(home.contains(r#"<a href="/about" dir="auto">Headline about</a>"#), "{home}");
    assert!(!home.contains("<article"));
}

#[tokio::test]
async fn authors_have_a_page_with_what_is_known_of_them() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let author = Author {
        slug: "writer".into(),
        name: "A Writer".into(),
        role: "Reporter".into(),
        bio: "<p>Goes and looks.</p>".into(),
        ..Author::default()
    };
    paper.store.save_author(&author).await.expect("saved");
    paper.refresh().await;
    assert!(!paper.site.refresh().await.expect("refreshed"), "nothing new, nothing done");
    let page = paper.browser().get("/author/writer").await.text();
    assert!(page.contains("Reporter") && page.contains("<p>Goes and looks.</p>"));
    assert!(!page.contains("mailto:"), "{page}");
    let by = editor(&paper).await;
    let known = paper.store.author_record("writer").await.expect("read").expect("an author");
    let author = Author { email: "writer@example.org".into(), ..author };
    let known = Some(("writer", known.version));
    paper.store.change_author(known, &author, None, None, by).await.expect("stored");
    paper.refresh().await;
    let page = paper.browser().get("/author/writer").await.text();
    assert!(page.contains(r#"href="mailto:writer@example.org""#), "{page}");

    let known = paper.store.author_record("writer").await.expect("read").expect("an author");
    let moved = Author { slug: "a-writer".into(), ..known.author };
    let known = Some(("writer", known.version));
    paper.store.change_author(known, &moved, None, None, by).await.expect("stored");
    paper.refresh().await;
    for (from, to) in [
        ("/author/writer", "/author/a-writer"),
        ("/author/writer/feed.xml", "/author/a-writer/feed.xml"),
    ] {
        assert_eq!(paper.browser().get(from).await.header("location"), Some(to));
        assert_eq!(paper.browser().get(to).await.status, StatusCode::OK, "{to}");
    }
    let article = paper.browser().get("/news/a").await.text();
    assert!(article.contains(r#"href="/author/a-writer""#), "{article}");
}

/// Somebody who changes something at the desk.
async fn editor(paper: &Newspaper) -> Attribution {
    let email = "ed@example.org".parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("registered");
    Attribution { by: account.id, at: paper.now() }
}

#[tokio::test]
async fn a_redirect_leads_on_where_there_is_no_page_and_hides_none() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let by = editor(&paper).await;
    for (path, target, status) in [
        ("/2019/old", "/news/a?from=old", RedirectStatus::MovedPermanently),
        ("/index.php?id=5", "https://example.org/möwe", RedirectStatus::PermanentRedirect),
        ("/news/a", "/elsewhere", RedirectStatus::PermanentRedirect),
        ("/feed", "/feed.xml", RedirectStatus::PermanentRedirect),
    ] {
        let redirect = Redirect::new(path, target, status).expect("a redirect");
        paper.store.change_redirect(None, &redirect, by).await.expect("stored");
    }
    paper.refresh().await;
    let mut browser = paper.browser();
    for address in ["/2019/old", "/2019/old/", "/2019/OLD", "/2019/old?utm=x"] {
        let page = browser.get(address).await;
        let answer = (page.status.as_u16(), page.header("location"));
        assert_eq!(answer, (301, Some("/news/a?from=old")), "{address}");
    }
    let page = browser.get("/index.php?id=5").await;
    let answer = (page.status.as_u16(), page.header("location"));
    assert_eq!(answer, (308, Some("https://example.org/m%C3%B6we")));
    assert_eq!(browser.get("/index.php?id=6").await.status.as_u16(), 404);
    for address in ["/feed", "/feed/"] {
        let page = browser.get(address).await;
        let answer = (page.status.as_u16(), page.header("location"));
        assert_eq!(answer, (308, Some("/feed.xml")), "{address}");
    }
    assert_eq!(browser.get("/news/a").await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_topic_has_its_latest_name() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let renamed = Topic { slug: "matter".into(), name: "Matters of state".into() };
    paper.publish(&Piece { topics: vec![renamed], ..article("b") }).await;
    let page = paper.browser().get("/topic/matter").await.text();
    assert!(page.contains("Matters of state") && page.contains("Headline a"), "{page}");
}

#[tokio::test]
async fn sponsored_pieces_are_labelled_in_lists_and_never_lead() {
    let paper = Newspaper::new().await;
    let latest = Some(later(article("x").published.expect("a time"), 10));
    paper.publish(&Piece { published: latest, ..sponsored("ad") }).await;
    paper.publish(&article("a")).await;
    for page in ["/", "/news", "/topic/matter"] {
        let html = paper.browser().get(page).await.text();
        assert!(html.contains("Sponsored · <bdi>A Sponsor</bdi>"), "{page}");
    }
    let home = paper.browser().get("/").await.text();
    let lead = home.split("lead-story").nth(1).expect("a lead");
    let headline = lead.split("headline").nth(1).expect("a headline");
    assert!(headline.contains("Headline a"), "{headline}");
}

#[tokio::test]
async fn an_article_page_is_light_and_asks_nobody_else() {
    let paper = Newspaper::new().await;
    let long: String = (0..60).map(|n| format!("<p>{}</p>", sentence_of(n))).collect();
    for slug in "abcdef".chars() {
        paper.publish(&Piece { body: long.clone(), ..article(&slug.to_string()) }).await;
    }
    let page = paper.browser().sending("accept-encoding", "gzip").get("/news/a").await;
    let html = page.text();
    let mut weight = page.bytes.len();
    for name in ["style.css", "sections.css", "masthead.js", "icon.svg"] {
        let file = format!("/assets/{name}");
        weight += paper.browser().sending("accept-encoding", "gzip").get(&file).await.bytes.len();
    }
    assert!(weight <= 40 * 1024, "{weight} bytes");
    for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\"", "<link rel=\"preload\" href=\""]
    {
        for rest in html.split(attribute).skip(1) {
            assert!(rest.starts_with('/') && !rest.starts_with("//"), "{attribute}{rest:.60}");
        }
    }
    let names = ["text", "text-italic", "text-bold", "label"];
    let mut fonts = 0;
    for name in names {
        let font = paper.browser().get(&format!("/assets/fonts/{name}.woff2")).await;
        assert_eq!(font.status, StatusCode::OK);
        fonts += font.bytes.len();
    }
    assert!(fonts <= 60_000, "{fonts} bytes of fonts");
}

/// A sentence of no particular meaning that does not compress to nothing.
fn sentence_of(number: usize) -> String {
    let words = ["harbour", "council", "bread", "evening", "ladder", "window", "ferry", "paper"];
    (0..60).map(|n| words[(number * 31 + n * n * 7 + n) % 8]).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn only_reading_is_possible() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE] {
        let reply = paper.browser().ask(&method, "/news/a").await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(reply.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn machines_can_ask_after_its_health() {
    let paper = Newspaper::new().await;
    assert_eq!(paper.browser().get("/healthz").await.status, StatusCode::OK);
    assert_eq!(paper.browser().get("/readyz").await.text(), "ready\ndatabase: ok\n");
    assert_eq!(paper.browser().get("/robots.txt").await.status, StatusCode::OK);
}

/// An access rule names a topic by its former name or by that of now, and the store has not come to all articles yet.
#[tokio::test]
async fn articles_of_a_merged_topic_are_locked_at_once_by_either_name() {
    for rule in ["matter", "quays"] {
        for paper in Newspaper::on_both_with(|publication| {
            let topic = Some(rule.to_owned());
            publication.policy.rules = vec![Rule { topic, ..Rule::everything(Tier::Subscribers) }];
            publication.policy.default_tier = Tier::Free;
        })
        .await
        {
            let by = editor(&paper).await;
            let topic = |slug: &str| Topic { slug: slug.into(), name: slug.into() };
            let entry = |number: usize| {
                let slug = format!("quay-{number}");
                let piece = Piece { topics: vec![topic("quays")], tier: None, ..article(&slug) };
                ImportEntry {
                    origin: slug,
                    address: String::new(),
                    result: Ok(piece),
                    changes: Changes::default(),
                }
            };
            let entries: Vec<ImportEntry> = (0..205).map(entry).collect();
            paper.store.import_pieces(&entries, paper.now()).await.expect("imported");
            let quays = topic("quays");
            let seen = SeenTopic { topic: &quays, description: "", version: 0 };
            let merged = paper.store.merge_topics(seen, &topic("matter"), None, by).await;
            assert_eq!(merged.expect("asked"), TopicWrite::Done);
            paper.refresh().await;
            for path in ["/news/quay-0", "/news/quay-204"] {
                let page = paper.browser().get(path).await;
                assert_eq!(
                    page.header("masthead-access"),
                    Some("wall;reason=subscribers"),
                    "{path}"
                );
                let slug = path.trim_start_matches("/news/");
                assert!(!page.text().contains(&sentence(slug, 9)), "{path}");
            }
            let list = paper.browser().get("/topic/quays").await;
            assert_eq!(list.header("location"), Some("/topic/matter"));
        }
    }
}
