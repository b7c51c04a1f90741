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
