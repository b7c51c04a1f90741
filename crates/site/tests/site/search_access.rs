//! Who finds what: the full text of what a reader may open without spending a read, and no locked word for anybody else.

use http::StatusCode;
use masthead_access::Tier;
use masthead_circulation::staff::Role;
use masthead_editorial::{Author, Piece, Section};
use serde_json::Value;

use crate::{
    newspaper::{Browser, Newspaper, article, sponsored, tiered},
    shop::{self, DOOR, ada, buy},
    staff::let_in,
};

const ARTICLES: [&str; 7] =
    ["free", "metered", "registered", "subscribers", "webonly", "paperonly", "sponsored"];

/// A piece with a word in its last paragraph that is nowhere else.
fn with_word(piece: Piece) -> Piece {
    let body = format!("{}<p>The word is {}.</p>", piece.body, word(&piece.slug));
    Piece { body, ..piece }
}

fn word(slug: &str) -> String {
    format!("zq{slug}zq")
}

async fn paper() -> Newspaper {
    let paper = Newspaper::with(shop::sells).await;
    let product = |name: &str| Tier::Product(vec![name.to_owned()]);
    for piece in [
        tiered("free", Tier::Free),
        article("metered"),
        tiered("registered", Tier::Registered),
        tiered("subscribers", Tier::Subscribers),
        tiered("webonly", product("web")),
        tiered("paperonly", product("paper")),
        sponsored("sponsored"),
    ] {
        paper.publish(&with_word(piece)).await;
    }
    paper.site.search_index.refresh().await.expect("indexed");
    paper
}

async fn api(browser: &mut Browser, query: &str) -> Value {
    let reply = browser.get(&format!("/api/v1/search?{query}")).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    serde_json::from_slice(&reply.bytes).expect("JSON")
}

async fn is_open(reader: &mut Browser, slug: &str) -> bool {
    let answer = reader.get(&format!("/api/v1/access/news/{slug}")).await;
    let answer: Value = serde_json::from_slice(&answer.bytes).expect("JSON");
    answer["decision"] == "open"
}

/// Compares what a reader finds with what they may open. Returns the articles that they found.
async fn found_by(reader: &Browser, network: u8) -> Vec<&'static str> {
    let mut reader = reader.clone().from(&format!("198.51.{network}.7"));
    let mut found = Vec::new();
    for slug in ARTICLES {
        let opens = is_open(&mut reader, slug).await;
        let query = format!("q={}", word(slug));
        let page = reader.get(&format!("/search?{query}")).await.text();
        assert_eq!(page.contains(&format!("<mark>{}</mark>", word(slug))), opens, "{slug}: {page}");
        assert_eq!(page.contains("1 result"), opens, "{slug}: {page}");
        assert_eq!(page.contains("No results."), !opens, "{slug}: {page}");
        let answer = api(&mut reader, &query).await;
        assert_eq!(answer["count"], i32::from(opens), "{slug}: {answer}");
        // A word that nearly matches tells no more.
        let nearly = api(&mut reader, &format!("q=zq{slug}xq")).await;
        assert_eq!((&nearly["count"], &nearly["similar"]), (&answer["count"], &opens.into()));
        // Nor does a phrase, or a word together with public ones.
        for together in
            [format!("%22word+is+{}%22", word(slug)), format!("headline+{}", word(slug))]
        {
            let answer = api(&mut reader, &format!("q={together}")).await;
            assert_eq!(answer["count"], i32::from(opens), "{together}");
        }
        if opens {
            found.push(slug);
        }
    }
    found
}

