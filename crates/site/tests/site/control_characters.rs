//! Control characters from outside reach neither pages nor feeds: the pages themselves use some of them as marks.

use masthead_access::Tier;
use masthead_editorial::{Author, Piece, Topic};

use crate::{
    newspaper::{Newspaper, tiered},
    post::sign_in,
};

const MARKS: [char; 3] = ['\u{1e}', '\u{1f}', '\0'];

#[tokio::test]
async fn marks_in_a_piece_neither_take_the_wall_away_nor_break_the_feed() {
    let paper = Newspaper::new().await;
    let marked = |text: &str| format!("\u{1f}wall\u{1f}{text}\u{1e}\u{b}\0\u{ffff}");
    let piece = tiered("locked", Tier::Subscribers);
    let author = Author { name: marked("Ada"), bio: marked("Bio"), ..piece.authors[0].clone() };
    let piece = Piece {
        headline: marked("Headline"),
        kicker: marked("Kicker"),
        deck: marked("Deck"),
        dateline: marked("Dateline"),
        authors: vec![author],
        topics: vec![Topic { slug: "matter".into(), name: marked("Matter") }],
        body: format!("<p>{}</p><p>{}</p>", marked("One two three"), marked("Four five six")),
        ..piece
    };
    paper.publish(&piece).await;
    for address in ["/news/locked", "/", "/news", "/author/writer", "/topic/matter", "/feed.xml"] {
        let page = paper.browser().get(address).await.text();
        assert!(!page.contains(MARKS) && page.contains("wall Headline"), "{address}: {page}");
    }
    let page = paper.browser().get("/news/locked").await.text();
    assert_eq!(page.matches("class=\"message wall\"").count(), 1, "{page}");
}

#[tokio::test]
async fn marks_in_what_readers_send_are_removed() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    paper.site.search_index.refresh().await.expect("indexed");
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, "ada@example.org", "/").await;
    ada.post("/account/name", "name=%1Fwall%1FAda%1E").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("wall Ada") && !account.contains(MARKS), "{account}");
    let found = ada.get("/search?q=%1Fwall%1F+%1Ea").await.text();
    assert!(!found.contains(MARKS) && found.contains("<form"), "{found}");
}
