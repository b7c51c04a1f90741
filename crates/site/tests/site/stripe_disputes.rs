//! Disputes at Stripe, from its messages to what the reader sees.

use http::StatusCode;
use masthead_circulation::{DisputeStatus, PaymentNumber};
use masthead_test_support::stripe::{StripeDouble, message};
use serde_json::json;

use crate::{
    shop::ada,
    stripe::{GOOD, paper, pay, send},
};

#[tokio::test]
async fn a_dispute_is_shown_and_its_money_is_not_credited() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    ada.get(&back).await;
    let payment = paper.store.payments_after(PaymentNumber(0), 9).await.expect("read").remove(0);
    let order = payment.source.to_string();
    let at = paper.now().as_second();
    let told = async |event: &str, kind: &str| {
        let object = json!({ "id": "dp_1", "object": "dispute", "metadata": {} });
        let kind = format!("charge.dispute.{kind}");
        send(&paper, &message(event, &kind, &object, at)).await.status
    };
    let status = async || {
        let all = paper.store.disputes_of_payments(&[payment.number]).await.expect("read");
        all.first().map(|dispute| dispute.status)
    };
    // A message about what Stripe does not know is believed by nobody.
    assert_eq!(told("evt_0", "closed").await, StatusCode::OK);
    assert_eq!(status().await, None);
    stripe.dispute("dp_1", &order, "needs_response").await;
    // Messages come shuffled and more than once.
    for (event, kind) in
        [("evt_2", "funds_withdrawn"), ("evt_1", "created"), ("evt_2", "funds_withdrawn")]
    {
        assert_eq!(told(event, kind).await, StatusCode::OK);
        assert_eq!(status().await, Some(DisputeStatus::NeedsResponse));
    }
    let account = ada.get("/account").await.text();
    assert!(account.contains("$12 taken back by your bank"), "{account}");
    assert!(account.contains("(we’ve taken off $0 for"), "{account}");
    let own = ada.get("/account/data.json").await.text();
    assert!(own.contains("needs-response"), "{own}");
    stripe.dispute("dp_1", &order, "won").await;
    stripe.go_down(true);
    assert_ne!(told("evt_3", "closed").await, StatusCode::OK, "Stripe sends it again");
    stripe.go_down(false);
    assert_eq!(told("evt_3", "closed").await, StatusCode::OK);
    assert_eq!(told("evt_4", "funds_reinstated").await, StatusCode::OK);
    assert_eq!(status().await, Some(DisputeStatus::Won));
    assert!(!ada.get("/account").await.text().contains("taken back by your bank"));
}

#[tokio::test]
async fn disputes_whose_messages_were_lost_are_found_at_night() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    ada.get(&back).await;
    let payment = paper.store.payments_after(PaymentNumber(0), 9).await.expect("read").remove(0);
    let order = payment.source.to_string();
    // More than a page, one in words that this version does not know.
    for number in 0..7 {
        let status = if number == 3 { "a_status_of_tomorrow" } else { "needs_response" };
        stripe.dispute(&format!("dp_{number}"), &order, status).await;
    }
    let known = async || {
        let all = paper.store.disputes_of_payments(&[payment.number]).await.expect("read");
        let mut all: Vec<_> = all.into_iter().map(|it| (it.reference, it.status)).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    };
    stripe.go_down(true);
    let found = paper.site.billing.reconcile().await.expect("compared");
    assert_eq!((found.mismatches, known().await), (Vec::new(), Vec::new()), "it is asked tomorrow");
    stripe.go_down(false);
    for _ in 0..2 {
        paper.site.billing.reconcile().await.expect("compared");
        let references: Vec<String> = known().await.into_iter().map(|(it, _)| it).collect();
        assert_eq!(references, ["dp_0", "dp_1", "dp_2", "dp_4", "dp_5", "dp_6"]);
    }
    stripe.dispute("dp_6", &order, "lost").await;
    paper.site.billing.reconcile().await.expect("compared");
    assert_eq!(known().await.last(), Some(&("dp_6".to_owned(), DisputeStatus::Lost)));
    let account = ada.get("/account").await.text();
    assert!(account.contains("$12 taken back by your bank"), "{account}");
}
