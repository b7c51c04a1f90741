//! What is owed, and what was paid back: neither is had twice.

use masthead_circulation::StaffActor;
use masthead_publication::Publication;
use masthead_store::Location;

use crate::{
    newspaper::Newspaper,
    shop::{ada, buy, held, location, payments, sells},
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
        assert!(account.contains("(we’ve taken off $120 for"), "{account}");
        billing.refund(&reader, payment, "120", staff()).await.expect("refunded");
        billing.enter_cancellation(bought.id, Some(staff())).await.expect("cancelled");
        let own = format!("/account/subscriptions/{}", bought.id.0);
        ada.post(&format!("{own}/continuation"), "").await;
        let account = ada.get("/account").await.text();
        assert!(account.contains("You’ll pay $12 today (we’ve taken off $0 for"), "{account}");
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
