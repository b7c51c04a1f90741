//! What a reader is told once after an order and after signing in, on pages that many readers share.

use http::StatusCode;
use masthead_circulation::SubscriptionId;

use crate::{
    newspaper::{Browser, Newspaper},
    post::sign_in,
    shop::{ADA, ada, buy, location, number, paper, sells},
};

const NOTE: &str = "class=\"note\"";

/// The note on a page; empty if there is none.
async fn note(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}");
    let page = page.text();
    let note = page.split(NOTE).nth(1).and_then(|rest| rest.split("</aside>").next());
    note.unwrap_or_default().to_owned()
}

/// A reader who has signed in and was told so.
async fn greeted(paper: &Newspaper) -> Browser {
    let mut ada = ada(paper).await;
    assert_ne!(note(&mut ada, "/").await, "");
    ada
}

#[tokio::test]
async fn a_reader_who_has_paid_is_thanked_once_on_the_page_they_wanted() {
    let paper = paper().await;
    let mut ada = greeted(&paper).await;
    // Another reader has the same page, which is shared.
    let mut bob = paper.browser();
    bob.get("/news/a").await;
    assert_eq!(buy(&mut ada, "winter", "good", "/news/a").await, "/news/a");
    let page = ada.get("/news/a").await;
    assert!(page.header("set-cookie").is_some_and(|set| set.contains("note=; Max-Age=0")));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    let text = page.text();
    assert!(text.contains("Thank you. You’re subscribed to The web edition."), "{text}");
    assert!(text.contains(&format!("emailed your receipt to {ADA}")), "{text}");
    assert!(text.contains("href=\"/account#subscription\""), "{text}");
    assert!(text.contains("href=\"/account#passkeys\""), "{text}");
    assert_eq!(note(&mut ada, "/news/a").await, "", "it is told once");
    assert_eq!(note(&mut bob, "/news/a").await, "");
}

#[tokio::test]
async fn thanks_wait_for_a_page_of_any_kind() {
    for path in ["/", "/news", "/news/a", "/search", "/how-the-meter-works", "/account"] {
        let paper = paper().await;
        let mut ada = greeted(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        assert!(note(&mut ada, path).await.contains("Thank you."), "{path}");
        assert_eq!(note(&mut ada, path).await, "", "{path}");
    }
}

#[tokio::test]
async fn an_invoice_and_a_trial_are_thanked_for_in_their_own_words() {
    let paper = Newspaper::with(|publication| {
        sells(publication);
        publication.transfer = "The Paper, account 00 00 00".to_owned();
    })
    .await;
    paper.publish_metered("a").await;
    let mut ada = greeted(&paper).await;
    let back = location(&ada.post("/checkout/winter", "from=/news/a&by=invoice").await);
    assert_eq!(location(&ada.get(&back).await), "/news/a");
    let said = note(&mut ada, "/news/a").await;
    assert!(said.contains(&format!("your invoice to {ADA}")), "{said}");
    assert!(said.contains("Please pay it by December 8, 2026."), "{said}");
    let id = SubscriptionId(number(&paper).await);
    let invoiced = paper.store.subscription(id).await.expect("read").expect("there");
    assert!(invoiced.mandate.is_manual());

    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    bob.get("/").await;
    assert_eq!(location(&bob.post("/checkout/trial", "from=/news/a").await), "/news/a");
    let said = note(&mut bob, "/news/a").await;
    assert!(said.contains("free trial of The web edition has started"), "{said}");
    assert!(said.contains("runs until December 8, 2026") && said.contains("bob@example.org"));
}

#[tokio::test]
async fn a_reader_who_signs_in_is_greeted_once() {
    let paper = paper().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/news/a").await;
    let said = note(&mut ada, "/news/a").await;
    assert!(said.contains(&format!("Welcome. You’re signed in as {ADA}.")), "{said}");
    assert_eq!(note(&mut ada, "/news/a").await, "");
}

#[tokio::test]
async fn a_forged_cookie_tells_nobody_anything() {
    let paper = paper().await;
    let forge = |browser: &mut Browser, value: &str| {
        browser.jar.insert("__Host-masthead-note".to_owned(), value.to_owned());
    };
    let mut stranger = paper.browser();
    forge(&mut stranger, "ordered");
    assert_eq!(note(&mut stranger, "/news/a").await, "", "nobody is signed in");
    let mut ada = greeted(&paper).await;
    forge(&mut ada, "ordered");
    assert_eq!(note(&mut ada, "/news/a").await, "", "nothing was ordered");
    forge(&mut ada, "<b>");
    assert_eq!(note(&mut ada, "/news/a").await, "");
}

#[tokio::test]
async fn a_page_with_a_note_is_not_stored() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let told = ada.get("/news/a").await;
    assert_eq!(told.header("etag"), None);
    assert_eq!(told.header("cache-control"), Some("private, no-store"));
    assert!(told.text().contains(NOTE));
    let after = ada.get("/news/a").await;
    assert!(after.header("etag").is_some() && !after.text().contains(NOTE));
}
