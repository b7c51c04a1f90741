//! What a page says about its article besides the text: times, design, authors, and facts for other programs.

use http::StatusCode;
use jiff::tz::TimeZone;
use masthead_access::{Tier, message::Locale};
use masthead_editorial::{Appearance, Author, Design, Picture, Piece, Section, TopicStyle};
use masthead_publication::Publication;
use serde_json::Value;

use crate::newspaper::{Newspaper, article, sentence};

fn at(piece: Piece, published: &str) -> Piece {
    Piece { published: Some(published.parse().expect("a time")), ..piece }
}

/// The card of an article on a page.
fn card(html: &str, headline: &str) -> String {
    let mut cards = html.split("<article class=\"card ").skip(1);
    let card = cards.find(|card| card.contains(&format!("Headline {headline}<")));
    card.expect("a card").split("</article>").next().unwrap_or_default().to_owned()
}

/// The structured data of a page.
fn facts(html: &str) -> Value {
    let json = html.split("<script type=\"application/ld+json\">").nth(1).expect("facts");
    serde_json::from_str(json.split("</script>").next().unwrap_or_default()).expect("JSON")
}

#[tokio::test]
async fn cards_have_the_time_of_today_and_no_year_for_this_year_and_change_at_midnight() {
    // It is 09:00 in London on 24 November.
    let paper = Newspaper::with(|publication| {
        publication.locale = Locale::new("en-GB").expect("a locale").into();
        publication.policy.zone = TimeZone::get("Europe/London").expect("a zone");
    })
    .await;
    paper.publish(&at(article("a"), "2026-11-24T08:40:00.123456789Z")).await;
    paper.publish(&at(article("b"), "2026-11-20T08:40:00Z")).await;
    paper.publish(&at(article("c"), "2025-11-20T08:40:00Z")).await;
    let home = paper.browser().get("/").await.text();
    assert!(home.contains(">Tuesday 24 November 2026</p>"), "{home}");
    let date = |html: &str, headline| {
        let card = card(html, headline);
        let time = card.split("<time datetime=\"").nth(1).expect("a time");
        time.split("</time>").next().unwrap_or_default().to_owned()
    };
    assert_eq!(date(&home, "a"), "2026-11-24T08:40:00Z\">08:40");
    assert_eq!(date(&home, "b"), "2026-11-20T08:40:00Z\">20 November");
    assert_eq!(date(&home, "c"), "2025-11-20T08:40:00Z\">20 November 2025");
    let page = paper.browser().get("/news/a").await.text();
    assert!(page.contains(">24 November 2026 at 08:40</time>"), "{page}");

    paper.set_clock("2026-11-25T00:00:01Z");
    paper.refresh().await;
    let home = paper.browser().get("/").await.text();
    assert!(home.contains(">Wednesday 25 November 2026</p>"), "{home}");
    assert_eq!(date(&home, "a"), "2026-11-24T08:40:00Z\">24 November");
}

#[tokio::test]
async fn an_update_has_the_time_and_the_date_only_if_it_is_of_another_day() {
    let paper = Newspaper::with(|publication| {
        publication.policy.zone = TimeZone::get("Europe/London").expect("a zone");
        publication.locale = Locale::new("en-GB").expect("a locale").into();
    })
    .await;
    for (slug, updated, said) in [
        (
            "same",
            "2026-11-20T15:05:00.5Z",
            "Updated <time datetime=\"2026-11-20T15:05:00Z\">15:05<",
        ),
        ("other", "2026-11-21T15:05:00Z", ">21 November 2026 at 15:05<"),
    ] {
        let updated = Some(updated.parse().expect("a time"));
        paper.publish(&Piece { updated, ..article(slug) }).await;
        let page = paper.browser().get(&format!("/news/{slug}")).await.text();
        assert!(page.contains(said), "{page}");
    }
}

