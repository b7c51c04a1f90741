//! What is owed, and what was paid back: neither is had twice.

use jiff::SignedDuration;
use masthead_circulation::{StaffActor, SubscriptionId};
use masthead_publication::Publication;
use masthead_store::Location;

use crate::{
    newspaper::{Browser, Newspaper},
    own_data::downloaded,
    post::{latest, link, sign_in},
    shop::{ADA, DOOR, ada, buy, held, location, number, payments, sells},
};

fn with_invoices(publication: &mut Publication) {
    sells(publication);
    publication.transfer = "The Paper, account 00 00 00".to_owned();
}

async fn papers() -> [Newspaper; 2] {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    let papers = [
        Newspaper::with(with_invoices).await,
        Newspaper::open(with_invoices, Some(postgres)).await,
    ];
    for paper in &papers {
        paper.publish_metered("a").await;
    }
    papers
}

/// Whether a reader may order by invoice, as the page says and the form does.
async fn may_order(browser: &mut Browser, name: &str) -> bool {
    let page = browser.get(&format!("/checkout/{name}")).await.text();
    let offered = page.contains("Order by invoice");
    let sent = format!("from=/&by=invoice&{DOOR}");
    let to = location(&browser.post(&format!("/checkout/{name}"), &sent).await);
    assert_eq!(to.ends_with("/sandbox"), !offered, "{to}");
    offered && location(&browser.get(&to).await) == "/"
}

#[tokio::test]
async fn who_deletes_the_account_with_an_unpaid_invoice_gets_no_other() {
    for paper in papers().await {
        for name in ["web-monthly", "paper-monthly"] {
            let email = format!("{name}@example.org");
            let mut reader = paper.browser();
            sign_in(&paper, &mut reader, &email, "/").await;
            assert!(may_order(&mut reader, name).await);
            let gone = reader.post("/account/deletion", "sure=yes").await;
            assert_eq!(gone.status, http::StatusCode::OK, "{}", gone.text());
            for _ in 0..2 {
                let mut again = paper.browser();
                sign_in(&paper, &mut again, &email, "/").await;
                assert!(!may_order(&mut again, name).await);
                let address = email.parse().expect("an address");
                let account = paper.store.account_at(&address).await.expect("asked");
                let data = downloaded(&paper, &account.expect("there")).await;
                assert_eq!(data["unpaid_invoices"].as_array().map(Vec::len), Some(1), "{data:#}");
                again.post("/account/deletion", "sure=yes").await;
            }
        }
    }
}

#[tokio::test]
async fn who_changes_the_address_with_an_unpaid_invoice_gets_no_other_under_the_former_one() {
    for paper in papers().await {
        let mut first = ada(&paper).await;
        assert!(may_order(&mut first, "web-monthly").await);
        let id = SubscriptionId(number(&paper).await);
        first.post("/account/address", "email=ada%40example.com").await;
        for to in [ADA, "ada@example.com"] {
            let link = link(&latest(&paper, to, "address").await);
            first.post(&link, "").await;
        }
        assert!(first.get("/account").await.text().contains("ada@example.com"));
        paper.set_clock(&(paper.now() + SignedDuration::from_secs(60)).to_string());
        let mut second = ada(&paper).await;
        assert!(!may_order(&mut second, "web-yearly").await);
        // Once the transfer is entered by its number, they may.
        paper.site.billing.enter_payment(id, false, None).await.expect("entered");
        assert!(may_order(&mut second, "web-yearly").await);
    }
}

#[tokio::test]
async fn what_was_refunded_is_no_credit_for_another_price() {
    for paper in papers().await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-yearly", "good", "/").await;
        let billing = &paper.site.billing;
        let bought = held(&paper).await.remove(0);
        let reader = paper.store.account(bought.account).await.expect("read").expect("there");
        let payment = paper.store.payments_of(reader.id).await.expect("read").remove(0).number;
        let staff = || StaffActor { by: None, reason: "By phone".to_owned() };
        let account = ada.get("/account").await.text();
        assert!(account.contains("the $120 left of your current plan"), "{account}");
        billing.refund(&reader, payment, "120", staff()).await.expect("refunded");
        billing.enter_cancellation(bought.id, Some(staff())).await.expect("cancelled");
        paper.set_clock(&(paper.now() + SignedDuration::from_secs(60)).to_string());
        let own = format!("/account/subscriptions/{}", bought.id.0);
        ada.post(&format!("{own}/continuation"), "").await;
        let account = ada.get("/account").await.text();
        assert!(account.contains("You’ll pay $12 today"), "{account}");
        assert!(account.contains("(we’ve taken off $0 for"), "{account}");
        let free = ada.post(&format!("{own}/price"), "price=web-monthly&today=0").await;
        assert_eq!(free.status, http::StatusCode::CONFLICT);
        assert_eq!(payments(&paper).await, [12000]);
        assert_eq!(
            location(&ada.post(&format!("{own}/price"), "price=web-monthly&today=1200").await),
            "/account"
        );
        assert_eq!(payments(&paper).await, [12000, 1200]);
        let found = billing.reconcile().await.expect("compared");
        assert_eq!(found.mismatches, [], "{found:?}");
    }
}
