//! An order survives everything on its way: a wrong address, another one, the email, its code, another device, and a payment
//! that is cancelled.

use http::StatusCode;
use masthead_store::Location;
use masthead_test_support::stripe::StripeDouble;

use crate::{
    newspaper::{Browser, Newspaper, Reply},
    post::{Mail, code, link, open, sign_in},
    shop::{ADA, ada, buy, held, location, number, paper, pay, payments, sells},
    stripe::{GOOD, open_session, paper as paper_at_stripe},
};

const ORDER: &str = "/checkout/winter?from=%2Fnews%2Flocked";
/// The order in a query.
const ORDER_IN_QUERY: &str = "%2Fcheckout%2Fwinter%3Ffrom%3D%252Fnews%252Flocked";
const ORDERING: &str = "You’re ordering The web edition.";

async fn latest_email(paper: &Newspaper) -> Mail {
    let email = paper.store.emails(1).await.expect("emails").into_iter().next();
    open(paper, email.expect("an email")).await
}

/// Says at the checkout who is ordering.
async fn identify(browser: &mut Browser, email: &str) -> Reply {
    let form = format!("email={}&code=&from=%2Fnews%2Flocked", email.replace('@', "%40"));
    browser.post("/checkout/winter/sign-in", &form).await
}

fn is_wrong(page: &str) -> bool {
    let is_summary = page.contains("role=\"alert\" tabindex=\"-1\" autofocus");
    is_summary && page.contains("<title>Error: ") && page.contains("There’s a problem")
}

#[tokio::test]
async fn a_wrong_address_another_one_and_a_wrong_code_keep_the_order() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    for paper in [Newspaper::with(sells).await, Newspaper::open(sells, Some(postgres)).await] {
        let mut ada = paper.browser();
        let page = ada.get(ORDER).await.text();
        assert!(page.contains("action=\"/checkout/winter/sign-in\""), "{page}");
        assert!(!is_wrong(&page), "{page}");
        let wrong = identify(&mut ada, "ada.example.org").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text();
        assert!(is_wrong(&page) && page.contains("value=\"ada.example.org\""), "{page}");
        assert!(page.contains("<a href=\"#email\">Enter an email address"), "{page}");
        assert!(page.contains("The web edition") && page.contains("<b>$9</b>"), "{page}");
        assert!(page.contains("name=\"from\" value=\"/news/locked\""), "{page}");

        assert_eq!(location(&identify(&mut ada, "eve@example.org").await), "/sign-in/sent");
        let sent = ada.get("/sign-in/sent").await.text();
        assert!(sent.contains(ORDERING) && sent.contains("eve@example.org"), "{sent}");
        assert!(sent.contains(&format!("<a href=\"{ORDER}\">Use another email address")), "{sent}");
        paper.set_clock("2026-11-24T09:01:00Z");
        assert_eq!(location(&identify(&mut ada, ADA).await), "/sign-in/sent");
        let wrong = ada.post("/sign-in/code", "code=abc").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text();
        assert!(is_wrong(&page) && page.contains(ORDERING), "{page}");
        let code = code(&latest_email(&paper).await);
        let back = ada.post("/sign-in/code", &format!("code={code}")).await;
        assert_eq!(location(&back), ORDER);
        let page = ada.get(ORDER).await.text();
        assert!(page.contains("Order with obligation to pay") && page.contains(ADA), "{page}");
        assert_eq!(buy(&mut ada, "winter", "good", "/news/locked").await, "/news/locked");
    }
}