#[tokio::test]
async fn the_reading_time_is_that_of_the_whole_text_also_at_a_wall() {
    for paper in Newspaper::on_both().await {
        let locked =
            "<p>First words.</p>".to_owned() + &"<p>word word word word word</p>".repeat(460);
        let long = Piece {
            body: locked,
            design: Some(Design::LongRead),
            tier: Some(Tier::Subscribers),
            ..article("long")
        };
        paper.publish(&long).await;
        paper.publish(&article("short")).await;
        let wall = paper.browser().get("/news/long").await.text();
        assert!(wall.contains(">10 min read<"), "{wall}");
        assert!(wall.matches("word word").count() < 10, "{wall}");
        let home = paper.browser().get("/").await.text();
        assert!(card(&home, "long").contains(">10 min read<"), "{home}");
        assert!(!card(&home, "short").contains("min read"), "only long reads say so on cards");
        assert!(paper.browser().get("/news/short").await.text().contains(">1 min read<"));
    }
}

#[tokio::test]
async fn a_design_is_a_class_of_page_and_card_and_a_section_sets_it_for_its_articles() {
    let paper = Newspaper::with(|publication| {
        publication.sections[1].design = Design::Opinion;
    })
    .await;
    let sport = || Some(Section { slug: "sport".into(), name: "Sport".into() });
    paper.publish(&Piece { design: Some(Design::Recipe), ..article("a") }).await;
    paper.publish(&Piece { section: sport(), ..article("b") }).await;
    paper.publish(&Piece { section: sport(), design: Some(Design::News), ..article("c") }).await;
    paper.publish(&article("d")).await;
    let home = paper.browser().get("/").await.text();
    for (slug, section, design) in [
        ("a", "news", "recipe"),
        ("b", "sport", "opinion"),
        ("c", "sport", "news"),
        ("d", "news", "news"),
    ] {
        let class = format!("design-{design}\"");
        assert!(card(&home, slug).contains(&class), "{slug}");
        let page = paper.browser().get(&format!("/{section}/{slug}")).await.text();
        assert!(page.contains(&format!("<article class=\"story {class}")), "{slug}: {page}");
    }
}

#[tokio::test]
async fn an_author_has_a_portrait_a_page_with_a_lead_a_feed_and_other_articles() {
    for paper in Newspaper::on_both().await {
        let portrait = || Picture {
            src: "/media/0a-8x8.jpg".into(),
            width: 8,
            height: 8,
            ..Picture::default()
        };
        let author = Author {
            slug: "writer".into(),
            name: "A Writer".into(),
            role: "Reporter".into(),
            bio: "<p>She writes.</p>".into(),
            portrait: Some(portrait()),
            ..Author::default()
        };
        paper.publish(&article("a")).await;
        let alone = paper.browser().get("/news/a").await.text();
        assert!(!alone.contains("More from A Writer"), "{alone}");
        for slug in ["b", "c", "d", "e"] {
            paper.publish(&Piece { design: Some(Design::Opinion), ..article(slug) }).await;
        }
        paper.store.save_author(&author).await.expect("saved");
        paper.refresh().await;
        let page = paper.browser().get("/news/a").await.text();
        assert!(
            page.contains("<span class=\"portrait\">") && page.contains("/media/0a-8x8.jpg"),
            "{page}"
        );
        let others = page.split("More from A Writer").nth(1).expect("others");
        assert!(others.contains("Headline b<") || others.contains("Headline e<"), "{others}");
        assert!(!others.contains("Headline a<"), "{others}");
        let list = paper.browser().get("/author/writer").await.text();
        for part in [
            "<span class=\"portrait\">",
            "<p>She writes.</p>",
            "lead-story",
            "href=\"/author/writer/feed.xml\" type=\"application/atom+xml\" title=\"A Writer | The Paper\"",
        ] {
            assert!(list.contains(part), "{part}: {list}");
        }
        let home = paper.browser().get("/").await.text();
        assert!(card(&home, "e").contains("class=\"portrait\""), "the card of an opinion");
        assert!(!card(&home, "a").contains("class=\"portrait\""), "the card of a news article");
        assert_eq!(facts(&page)["author"][0]["@type"], "Person");

        paper.store.save_author(&Author { is_desk: true, ..author }).await.expect("saved");
        paper.refresh().await;
        let page = paper.browser().get("/news/a").await.text();
        assert_eq!(facts(&page)["author"][0]["@type"], "Organization");
    }
}