#[tokio::test]
async fn a_reader_finds_a_word_exactly_in_what_opens_without_a_read() {
    let paper = paper().await;
    let public = ["free", "sponsored"];
    let registered = ["free", "registered", "sponsored"];
    let with_web = ["free", "metered", "registered", "subscribers", "webonly", "sponsored"];
    assert_eq!(found_by(&paper.browser(), 1).await, public);
    let mut ada = ada(&paper).await;
    assert_eq!(found_by(&ada, 2).await, registered);
    // Another product opens nothing of this one.
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    assert_eq!(found_by(&ada, 3).await, registered);

    let mut trial = paper.browser();
    crate::post::sign_in(&paper, &mut trial, "tom@example.org", "/").await;
    trial.post("/checkout/trial", "from=/").await;
    assert_eq!(found_by(&trial, 4).await, with_web);
    let mut late = paper.browser();
    crate::post::sign_in(&paper, &mut late, "liz@example.org", "/").await;
    buy(&mut late, "web-monthly", "declined-later", "/").await;
    assert_eq!(found_by(&late, 5).await, with_web);
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(late.access("/news/metered").await, "open;reason=grace");
    assert_eq!(found_by(&late, 6).await, with_web);
    assert_eq!(found_by(&trial, 7).await, registered, "the trial has ended");
    for day in ["2026-12-29", "2027-01-03", "2027-01-07"] {
        paper.go_to(&format!("{day}T09:00:00Z")).await;
    }
    assert_eq!(found_by(&late, 8).await, registered, "the subscription has ended");
}

#[tokio::test]
async fn staff_find_everything_that_is_published() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let_in(&paper, Role::Author).await;
    paper.refresh().await;
    assert_eq!(found_by(&ada, 1).await, ARTICLES);
    let scheduled = Piece {
        published: Some("2026-11-29T09:00:00Z".parse().expect("a time")),
        ..with_word(article("tomorrow"))
    };
    paper.publish(&scheduled).await;
    paper.site.search_index.refresh().await.expect("indexed");
    let query = format!("q={}", word("tomorrow"));
    assert_eq!(api(&mut ada, &query).await["count"], 0);
    paper.go_to("2026-11-29T09:00:00Z").await;
    assert_eq!(api(&mut ada, &query).await["count"], 1);
}

#[tokio::test]
async fn what_a_metered_reader_has_opened_is_not_searched_whole() {
    let paper = paper().await;
    let mut reader = paper.browser();
    assert_eq!(reader.access("/news/metered").await, "metered;left=2");
    assert_eq!(api(&mut reader, &format!("q={}", word("metered"))).await["count"], 0);
}

#[tokio::test]
async fn text_that_was_locked_a_moment_ago_answers_nobody_else() {
    let paper = paper().await;
    let mut locked = tiered("free", Tier::Subscribers);
    locked.body.push_str("<p>Now it says kumquat.</p>");
    paper.store.save(&locked, paper.now()).await.expect("saved");
    // The index has it; this server still has the article as it was.
    paper.site.search_index.refresh().await.expect("indexed");
    let mut reader = paper.browser();
    assert_eq!(api(&mut reader, "q=kumquat").await["count"], 0);
    assert_eq!(api(&mut reader, "q=headline+free").await["count"], 1);
    paper.refresh().await;
    assert_eq!(api(&mut reader, "q=kumquat").await["count"], 0);
}

/// Articles on consecutive days, in two sections, by two authors.
async fn archive() -> Newspaper {
    let paper = Newspaper::new().await;
    let sport = || Some(Section { slug: "sport".into(), name: "Sport".into() });
    let ann = || {
        let ann = Author { slug: "ann".into(), name: "Ann Ägren".into(), ..Author::default() };
        vec![ann]
    };
    for day in 1..=9 {
        let mut piece = article(&format!("d{day}"));
        piece.published = Some(format!("2026-11-0{day}T16:00:00Z").parse().expect("a time"));
        if day % 2 == 0 {
            piece.section = sport();
        }
        if day % 3 == 0 {
            piece.authors = ann();
        }
        paper.publish(&piece).await;
    }
    paper.site.search_index.refresh().await.expect("indexed");
    paper
}

fn days(answer: &Value) -> Vec<&str> {
    let articles = answer["articles"].as_array().expect("articles");
    articles.iter().map(|found| found["headline"].as_str().expect("a headline")).collect()
}

