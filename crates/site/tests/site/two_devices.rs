//! Buying on two devices at once.

use masthead_circulation::UnusedReason;

use crate::{
    post::kinds,
    shop::{ADA, ada, held, location, paper, pay, payments},
};

#[tokio::test]
async fn what_is_paid_on_two_devices_at_once_begins_one_subscription() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let mut other = ada.clone();
    let first = location(&ada.post("/checkout/winter", "from=/").await);
    let second = location(&other.post("/checkout/winter", "from=/").await);
    pay(&mut ada, &first, "good").await;
    let begun = held(&paper).await;
    pay(&mut other, &second, "good").await;
    assert_eq!(held(&paper).await, begun, "an introduction is given once");
    assert_eq!(payments(&paper).await, [900, 900]);
    let pending = paper.store.pending_refunds(9).await.expect("read");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].reason, UnusedReason::SubscribedAlready);
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "payment_unused"]);
    // Coming back from the payment page again changes nothing.
    for till in [&first, &second] {
        ada.get(till.trim_end_matches("/sandbox")).await;
    }
    assert_eq!(payments(&paper).await, [900, 900]);
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "payment_unused"]);
}

#[tokio::test]
async fn a_trial_beside_what_is_paid_for_makes_nothing_longer() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let mut other = ada.clone();
    let first = location(&ada.post("/checkout/winter", "from=/").await);
    let second = location(&other.post("/checkout/trial-with-card", "from=/").await);
    pay(&mut ada, &first, "good").await;
    let paid = held(&paper).await;
    pay(&mut other, &second, "good").await;
    assert_eq!(held(&paper).await, paid);
    assert_eq!(payments(&paper).await, [900]);
    assert_eq!(kinds(&paper, ADA).await, ["receipt"]);
}