#[tokio::test]
async fn topics_have_a_description_and_pages_announce_their_feeds() {
    let paper = Newspaper::with(|publication| {
        publication.topics =
            vec![TopicStyle { slug: "matter".into(), description: "What matters & why.".into() }];
    })
    .await;
    paper.publish_metered("a").await;
    let topic = paper.browser().get("/topic/matter").await.text();
    assert!(topic.contains("<p>What matters &amp; why.</p>"), "{topic}");
    for (page, feed) in
        [("/topic/matter", "/topic/matter"), ("/news", "/news"), ("/news/a", "/news")]
    {
        let html = paper.browser().get(page).await.text();
        let link = format!("<link rel=\"alternate\" href=\"{feed}/feed.xml\"");
        assert!(html.contains(&link), "{page}: {html}");
    }
}

#[tokio::test]
async fn networks_and_search_engines_get_what_they_can_use() {
    let paper = Newspaper::new().await;
    let picture =
        |src: &str| Some(Picture { src: src.into(), alt: "A bridge".into(), ..Picture::default() });
    paper.publish(&Piece { picture: picture("/media/0a-8x8.jpg"), ..article("photo") }).await;
    paper.publish(&Piece { picture: picture("/media/0a.svg"), ..article("drawing") }).await;
    let photo = paper.browser().get("/news/photo").await.text();
    for tag in [
        "<meta property=\"og:title\" content=\"Headline photo\">",
        "<meta property=\"og:image\" content=\"https://paper.example/media/0a-8x8.jpg\">",
        "<meta property=\"og:image:width\" content=\"8\">",
        "<meta property=\"og:image:height\" content=\"8\">",
        "<meta property=\"og:image:alt\" content=\"A bridge\">",
        "<meta name=\"twitter:card\" content=\"summary_large_image\">",
        "<meta property=\"article:published_time\" content=\"2026-11-20T09:00:00Z\">",
    ] {
        assert!(photo.contains(tag), "{tag}: {photo}");
    }
    let drawing = paper.browser().get("/news/drawing").await.text();
    assert!(!drawing.contains("og:image") && drawing.contains("content=\"summary\""), "{drawing}");
    let logo = &facts(&photo)["publisher"]["logo"]["url"];
    assert_eq!(logo, "https://paper.example/apple-touch-icon.png");
    for (path, kind, magic) in [
        ("/apple-touch-icon.png", "image/png", &b"\x89PNG"[..]),
        ("/favicon.ico", "image/x-icon", &b"\0\0\x01\0"[..]),
    ] {
        let icon = paper.browser().get(path).await;
        assert_eq!((icon.status, icon.header("content-type")), (StatusCode::OK, Some(kind)));
        assert!(icon.bytes.starts_with(magic), "{path}");
    }
}

#[tokio::test]
async fn the_site_can_be_put_on_a_home_screen() {
    let paper = Newspaper::new().await;
    let page = paper.browser().get("/").await;
    assert!(
        page.header("content-security-policy").is_some_and(|p| p.contains("manifest-src 'self'"))
    );
    assert!(page.text().contains("<link rel=\"manifest\" href=\"/site.webmanifest\">"));
    let manifest = paper.browser().get("/site.webmanifest").await;
    assert_eq!(manifest.header("content-type"), Some("application/manifest+json"));
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.bytes).expect("JSON");
    assert_eq!((&manifest["name"], &manifest["start_url"]), (&"The Paper".into(), &"/".into()));
    for icon in manifest["icons"].as_array().expect("icons") {
        let src = icon["src"].as_str().expect("an address");
        let icon = paper.browser().get(src).await;
        assert_eq!(icon.status, StatusCode::OK, "{src}");
    }
}

