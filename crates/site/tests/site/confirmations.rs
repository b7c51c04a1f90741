//! Whatever a reader sends from the pages of their account, the next page says what has become of it.

use http::StatusCode;

use crate::{
    newspaper::{Browser, Newspaper, Reply},
    post::{latest, link, sign_in},
    shop::{ADA, DOOR, ada, buy, held, number, paper, pay},
};

/// The sources of the routes, which the test below compares with [`ACTIONS`].
const ROUTES: [&str; 2] =
    [include_str!("../../src/account.rs"), include_str!("../../src/reading.rs")];

/// Forms with what the next page says. `{id}` is the number of the reader's subscription.
const ACTIONS: [(&str, &str, &str); 24] = [
    ("/account/name", "name=Ada+Example", "Your name has been saved."),
    ("/account/delivery", DOOR, "Your delivery address has been saved."),
    ("/account/delivery/removal", "", "Your delivery address has been removed."),
    ("/account/address", "email=eve%40example.org", "Check both inboxes"),
    ("/account/passkeys/{id}/removal", "", "Nothing has changed."),
    ("/account/identities/removal", "issuer=a&subject=b", "Nothing has changed."),
    ("/account/subscriptions/{id}/rest", "weeks=4", "Your subscription is paused."),
    ("/account/continuation", "", "Your subscription has resumed."),
    ("/account/subscriptions/{id}/price", "price=web-yearly&today=99999", "Your plan has changed."),
    ("/account/subscriptions/{id}/cancellation", "", "Your subscription has been cancelled."),
    ("/account/subscriptions/{id}/continuation", "", "You’ve kept your subscription."),
    ("/account/saved", "article=%2Fnews%2Fa", "Saved. You’ll find it"),
    ("/account/saved/removal", "article=1", "The article has been removed from your list."),
    ("/account/saved/deletion", "", "Your list has been cleared."),
    ("/account/history", "keep=yes", "We’re now keeping your reading history."),
    ("/account/history/deletion", "", "Your reading history has been deleted."),
    ("/account/history", "keep=no", "Your reading history is off"),
    ("/account/following", "kind=topic&slug=matter", "You’re following Matter."),
    ("/account/following/removal", "kind=topic&slug=matter", "You no longer follow Matter."),
    ("/account/following/feed", "", "Your feed has a new address."),
    ("/account/following/feed/removal", "", "Your feed address has been deleted."),
    ("/account/sessions/{key}/end", "", "Nothing has changed."),
    ("/account/sessions/end", "", "You’re signed out"),
    ("/account/deletion", "sure=yes", "Your account has been deleted"),
];
/// Forms that have a test of their own below, or lead to another page with an answer of its own.
const OTHERS: [&str; 10] = [
    "/account/subscriptions/{number}/card",
    "/account/address/{secret}",
    // A script sends it, and loads the page again.
    "/account/passkeys",
    "/account/passkeys/challenge",
    // They end with the page of what was signed in, cancelled or withdrawn from.
    "/account/withdrawal",
    "/register",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/app",
    "/sign-in/passkey",
];

/// The page that a reader sees after sending a form.
async fn next_page(browser: &mut Browser, reply: Reply) -> String {
    let mut reply = reply;
    while reply.status == StatusCode::SEE_OTHER {
        let to = reply.header("location").expect("a place to go").to_owned();
        reply = browser.get(to.split('#').next().unwrap_or_default()).await;
    }
    assert!(reply.status.is_success(), "{}: {}", reply.status, reply.text());
    reply.text()
}

/// The confirmation on a page: a note, something that was said in place, or a page that says nothing else.
fn confirms(page: &str, words: &str) -> bool {
    let main = page.split("<body").nth(1).unwrap_or_default();
    let note = main.split("class=\"note\"").nth(1).and_then(|rest| rest.split("</aside>").next());
    let status = main.split("role=\"status\"").nth(1).and_then(|rest| rest.split("</p>").next());
    let notice = main.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
    [note, status, notice].into_iter().flatten().any(|said| said.contains(words))
}

#[tokio::test]
async fn every_form_of_the_account_ends_with_a_confirmation() {
    for paper in Newspaper::on_both_with(crate::shop::sells).await {
        paper.publish_metered("a").await;
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        ada.get("/").await;
        let id = number(&paper).await.to_string();
        for (path, form, words) in ACTIONS {
            if path == "/account/deletion" {
                // The action before has signed the reader out.
                sign_in(&paper, &mut ada, ADA, "/").await;
                ada.get("/").await;
            }
            let path = path.replace("{id}", &id);
            let reply = ada.post(&path, form).await;
            let page = next_page(&mut ada, reply).await;
            assert!(confirms(&page, words), "{path}: \"{words}\" is not confirmed: {page}");
            let again = ada.get("/").await.text();
            assert!(!again.contains("class=\"note\""), "{path}: it is told once: {again}");
        }
    }
}

#[test]
fn no_form_of_the_account_is_left_out() {
    let is_open = |c: char| c == '{';
    // Numbers and keys have names of their own in the routes.
    let shape = |path: &str| {
        let parts = path.split('/').map(|part| if part.starts_with(is_open) { "*" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let known: Vec<String> =
        ACTIONS.iter().map(|(path, ..)| *path).chain(OTHERS).map(shape).collect();
    let routes = ROUTES.iter().flat_map(|source| source.split(".route(").skip(1));
    let posts: Vec<String> = routes
        .filter(|route| route.split(".route(").next().is_some_and(|one| one.contains("post(")))
        .filter_map(|route| route.split('"').nth(1))
        .map(shape)
        .collect();
    assert!(posts.len() > 20, "{posts:?}");
    let missing: Vec<&String> = posts
        .iter()
        .filter(|path| !path.starts_with("/cancel") && !path.starts_with("/withdraw"))
        .filter(|path| !path.starts_with("/sign-in/passkey"))
        .filter(|path| !known.contains(path))
        .collect();
    assert_eq!(missing, [""; 0], "add them to ACTIONS");
}

#[tokio::test]
async fn another_card_is_confirmed_when_the_reader_comes_back() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    ada.get("/").await;
    let path = format!("/account/subscriptions/{}/card", number(&paper).await);
    let reply = ada.post(&path, "").await;
    let payment_page = reply.header("location").expect("a payment page").to_owned();
    assert_eq!(pay(&mut ada, &payment_page, "good").await, "/account");
    let page = ada.get("/account").await.text();
    assert!(confirms(&page, "Your payment details have been updated."), "{page}");
}

#[tokio::test]
async fn both_addresses_confirm_a_change_and_each_is_answered() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    ada.post("/account/address", "email=new%40example.org").await;
    for (address, words) in [(ADA, "Thank you"), ("new@example.org", "has been changed")] {
        let path = link(&latest(&paper, address, "address").await);
        let path = path.replace("https://paper.example", "");
        let page = ada.post(&path, "").await.text();
        assert!(confirms(&page, words), "{page}");
    }
}

#[tokio::test]
async fn what_is_not_possible_any_more_is_not_confirmed() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    ada.get("/").await;
    let path = format!("/account/subscriptions/{}", number(&paper).await);
    ada.post(&format!("{path}/cancellation"), "").await;
    for (action, form) in [("cancellation", ""), ("rest", "weeks=4")] {
        let reply = ada.post(&format!("{path}/{action}"), form).await;
        let page = next_page(&mut ada, reply).await;
        assert!(confirms(&page, "Nothing has changed."), "{action}: {page}");
    }
    assert_eq!(held(&paper).await.len(), 1);
}
