//! Reading until the wall, with the messages on the way.

use crate::{
    account::look,
    visitor::{DESKTOP, PHONE, Visitor, ask, text},
};

/// Metered articles of the demonstration.
const METERED: [&str; 10] = [
    "/town/the-bridge-that-opens-too-often",
    "/harbour/one-more-winter-for-the-night-ferry",
    "/science/why-the-tide-is-late",
    "/food/bread-that-waits-for-the-tide",
    "/opinion/let-the-bus-wait",
    "/harbour/what-pilots-know-about-fog",
    "/science/the-seagrass-is-coming-back",
    "/culture/the-choir-that-sings-to-ships",
    "/town/the-library-that-lends-ladders",
    "/sport/the-regatta-nobody-won",
];

#[tokio::test]
async fn three_articles_are_counted_and_the_fourth_has_a_wall() {
    let visitor = Visitor::new().await;
    let last_paragraph = "document.querySelector('.text').lastElementChild.innerText";
    for (article, says) in METERED.iter().zip([
        "You have 2 free articles left",
        "You have 1 free article left",
        "This is your last free article",
    ]) {
        visitor.go(article).await;
        let banner = visitor.text("[data-banner] .wide").await;
        assert!(banner.contains(says), "{article}: {banner}");
        assert_eq!(visitor.text(".message.wall").await, "");
    }
    visitor.picture("last-article", false).await;
    let full: String = visitor.ask(last_paragraph).await;

    visitor.go(METERED[3]).await;
    let wall = visitor.text(".message.wall").await;
    assert!(wall.contains("Keep reading with a free account"), "{wall}");
    assert_eq!(visitor.text("[data-banner]").await, "");
    visitor.picture("wall", true).await;
    visitor.resize(PHONE).await.picture("wall-phone", true).await;

    visitor.resize(DESKTOP).await.go(METERED[2]).await;
    assert_eq!(visitor.text(".message.wall").await, "");
    assert_eq!(visitor.ask::<String>(last_paragraph).await, full);
    visitor.leave().await;
}

#[tokio::test]
async fn ten_tabs_at_once_open_three_articles() {
    let visitor = Visitor::new().await;
    visitor.go("/").await;
    let tabs = METERED.map(|article| visitor.tab(article));
    let mut open = 0;
    for tab in futures_util::future::join_all(tabs).await {
        let has_text: bool = ask(&tab, "document.querySelector('.text') !== null").await;
        assert!(has_text);
        open += usize::from(text(&tab, ".message.wall").await.is_empty());
    }
    assert_eq!(open, 3);
    visitor.leave().await;
}

#[tokio::test]
async fn without_scripts_everything_is_read_and_metered() {
    let visitor = Visitor::new().await;
    visitor.without_scripts().await;
    for article in &METERED[..4] {
        visitor.go(article).await;
    }
    let page = visitor.page.content().await.expect("a page");
    assert!(page.contains("Keep reading with a free account"), "{page}");
    assert!(page.contains("Bread that waits"));
    visitor.picture("without-scripts", false).await;
    visitor.leave().await;
}

#[tokio::test]
async fn the_banner_closes_by_keyboard_and_stays_closed() {
    let visitor = Visitor::new().await;
    visitor.go(METERED[0]).await;
    visitor.press("Tab").await;
    let skip: String = visitor.ask("document.activeElement.className").await;
    assert_eq!(skip, "skip", "the first stop leads to the text");
    visitor.ask::<bool>("document.querySelector('[data-close]').focus() ?? true").await;
    visitor.press("Enter").await;
    assert_eq!(visitor.text("[data-banner]").await, "");
    visitor.go(METERED[1]).await;
    assert_eq!(visitor.text("[data-banner]").await, "");
    visitor.leave().await;
}

#[tokio::test]
async fn a_wall_prints_as_a_wall() {
    let visitor = Visitor::new().await;
    for article in &METERED[..4] {
        visitor.go(article).await;
    }
    visitor.print().await;
    let shown = |selector: &str| {
        format!("getComputedStyle(document.querySelector('{selector}')).display !== 'none'")
    };
    assert!(!visitor.ask::<bool>(&shown(".masthead nav")).await);
    assert!(!visitor.ask::<bool>(&shown(".share")).await);
    assert!(visitor.ask::<bool>(&shown(".message.wall")).await);
    let paragraphs: usize = visitor.ask("document.querySelectorAll('.text p').length").await;
    assert!(paragraphs <= 3, "{paragraphs} paragraphs and a dateline");
    assert!(visitor.ask::<bool>(&shown(".today")).await);
    assert!(visitor.text(".on-paper").await.ends_with(METERED[3]), "the address of the article");
    let numbered = "[...document.styleSheets].some(sheet => \
        [...sheet.cssRules].some(rule => rule.cssText.includes('counter(pages)')))";
    assert!(visitor.ask::<bool>(numbered).await, "pages are numbered");
    visitor.leave().await;
}

#[tokio::test]
async fn an_article_is_found_by_its_words() {
    let visitor = Visitor::new().await;
    let mut faults = Vec::new();
    // Articles are indexed within the first seconds.
    for _ in 0..50 {
        visitor.go("/search?q=tides").await;
        if visitor.text(".found").await.contains("Why the tide is late") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(visitor.text(".found mark").await.contains("tide"));
    look(&visitor, "search", &mut faults).await;
    visitor.go("/search").await.write("#q", "\"four minutes fast\"").await;
    visitor.follow(".search button", "/search").await;
    visitor.wait_for("[role=status]", "1 result").await;
    visitor.follow(".found a", "/town/the-town-clock-is-four-minutes-fast").await;
    visitor.go("/search?q=zeppelin").await;
    look(&visitor, "search-nothing", &mut faults).await;
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