#[tokio::test]
async fn a_logo_of_the_theme_takes_the_place_of_the_name_with_its_size() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let page = paper.browser().get("/news/a").await.text();
    assert!(page.contains("<p class=\"name\"><a href=\"/\">The Paper</a></p>"), "{page}");
    let assets = paper.folder.path().join("theme/assets");
    std::fs::create_dir_all(&assets).expect("created");
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 48\"></svg>";
    std::fs::write(assets.join("logo.svg"), drawing).expect("written");
    paper.republish(crate::newspaper::publication()).await.expect("in force");
    let page = paper.browser().get("/news/a").await.text();
    let logo = page.split_once("<img class=\"logo\" ").map(|(_, rest)| rest).expect("a logo");
    let logo = logo.split('>').next().expect("an element");
    assert!(logo.contains("width=\"240\" height=\"48\" alt=\"The Paper\""), "{logo}");
    let src = logo.split('"').nth(1).expect("an address");
    assert_eq!(paper.browser().get(src).await.header("content-type"), Some("image/svg+xml"));
    // One that is not wide has another size.
    std::fs::write(assets.join("logo.svg"), drawing.replace("240", "60")).expect("written");
    paper.republish(crate::newspaper::publication()).await.expect("in force");
    let page = paper.browser().get("/news/a").await.text();
    assert!(page.contains("<img class=\"logo compact\" "), "{page}");
}

#[tokio::test]
async fn pages_have_the_direction_of_their_language() {
    let paper = Newspaper::with(|publication| {
        publication.locale = Locale::new("ar").expect("a locale").into();
    })
    .await;
    paper.publish(&article("a")).await;
    paper.publish(&Piece { language: Some("en".into()), ..article("b") }).await;
    let headline = "MV Estuary تعود".to_owned();
    paper.publish(&Piece { headline, ..article("c") }).await;
    for (path, html) in [
        ("/", "<html lang=\"ar\" dir=\"rtl\">"),
        ("/", "<a href=\"/news/b\">Headline b</a>"),
        ("/news/a", "<h1 dir=\"ltr\">"),
        // The navigation stays in the language of the publication.
        ("/news/b", "<html lang=\"ar\" dir=\"rtl\">"),
        ("/news/b", "<h1 dir=\"ltr\" lang=\"en\">"),
        ("/news/b", "dir=\"ltr\" lang=\"en\">"),
        ("/news/c", "<h1 dir=\"rtl\">MV Estuary"),
        // Words that are still in English keep their order.
        ("/news/a", "\u{2066}By\u{2069} "),
    ] {
        let page = paper.browser().get(path).await.text();
        assert!(page.contains(html), "{path}: {html}: {page}");
    }
}

#[tokio::test]
async fn words_of_the_theme_do_not_change_the_direction_of_a_text() {
    let arabic = |publication: &mut Publication| {
        publication.locale = Locale::new("ar").expect("a locale").into();
    };
    let paper = Newspaper::with(arabic).await;
    let theme = paper.folder.path().join("theme");
    std::fs::create_dir_all(&theme).expect("created");
    std::fs::write(theme.join("words.toml"), "text_related = \"اقرأ أيضا\"\n").expect("written");
    let mut publication = crate::newspaper::publication();
    arabic(&mut publication);
    paper.republish(publication).await.expect("in force");
    let body = "<p>The ferry is back.</p><aside class=\"related\"><p>The bridge</p></aside>";
    let piece = Piece { body: body.into(), tier: Some(Tier::Free), ..article("a") };
    paper.publish(&piece).await;
    let page = paper.browser().get("/news/a").await.text();
    assert!(page.contains("اقرأ أيضا"), "{page}");
    assert!(page.contains("<div class=\"text\" dir=\"ltr\">"), "{page}");
}

#[tokio::test]
async fn an_empty_publication_says_what_is_to_come_and_shows_no_empty_headings() {
    let paper = Newspaper::new().await;
    let home = paper.browser().get("/").await.text();
    assert!(home.contains("Our first articles are on their way"), "{home}");
    assert!(!home.contains("id=\"latest\""), "{home}");
    paper.publish_metered("ab").await;
    let home = paper.browser().get("/").await.text();
    assert!(!home.contains("on their way") && !home.contains("id=\"latest\""), "{home}");
}