#[tokio::test]
async fn registering_and_signing_in_know_the_order() {
    let paper = paper().await;
    let mut ada = paper.browser();
    for (page, other) in [("register", "sign-in"), ("sign-in", "register")] {
        let text = ada.get(&format!("/{page}?from={ORDER_IN_QUERY}")).await.text();
        assert!(text.contains(ORDERING), "{page}: {text}");
        assert!(text.contains(&format!("href=\"/{other}?from={ORDER_IN_QUERY}\"")), "{text}");
        let form = format!("email=nonsense&from={ORDER_IN_QUERY}");
        let wrong = ada.post(&format!("/{page}"), &form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = wrong.text();
        assert!(is_wrong(&text) && text.contains(ORDERING), "{text}");
        assert!(text.contains(&format!("name=\"from\" value=\"{ORDER}\"")), "{text}");
    }
    // Nothing is told of what only a code opens but the product.
    let hidden = ada.get("/register?from=%2Fcheckout%2Ffew%3Fcode%3DFEW").await.text();
    assert!(hidden.contains(ORDERING) && !hidden.contains("$1"), "{hidden}");
    let unknown = ada.get("/register?from=%2Fcheckout%2Fnothing").await.text();
    assert!(!unknown.contains("You’re ordering"), "{unknown}");
}

#[tokio::test]
async fn a_link_that_is_old_or_for_another_device_leads_back_to_the_order() {
    let paper = paper().await;
    let mut ada = paper.browser();
    let again = format!("href=\"/sign-in?from={ORDER_IN_QUERY}\"");
    identify(&mut ada, ADA).await;
    let path = link(&latest_email(&paper).await);
    let elsewhere = paper.browser().get(&path).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    assert!(elsewhere.text().contains(&again), "{}", elsewhere.text());
    paper.set_clock("2026-11-24T09:20:00Z");
    let old = ada.get(&path).await;
    assert_eq!(old.status, StatusCode::GONE);
    assert!(old.text().contains(&again), "{}", old.text());
    let old = ada.post("/sign-in/code", "code=123456").await;
    assert_eq!(old.status, StatusCode::GONE);
    assert!(old.text().contains(&again), "{}", old.text());
    // Who has signed in in another tab goes on there.
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(location(&ada.get(&format!("/sign-in?from={ORDER_IN_QUERY}")).await), ORDER);
    assert_eq!(location(&ada.get(&path).await), ORDER);
    assert_eq!(location(&ada.get("/sign-in?from=%2Fdesk").await), "/account");
}

#[tokio::test]
async fn a_reader_who_asks_for_too_many_emails_goes_on_with_the_order_later() {
    let paper = paper().await;
    let referer = format!("https://paper.example{ORDER}");
    let mut eve = paper.browser().sending("referer", &referer).sending("host", "paper.example");
    for _ in 0..400 {
        let reply = identify(&mut eve, "eve@example.org").await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let again = format!("href=\"/sign-in?from={ORDER_IN_QUERY}\"");
            assert!(reply.text().contains(&again), "{}", reply.text());
            return;
        }
    }
    panic!("anybody may ask for as many emails as they like");
}

#[tokio::test]
async fn a_reader_whose_session_has_ended_orders_after_signing_in_again() {
    let paper = paper().await;
    let mut stranger = paper.browser();
    let away = stranger.post(ORDER, "code=&from=%2Fnews%2Flocked").await;
    assert_eq!(location(&away), format!("/sign-in?from={ORDER_IN_QUERY}"));
}

#[tokio::test]
async fn the_way_back_to_the_offers_and_to_the_article_is_kept() {
    let paper = paper().await;
    let mut stranger = paper.browser();
    let page = stranger.get("/checkout/few?code=FEW&from=%2Fnews%2Flocked").await.text();
    let offers = "href=\"/offers?code=FEW&amp;from=%2Fnews%2Flocked\"";
    assert!(page.contains(offers), "{page}");
    let over = stranger.get("/checkout/few?from=%2Fnews%2Flocked").await;
    assert_eq!(over.status, StatusCode::GONE);
    assert!(over.text().contains("href=\"/offers?from=%2Fnews%2Flocked\""), "{}", over.text());

    let mut ada = ada(&paper).await;
    buy(&mut ada, "winter", "good", "/").await;
    for has in [
        ada.get("/checkout/winter?from=%2Fnews%2Flocked").await,
        ada.post("/checkout/winter", "from=%2Fnews%2Flocked").await,
    ] {
        assert_eq!(has.status, StatusCode::CONFLICT);
        let has = has.text();
        assert!(has.contains("<a href=\"/news/locked\">Back to where you were</a>"), "{has}");
    }
    // An article with a very long address is given up, and not the order.
    let long = format!("/news/{}", "a".repeat(480));
    let page = stranger.get(&format!("/checkout/winter?from={long}")).await.text();
    assert!(page.contains("action=\"/checkout/winter/sign-in\""), "{page}");
    stranger.post("/checkout/winter/sign-in", &format!("email=eve@example.org&from={long}")).await;
    let sent = stranger.get("/sign-in/sent").await.text();
    assert!(sent.contains("<a href=\"/checkout/winter\">Use another email address"), "{sent}");
}