#[tokio::test]
async fn everybody_filters_by_section_author_and_date() {
    let paper = archive().await;
    let mut reader = paper.browser();
    for (query, expected) in [
        ("q=headline&section=sport&order=newest", "8 6 4 2"),
        ("q=headline&author=ann&order=newest", "9 6 3"),
        ("q=headline&author=ANN+%C3%A4gren&order=newest", "9 6 3"),
        ("q=headline&author=ann&section=sport", "6"),
        // The days of the publication, which is in Tokyo, are those on which it was the next day there.
        ("q=headline&from=2026-11-05&to=2026-11-06&order=newest", "5 4"),
        ("q=headline&from=2026-11-10", "9"),
        ("q=headline&to=2026-11-02", "1"),
        // Without words, the latest articles.
        ("from=2026-11-05&to=2026-11-06", "5 4"),
        ("section=sport&author=ann", "6"),
        ("q=zeppelin&section=sport", ""),
        ("", ""),
    ] {
        let answer = api(&mut reader, query).await;
        let expected: Vec<String> =
            expected.split_whitespace().map(|day| format!("Headline d{day}")).collect();
        assert_eq!(days(&answer), expected, "{query}");
        assert_eq!(answer["count"], expected.len(), "{query}");
        let page = reader.get(&format!("/search?{query}")).await.text();
        assert!(
            expected.iter().all(|headline| page.contains(headline.as_str())),
            "{query}: {page}"
        );
        assert_eq!(page.matches(" class=\"headline\" ").count(), expected.len(), "{query}");
    }
}

#[tokio::test]
async fn filters_are_kept_in_the_form_and_over_pages() {
    let paper = Newspaper::new().await;
    for number in 0..25 {
        paper.publish(&article(&format!("p{number}"))).await;
    }
    paper.site.search_index.refresh().await.expect("indexed");
    let address = "/search?q=headline&section=news&author=A+Writer&from=2026-11-01&order=newest";
    let page = paper.browser().get(address).await.text().replace("&amp;", "&");
    let next = format!("href=\"{address}&page=2\"");
    assert!(page.contains(&next), "{page}");
    assert!(page.contains("value=\"2026-11-01\"") && page.contains("value=\"A Writer\""), "{page}");
    assert!(page.contains("<option value=\"news\" selected>"), "{page}");
    assert!(page.contains("href=\"/search?q=headline&order=newest\""), "{page}");
    let second = paper.browser().get(&format!("{address}&page=2")).await.text();
    assert_eq!(second.matches("<h2 class=\"headline\" ").count(), 5);
}

#[tokio::test]
async fn a_filter_that_is_not_valid_says_what_to_do() {
    let paper = archive().await;
    let mut reader = paper.browser();
    for (query, told, detail) in [
        ("from=27.11.2026", "Enter the first date as year-month-day", "\"from\" is not a date"),
        ("to=2026-02-30", "Enter the last date as year-month-day", "\"to\" is not a date"),
        ("from=2026-11-05&to=2026-11-04", "Enter an earlier date in “From”", "exchange them"),
        ("section=nowhere", "no section with this name", "No section"),
        ("section=author%2Fann", "no section with this name", "No section"),
        ("author=Nobody", "Check the spelling", "No author"),
        ("order=worst", "how to sort", "\"order\" is not"),
    ] {
        let page = reader.get(&format!("/search?q=headline&{query}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let page = page.text();
        assert!(page.contains(told) && page.contains("role=\"alert\""), "{query}: {page}");
        assert!(!page.contains("class=\"found\"") && page.contains("value=\"headline\""), "{page}");
        let answer = reader.get(&format!("/api/v1/search?q=headline&{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(answer.text().replace("\\\"", "\"").contains(detail), "{}", answer.text());
    }
    let both = reader.get("/search?from=x&to=y").await.text();
    assert!(both.contains("the first date") && both.contains("the last date"), "{both}");
}