#[tokio::test]
async fn tables_scroll_and_footnotes_have_names() {
    let paper = Newspaper::new().await;
    let body = "<p>One<sup class=\"footnote\"><a href=\"#fn-1\" id=\"fnref-1\">1</a></sup></p><table><tbody><tr><td align=\"right\">2</td></tr></tbody></table><ol class=\"footnotes\"><li id=\"fn-1\">Note <a href=\"#fnref-1\">↩</a></li></ol>";
    paper.publish(&Piece { body: body.into(), tier: Some(Tier::Free), ..article("a") }).await;
    let page = paper.browser().get("/news/a").await.text();
    for part in [
        "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"Table\"><table>",
        "<ol class=\"footnotes\" aria-label=\"Footnotes\">",
        "aria-label=\"Back to the text\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(&sentence("a", 0)));
}

#[tokio::test]
async fn an_article_says_how_it_appears_in_search_results_and_where_it_is_shared() {
    let paper = Newspaper::new().await;
    let lead = Picture { src: "/media/0a-8x8.jpg".into(), alt: "A".into(), ..Picture::default() };
    let appearance = Appearance {
        search_title: "Bridge times".into(),
        search_description: "When it opens.".into(),
        social_title: "It opens!".into(),
        social_picture: "/media/0b-8x8.jpg".into(),
        noindex: true,
        ..Appearance::default()
    };
    let canonical = Some("https://elsewhere.example/bridge".into());
    let picture = Some(lead);
    paper.publish(&Piece { picture, canonical, appearance, ..article("set") }).await;
    paper.publish(&article("plain")).await;
    let set = paper.browser().get("/news/set").await.text();
    for tag in [
        "<title>Bridge times | ",
        "<meta name=\"description\" content=\"When it opens.\">",
        "<meta name=\"robots\" content=\"noindex\">",
        "<link rel=\"canonical\" href=\"https://elsewhere.example/bridge\">",
        "<meta property=\"og:title\" content=\"It opens!\">",
        "<meta property=\"og:description\" content=\"When it opens.\">",
        "<meta property=\"og:image\" content=\"https://paper.example/media/0b-8x8.jpg\">",
        "<h1 dir=\"ltr\">Headline set</h1>",
    ] {
        assert!(set.contains(tag), "{tag}: {set}");
    }
    assert!(!set.contains("og:image:alt"), "the alt text is that of another picture: {set}");
    let plain = paper.browser().get("/news/plain").await.text();
    assert!(plain.contains("<title>Headline plain | "), "{plain}");
    assert!(!plain.contains("content=\"noindex\""), "{plain}");
    let map = paper.browser().get("/sitemap/1.xml").await.text();
    assert!(map.contains("/news/plain") && !map.contains("/news/set"), "{map}");
}

#[tokio::test]
async fn soft_hyphens_are_shown_and_not_in_titles_data_and_feeds() {
    let paper = Newspaper::new().await;
    let headline = "Ha\u{ad}fen\u{ad}ge\u{ad}b\u{fc}hr".to_owned();
    let deck = "Sie\u{200b}steigt.".to_owned();
    paper.publish(&Piece { headline, deck, ..article("fee") }).await;
    let page = paper.browser().get("/news/fee").await.text();
    let (head, body) = page.split_once("</head>").expect("a head");
    assert!(head.contains("<title>Hafengeb\u{fc}hr | "), "{head}");
    assert!(head.contains("<meta property=\"og:title\" content=\"Hafengeb\u{fc}hr\">"), "{head}");
    assert!(head.contains("\"headline\":\"Hafengeb\u{fc}hr\""), "{head}");
    assert!(!head.contains(['\u{ad}', '\u{200b}']), "{head}");
    assert!(body.contains("<h1 dir=\"ltr\">Ha\u{ad}fen"), "{body}");
    let feed = paper.browser().get("/feed.xml").await.text();
    assert!(feed.contains("Hafengeb\u{fc}hr") && !feed.contains(['\u{ad}', '\u{200b}']), "{feed}");
}
