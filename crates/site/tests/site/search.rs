//! Finding articles by their words.

use http::StatusCode;
use masthead_access::Tier;
use masthead_editorial::{Author, Kind, Piece, Status, TeaserLength};

use super::{
    newspaper::{Newspaper, article, sentence, tiered},
    shop,
};

async fn found(paper: &Newspaper, words: &str) -> String {
    let query = url::form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
    let answer = paper.browser().get(&format!("/search?q={query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{words}");
    answer.text()
}

fn headlines(page: &str) -> Vec<&str> {
    page.split("<h2 class=\"headline\" dir=\"ltr\">")
        .skip(1)
        .filter_map(|hit| hit.split("Headline ").nth(1)?.split('<').next())
        .collect()
}

async fn paper() -> Newspaper {
    let paper = Newspaper::new().await;
    paper.publish(&article("bridge")).await;
    paper.publish(&article("ferry")).await;
    let mut island = tiered("island", Tier::Subscribers);
    island.deck = "Nobody lives <there>.".to_owned();
    island.body = "<p>It is small.</p><p>And behind the wall is a treasure.</p>".to_owned();
    paper.publish(&island).await;
    paper.refresh().await;
    paper.site.search_index.refresh().await.expect("indexed");
    paper
}

#[tokio::test]
async fn readers_find_articles_by_what_everybody_may_see() {
    let paper = paper().await;
    assert_eq!(headlines(&found(&paper, "ferry").await), ["ferry"]);
    let page = found(&paper, "Writer \"lives there\"").await;
    assert_eq!(headlines(&page), ["island"]);
    assert!(page.contains("<mark>lives</mark> &lt;<mark>there</mark>&gt;"), "{page}");
    assert!(page.contains("1 result") && page.contains("For subscribers"));
    let nearly = found(&paper, "isalnd").await;
    assert!(headlines(&nearly) == ["island"] && nearly.contains("similar results"), "{nearly}");
    for nothing in ["zeppelin", "\"", "??"] {
        assert!(found(&paper, nothing).await.contains("No results."), "{nothing}");
    }
    let empty = paper.browser().get("/search").await.text();
    assert!(empty.contains("type=\"search\"") && !empty.contains("role=\"status\""));
    let hostile = found(&paper, "<script>alert(1)</script> \" OR whole:* ^ ~ {").await;
    assert!(!hostile.contains("<script>alert") && hostile.contains("No results."));
}

#[tokio::test]
async fn what_is_locked_is_neither_found_nor_shown() {
    let paper = paper().await;
    for words in ["treasure", "\"a treasure\"", "tresure"] {
        let page = found(&paper, words).await;
        assert!(page.contains("No results."), "{words}: {page}");
    }
    // Of a metered one no more than of a locked one.
    let hidden = sentence("ferry", 5);
    assert!(found(&paper, &hidden).await.contains("No results."), "{hidden}");
    assert_eq!(headlines(&found(&paper, &sentence("ferry", 0)).await), ["ferry"]);
    // Those who write find it all.
    assert_eq!(paper.site.search_index.find_for_staff("treasure", 9).await.len(), 1);
}

#[tokio::test]
async fn what_changes_is_found_as_it_is() {
    let paper = paper().await;
    let mut changed = article("ferry");
    changed.deck = "It is a zeppelin now.".to_owned();
    paper.publish(&changed).await;
    let mut withdrawn = article("bridge");
    withdrawn.status = Status::Withdrawn;
    paper.publish(&withdrawn).await;
    let mut later = article("tomorrow");
    later.published = Some("2026-11-29T09:00:00Z".parse().expect("a time"));
    paper.publish(&later).await;
    paper.refresh().await;
    paper.site.search_index.refresh().await.expect("indexed");
    assert_eq!(headlines(&found(&paper, "zeppelin").await), ["ferry"]);
    assert_eq!(headlines(&found(&paper, "bridge").await), Vec::<&str>::new());
    assert_eq!(headlines(&found(&paper, "tomorrow").await), Vec::<&str>::new());
    paper.go_to("2026-11-29T10:00:00Z").await;
    assert_eq!(headlines(&found(&paper, "tomorrow").await), ["tomorrow"]);
}

#[tokio::test]
async fn articles_are_found_by_the_present_names_of_their_authors() {
    let paper = paper().await;
    assert_eq!(headlines(&found(&paper, "Writer bridge").await), ["bridge"]);
    let renamed = Author { slug: "writer".into(), name: "Zora Quill".into(), ..Author::default() };
    paper.store.save_author(&renamed).await.expect("saved");
    paper.refresh().await;
    paper.site.search_index.refresh().await.expect("indexed");
    assert_eq!(headlines(&found(&paper, "Zora bridge").await), ["bridge"]);
    // What is written afterwards has the old name in it still.
    paper.publish(&Piece { deck: "Corrected.".into(), ..article("ferry") }).await;
    paper.site.search_index.refresh().await.expect("indexed");
    assert_eq!(headlines(&found(&paper, "Zora ferry").await), ["ferry"]);
}

#[tokio::test]
async fn a_shorter_teaser_takes_effect_at_once() {
    let paper =
        Newspaper::with(|publication| publication.teaser = TeaserLength::Paragraphs(2)).await;
    paper.publish(&article("ferry")).await;
    paper.refresh().await;
    paper.site.search_index.refresh().await.expect("indexed");
    let second = sentence("ferry", 1);
    assert_eq!(headlines(&found(&paper, &second).await), ["ferry"]);
    paper.republish(super::newspaper::publication()).await.expect("republished");
    paper.site.search_index.refresh().await.expect("indexed");
    assert!(found(&paper, &second).await.contains("No results."));
    assert_eq!(headlines(&found(&paper, "ferry").await), ["ferry"]);
}

#[tokio::test]
async fn long_results_are_paged() {
    let paper = Newspaper::new().await;
    for number in 0..25 {
        let mut piece = article(&format!("p{number}"));
        piece.deck = "Alike.".to_owned();
        paper.publish(&piece).await;
    }
    paper.refresh().await;
    let early = paper.browser().get("/search?q=alike").await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(early.text().contains("Search isn’t ready yet"));
    paper.site.search_index.refresh().await.expect("indexed");
    let first = found(&paper, "alike").await;
    assert_eq!(headlines(&first).len(), 20);
    assert!(first.contains("25 results") && first.contains("page=2"), "{first}");
    let second = paper.browser().get("/search?q=alike&page=2").await.text();
    assert_eq!(headlines(&second).len(), 5);
    for page in ["0", "99", "x", "-1"] {
        let answer = paper.browser().get(&format!("/search?q=alike&page={page}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
    }
}

#[tokio::test]
async fn after_an_older_database_was_restored_new_articles_are_found() {
    let paper = paper().await;
    // The database as it was before the ferry and the island.
    paper.store.tamper("DELETE FROM pieces WHERE slug <> 'bridge'").await.expect("deleted");
    paper.store.tamper("UPDATE pieces SET revision = 1").await.expect("changed");
    paper.store.tamper("UPDATE edition SET revision = 1").await.expect("changed");
    paper.site.search_index.refresh().await.expect("indexed");
    assert_eq!(paper.site.search_index.find_for_staff("headline", 9).await.len(), 1);
    paper.publish(&article("quokka")).await;
    paper.site.search_index.refresh().await.expect("indexed");
    assert_eq!(paper.site.search_index.find_for_staff("quokka", 9).await.len(), 1);
}

#[tokio::test]
async fn another_database_gets_another_index_even_if_it_is_as_far() {
    let paper = paper().await;
    paper
        .store
        .tamper("UPDATE pieces SET body = replace(body, 'treasure', 'gold')")
        .await
        .expect("changed");
    paper.store.tamper("UPDATE edition SET identity = 'another'").await.expect("changed");
    paper.site.search_index.refresh().await.expect("indexed");
    assert_eq!(paper.site.search_index.find_for_staff("treasure", 9).await.len(), 0);
    assert_eq!(paper.site.search_index.find_for_staff("gold", 9).await.len(), 1);
}

#[tokio::test]
async fn pages_of_the_publication_come_after_articles() {
    let paper = paper().await;
    let mut page = Piece { kind: Kind::Page, section: None, ..article("about") };
    page.headline = "Headline bridge bridge".to_owned();
    page.body = "<p>The bridge, the bridge, the bridge.</p>".to_owned();
    paper.publish(&page).await;
    paper.site.search_index.refresh().await.expect("indexed");
    for query in ["q=bridge", "q=bridge&order=newest"] {
        let found = paper.browser().get(&format!("/search?{query}")).await.text();
        assert_eq!(headlines(&found), ["bridge", "bridge bridge"], "{query}: {found}");
        let last = found.split("<li class=\"card\"").nth(2).expect("the page");
        assert!(last.contains("Help and information") && !last.contains("<time"), "{last}");
    }
}

#[tokio::test]
async fn the_page_says_whether_filters_apply_and_what_is_the_latest() {
    let paper = paper().await;
    let found = async |query: &str| paper.browser().get(&format!("/search?{query}")).await.text();
    let similar = found("q=isalnd&section=news").await;
    assert_eq!(headlines(&similar), ["island"]);
    assert!(similar.contains("similar results that fit your filters"), "{similar}");
    let nothing = found("q=zeppelin&section=news").await;
    assert!(nothing.contains("No results with these filters."), "{nothing}");
    let latest = found("section=news").await;
    assert!(
        latest.contains(">Latest</h2>") && latest.contains("<h3 class=\"headline\" dir=\"ltr\">")
    );
    assert!(!found("q=bridge&section=news").await.contains(">Latest</h2>"));
}

#[tokio::test]
async fn readers_without_a_subscription_are_told_what_subscribers_search() {
    let told = "Subscribers can search the full text of every article.";
    let paper = Newspaper::with(shop::sells).await;
    let mut ada = shop::ada(&paper).await;
    for browser in [&mut paper.browser(), &mut ada] {
        assert!(browser.get("/search").await.text().contains(told));
    }
    shop::buy(&mut ada, "web-monthly", "good", "/").await;
    assert!(!ada.get("/search").await.text().contains(told));
    let free = Newspaper::new().await;
    assert!(!free.browser().get("/search").await.text().contains(told), "nothing is sold");
}
