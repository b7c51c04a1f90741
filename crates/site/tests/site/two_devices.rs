//! Buying on two devices at once.

use crate::{
    post::kinds,
    shop::{ADA, ada, held, location, paper, pay, payments},
};

#[tokio::test]
async fn what_is_paid_on_two_devices_at_once_lasts_twice_as_long() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let mut other = ada.clone();
    let first = location(&ada.post("/checkout/winter", "from=/").await);
    let second = location(&other.post("/checkout/winter", "from=/").await);
    pay(&mut ada, &first, "good").await;
    pay(&mut other, &second, "good").await;
    assert_eq!(held(&paper).await.len(), 1);
    assert_eq!(payments(&paper).await, [900, 900]);
    let account = ada.get("/account").await.text();
    assert!(account.contains("It renews on May 24, 2027, for $12 a month."), "{account}");
    let invoice = ada.get("/account/invoices/2").await.text();
    assert!(invoice.contains("February 24, 2027 to May 24, 2027"), "{invoice}");
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "receipt"]);
    // Coming back to the till again changes nothing.
    for till in [&first, &second] {
        ada.get(till.trim_end_matches("/sandbox")).await;
    }
    assert_eq!(payments(&paper).await, [900, 900]);
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
