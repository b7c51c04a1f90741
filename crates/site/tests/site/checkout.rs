//! What a reader sees before they order: the amounts with their dates, and what they agree to.

use masthead_editorial::{Kind, Piece, Status};

use crate::{
    newspaper::{Newspaper, article},
    shop::{ada, buy, paper, sells},
};

/// A page of the publication itself.
fn own_page(slug: &str, headline: &str) -> Piece {
    Piece { kind: Kind::Page, section: None, headline: headline.into(), ..article(slug) }
}

#[tokio::test]
async fn an_order_is_reviewed_with_every_amount_and_date() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/winter").await.text();
    for said in [
        "<dd><bdi>The web edition</bdi></dd>",
        "<dd>November 24, 2026 to February 24, 2027</dd>",
        "<b>$9</b>",
        "$12 a month from February 24, 2027",
        "in your account, in two clicks",
        "Order with obligation to pay</button>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Offer ends"), "that is not when the subscription ends: {page}");
    assert!(!page.contains("free trial"), "{page}");
    let trial = ada.get("/checkout/trial").await.text();
    assert!(!trial.contains("two clicks") && trial.contains("It ends automatically"), "{trial}");
}

#[tokio::test]
async fn the_checkout_links_to_published_pages_about_orders_and_no_others() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/winter").await.text();
    assert!(!page.contains("By ordering you agree"), "{page}");
    paper.publish(&own_page("terms", "Terms & conditions")).await;
    let draft = Piece { status: Status::Draft, ..own_page("privacy", "Privacy notice") };
    paper.publish(&draft).await;
    // Not one of the publication's own pages.
    paper.publish(&Piece { section: None, ..article("withdrawal") }).await;
    let page = ada.get("/checkout/winter").await.text();
    let agree = "By ordering you agree to our <a href=\"/terms\">terms and conditions</a>.</p>";
    assert!(page.contains(agree), "{page}");
    assert!(!page.contains("privacy notice") && !page.contains("withdraw from"), "{page}");

    paper.publish(&own_page("withdrawal", "Withdrawal")).await;
    let page = ada.get("/checkout/winter").await.text();
    let both = "By ordering you agree to our <a href=\"/terms\">terms and conditions</a>; please also \
        read <a href=\"/withdrawal\">how to withdraw from the contract</a>.</p>";
    assert!(page.contains(both), "{page}");
}

#[tokio::test]
async fn a_reader_in_a_trial_learns_that_ordering_ends_it() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy_trial(&mut ada).await;
    let page = ada.get("/checkout/web-monthly").await.text();
    assert!(page.contains("You’re in a free trial until December 8, 2026."), "{page}");
    assert!(page.contains("aren’t added to it"), "{page}");
    // And so it is: the first period begins today, and the trial is over.
    assert!(page.contains("November 24, 2026 to December 24, 2026"), "{page}");
    buy(&mut ada, "web-monthly", "good", "/").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("Renews on December 24, 2026"), "{account}");
    assert!(account.contains("Replaced by another subscription on November 24, 2026."));
}

async fn buy_trial(ada: &mut crate::newspaper::Browser) {
    let begun = ada.post("/checkout/trial", "from=/").await;
    assert_eq!(begun.status, http::StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn prices_are_said_to_include_tax_where_it_is_worked_out() {
    for includes_tax in [false, true] {
        let paper = Newspaper::with(|publication| {
            sells(publication);
            publication.includes_tax = includes_tax;
        })
        .await;
        let page = ada(&paper).await.get("/checkout/winter").await.text();
        assert_eq!(page.contains("Prices include tax."), includes_tax, "{page}");
    }
    let paper = Newspaper::with(|publication| {
        sells(publication);
        let catalogue = publication.catalogue.clone();
        publication.catalogue = catalogue.with_tax("19".parse().ok());
    })
    .await;
    let page = ada(&paper).await.get("/checkout/winter").await.text();
    assert!(page.contains("Prices include tax."), "{page}");
}
