//! A publication without a payment processor sells nothing; the sandbox is only for those who ask for it.

use http::StatusCode;
use masthead_circulation::Catalogue;
use masthead_publication::{Publication, Sales};

use crate::{
    newspaper::{Newspaper, publication, tiered},
    shop::{ada, buy, number, sells},
};

const BANNER: &str = "This site is testing payments";

async fn selling(sales: Sales) -> Newspaper {
    Newspaper::with(|p| {
        sells(p);
        // The messages depend on whether anything is sold.
        *p = std::mem::replace(p, publication()).with_sales(sales);
    })
    .await
}

#[tokio::test]
async fn nothing_is_sold_without_a_payment_processor() {
    let paper = selling(Sales::Closed).await;
    paper.publish(&tiered("locked", masthead_access::Tier::Subscribers)).await;
    let mut ada = ada(&paper).await;
    let wall = ada.get("/news/locked").await.text();
    assert!(!wall.contains("/offers"), "{wall}");
    let offers = ada.get("/offers").await;
    assert_eq!(offers.status, StatusCode::NOT_FOUND);
    assert!(offers.text().contains("You can’t subscribe at the moment"), "{}", offers.text());
    for name in ["web-monthly", "winter", "trial"] {
        let path = format!("/checkout/{name}");
        assert_eq!(ada.get(&path).await.status, StatusCode::NOT_FOUND, "{name}");
        let begun = ada.post(&path, "").await;
        assert_eq!(begun.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert!(!ada.get("/account").await.text().contains("/offers"));
}

#[tokio::test]
async fn no_card_is_asked_for_while_nothing_is_sold() {
    let paper = selling(Sales::Sandbox).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let card = format!("/account/subscriptions/{}/card", number(&paper).await);
    assert!(ada.get("/account").await.text().contains(&card));
    let closed = paper.another(|p| {
        sells(p);
        p.sales = Sales::Closed;
    });
    ada.move_to(closed.await.router());
    assert!(!ada.get("/account").await.text().contains(&card));
    let asked = ada.post(&card, "").await;
    assert_eq!(asked.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_checkout_that_was_begun_at_the_sandbox_cannot_be_paid_once_it_is_closed() {
    let paper = selling(Sales::Sandbox).await;
    let mut ada = ada(&paper).await;
    let payment_page = ada.post("/checkout/web-monthly", "").await;
    let payment_page = payment_page.header("location").expect("a payment page").to_owned();
    assert!(payment_page.ends_with("/sandbox"), "{payment_page}");
    let closed = paper.another(|p| {
        sells(p);
        p.sales = Sales::Closed;
    });
    ada.move_to(closed.await.router());
    assert_eq!(ada.get(&payment_page).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ada.post(&payment_page, "card=good").await.status, StatusCode::SEE_OTHER);
    let account = paper.store.account_at(&crate::shop::ADA.parse().expect("an address")).await;
    let account = account.expect("read").expect("there").id;
    assert_eq!(paper.store.subscriptions_of(account).await.expect("read"), []);
}

#[tokio::test]
async fn every_page_says_that_readers_pay_at_the_sandbox() {
    let paths = ["/", "/news/a", "/offers", "/sign-in", "/nothing-here", "/search?q=a"];
    let shows = async |change: fn(&mut Publication)| {
        let paper = Newspaper::with(change).await;
        paper.publish_metered("a").await;
        let mut shown = Vec::new();
        for path in paths {
            shown.push(paper.browser().get(path).await.text().contains(BANNER));
        }
        shown
    };
    let sandbox = |p: &mut Publication| sells(p);
    assert_eq!(shows(sandbox).await, [true; 6]);
    let demo = |p: &mut Publication| {
        sells(p);
        p.is_demo = true;
    };
    assert_eq!(shows(demo).await, [false; 6]);
    let open = |p: &mut Publication| {
        p.catalogue = Catalogue::default();
        p.sales = Sales::Open;
    };
    assert_eq!(shows(open).await, [false; 6]);
}
