//! Pages that the browser has kept and shows again when the reader goes back, without asking the server.

use crate::visitor::{Visitor, own_demonstration};

const ARTICLE: &str = "/town/the-bridge-that-opens-too-often";
const SECOND: &str = "/harbour/one-more-winter-for-the-night-ferry";
const THIRD: &str = "/science/why-the-tide-is-late";
const FOURTH: &str = "/food/bread-that-waits-for-the-tide";
const LOCKED: &str = "/harbour/what-pilots-know-about-fog";

/// Counts how often pages were shown again from memory.
const COUNT: &str = "addEventListener('pageshow', (event) => event.persisted && \
                     sessionStorage.setItem('again', Number(sessionStorage.getItem('again')) + 1))";
const AGAIN: &str = "Number(sessionStorage.getItem('again'))";

async fn visitor_at(visitor: &Visitor, path: &str) {
    visitor.page.evaluate_on_new_document(COUNT).await.expect("set");
    visitor.go(path).await.ask::<bool>("(window.isKept = true)").await;
}

/// Goes back in the history, by so many pages.
async fn back(visitor: &Visitor, pages: u32, path: &str) {
    visitor.ask::<bool>(&format!("(history.go(-{pages}), window.isLeft = true)")).await;
    // A page from memory is as it was left, so that this is all that can be waited for.
    visitor
        .wait_until(&format!(
            "!window.isLeft && location.pathname === '{path}' && document.readyState === 'complete'"
        ))
        .await;
}

async fn sign_in(visitor: &Visitor, email: &str, from: &str) {
    visitor.write("#email", email).await.follow("form button", "/sign-in/sent").await;
    let email: String = visitor
        .ask(&format!("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === '{email}').href)"))
        .await;
    visitor.go(&email).await.follow("a[href*='/sign-in/with/']", from).await;
}

#[tokio::test]
async fn going_back_shows_the_same_page_and_spends_no_read() {
    let visitor = Visitor::new().await;
    visitor_at(&visitor, ARTICLE).await;
    visitor.go(SECOND).await;
    back(&visitor, 1, ARTICLE).await;
    assert!(visitor.ask::<bool>("window.isKept === true").await, "the page was loaded again");
    assert_eq!(visitor.ask::<u32>(AGAIN).await, 1);
    // Three articles are free: two were read.
    visitor.go(THIRD).await;
    assert_eq!(visitor.text(".message.wall").await, "");
    visitor.go(FOURTH).await;
    assert!(visitor.text(".message.wall").await.contains("Keep reading with a free account"));
    visitor.leave().await;
}

#[tokio::test]
async fn going_back_after_signing_in_or_out_loads_the_page_again() {
    let visitor = Visitor::new().await;
    visitor_at(&visitor, ARTICLE).await;
    visitor.follow(".ear a[href='/sign-in']", "/sign-in").await;
    sign_in(&visitor, "back@example.org", ARTICLE).await;
    let pages: u32 = visitor.ask("history.length").await;
    // The first page of the tab is empty.
    back(&visitor, pages - 2, ARTICLE).await;
    visitor.wait_until("document.querySelector('.ear a[href=\"/account\"]') !== null").await;
    assert_eq!(visitor.text(".ear a[href=\"/sign-in\"]").await, "");

    // Signed out in another tab.
    visitor.ask::<bool>("(window.isKept = true)").await;
    visitor.go(SECOND).await;
    let other = visitor.tab("/account").await;
    other
        .find_element("form[action='/account/sessions/end'] button")
        .await
        .expect("a button")
        .click()
        .await
        .expect("clicked");
    for _ in 0..100 {
        if other.url().await.ok().flatten().is_some_and(|url| url.ends_with("/account/signed-out"))
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    other.wait_for_navigation().await.expect("loaded");
    back(&visitor, 1, ARTICLE).await;
    visitor.wait_until("document.querySelector('.ear a[href=\"/sign-in\"]') !== null").await;
    assert!(!visitor.ask::<bool>("window.isKept === true").await);
    visitor.leave().await;
}

#[tokio::test]
async fn going_back_to_a_wall_after_subscribing_opens_the_article() {
    let (_workshop, server) = own_demonstration();
    let visitor = Visitor::of(&server).await;
    visitor.go("/sign-in").await;
    sign_in(&visitor, "ada@example.org", "/").await;
    visitor_at(&visitor, LOCKED).await;
    assert_ne!(visitor.text(".message.wall").await, "");
    visitor.go("/checkout/trial").await.follow("form[action^='/checkout'] button", "/").await;
    back(&visitor, 2, LOCKED).await;
    visitor.wait_until("document.querySelector('.message.wall') === null").await;
    visitor.leave().await;
}