#[tokio::test]
async fn a_cancelled_payment_charges_nothing_and_leads_back_to_the_order_and_the_article() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let payment_page = location(&ada.post("/checkout/few", "code=few&from=%2Fnews%2Flocked").await);
    let page = ada.get(&payment_page).await.text();
    let cancel = page.split("hint\"><a href=\"").last().and_then(|rest| rest.split('"').next());
    let cancel = cancel.expect("a way out").replace("&amp;", "&");
    assert!(cancel.ends_with("/cancelled?code=few"), "{cancel}");
    let cancelled = ada.get(&cancel).await;
    assert_eq!(cancelled.status, StatusCode::OK);
    let page = cancelled.text();
    for said in [
        "<h1>Payment cancelled</h1>",
        "You haven’t been charged, and nothing has been ordered.",
        "The web edition",
        "href=\"/checkout/few?code=few&amp;from=%2Fnews%2Flocked\">Try payment again</a>",
        "href=\"/news/locked\">Back to where you were</a>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!((payments(&paper).await, held(&paper).await.len()), (vec![], 0));
    // A refused card keeps the way out, and the payment can still be made.
    let refused = ada.post(&payment_page, "card=declined").await.text();
    assert!(is_wrong(&refused) && refused.contains("/cancelled?code=few"), "{refused}");
    let back = location(&ada.post(&payment_page, "card=good").await);
    assert_eq!(location(&ada.get(&back).await), "/news/locked");
    // Who has paid in another tab has not cancelled anything.
    let after = location(&ada.get(&cancel).await);
    assert_eq!(location(&ada.get(&after).await), "/news/locked");
    // It is nobody else's.
    let mut eve = paper.browser();
    sign_in(&paper, &mut eve, "eve@example.org", "/").await;
    assert_eq!(eve.get(&cancel).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn cancelling_the_change_of_a_card_changes_nothing() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let before = held(&paper).await;
    let card = format!("/account/subscriptions/{}/card", number(&paper).await);
    let payment_page = location(&ada.post(&card, "").await);
    let cancel = payment_page.replace("/sandbox", "/cancelled");
    let page = ada.get(&cancel).await.text();
    assert!(page.contains("your payment details haven’t changed"), "{page}");
    assert!(page.contains("href=\"/account#subscription\""), "{page}");
    assert_eq!(held(&paper).await, before);
    assert_eq!(pay(&mut ada, &payment_page, "good").await, "/account");
}

#[tokio::test]
async fn a_reader_who_cancels_at_stripe_comes_back_to_their_order() {
    let stripe = StripeDouble::start().await;
    let paper = paper_at_stripe(&stripe).await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/few?code=FEW").await.text();
    assert!(page.contains("enter your card details at our payment provider"), "{page}");
    let form = "code=FEW&from=%2Fnews%2Flocked";
    let session = open_session(&mut ada, "/checkout/few", form).await;
    let cancel = stripe.session(&session)["form"]["cancel_url"].as_str().expect("a way").to_owned();
    let cancel = cancel.strip_prefix("https://paper.example").expect("our own");
    let page = ada.get(cancel).await.text();
    assert!(page.contains("You haven’t been charged, and nothing has been ordered."), "{page}");
    let again = "href=\"/checkout/few?code=FEW&amp;from=%2Fnews%2Flocked\">Try payment again</a>";
    assert!(page.contains(again), "{page}");
    // In another tab the page was still open, and is paid.
    stripe.pay(&session, GOOD).await;
    let paid = location(&ada.get(cancel).await);
    assert_eq!(location(&ada.get(&paid).await), "/news/locked");
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
}
