//! Buying on two devices at once.

use http::StatusCode;

use crate::{
    post::kinds,
    shop::{ADA, ada, held, location, paper, pay, payments},
};

#[tokio::test]
async fn an_offer_is_paid_on_one_of_two_devices() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let mut other = ada.clone();
    let first = location(&ada.post("/checkout/winter", "from=/").await);
    let second = location(&other.post("/checkout/winter", "from=/").await);
    // The second page has closed the first.
    let closed = location(&ada.post(&first, "card=good").await);
    let said = ada.get(&closed).await;
    assert_eq!(said.status, StatusCode::GONE);
    assert!(said.text().contains("You haven’t been charged."));
    pay(&mut other, &second, "good").await;
    let begun = held(&paper).await;
    assert_eq!((begun.len(), payments(&paper).await), (1, vec![900]));
    // Coming back from the payment page again changes nothing.
    for page in [&first, &second] {
        ada.get(page.trim_end_matches("/sandbox")).await;
    }
    assert_eq!(held(&paper).await, begun);
    assert_eq!(payments(&paper).await, [900]);
    assert_eq!(kinds(&paper, ADA).await, ["receipt"]);
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
