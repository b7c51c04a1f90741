//! Printed papers are delivered to an address that the reader enters when ordering.

use http::StatusCode;

use crate::{
    post::latest,
    shop::{ADA, DOOR, ada, buy, held, location, paper, payments},
};

#[tokio::test]
async fn a_printed_paper_is_sold_with_the_address_that_it_is_delivered_to() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/paper-monthly").await.text();
    assert!(page.contains("Where should we deliver your paper?"), "{page}");
    for (form, fault) in [
        ("from=/", "Enter the name on the letterbox."),
        ("from=/&delivery_name=Ada&delivery_lines=Tidewater", "on two lines or more"),
    ] {
        let refused = ada.post("/checkout/paper-monthly", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let said = refused.text();
        assert!(said.contains(fault) && said.contains("Order and pay"), "{form}: {said}");
    }
    assert!(held(&paper).await.is_empty() && payments(&paper).await.is_empty());

    assert_eq!(buy(&mut ada, "paper-monthly", "good", &format!("/news/a&{DOOR}")).await, "/news/a");
    let receipt = latest(&paper, ADA, "receipt").await.text;
    assert!(receipt.contains("Ada Example, 3 Quay Street, Tidewater"), "{receipt}");
    // The reader may move, and an invoice never changes.
    let invoice = ada.get("/account/invoices/1").await.text();
    assert!(!invoice.contains("3 Quay Street"), "{invoice}");
}

#[tokio::test]
async fn what_is_only_online_asks_for_no_address() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/web-monthly").await.text();
    assert!(!page.contains("delivery_name"), "{page}");
    buy(&mut ada, "web-monthly", "good", "/").await;
    let account = ada.get("/account").await.text();
    assert!(!account.contains("Delivery address"), "{account}");
}

#[tokio::test]
async fn a_reader_moves_house() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("3 Quay Street\nTidewater</textarea>"), "{account}");
    let refused = ada.post("/account/delivery", "delivery_name=Ada&delivery_lines=").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("on two lines or more"));
    let moved = "delivery_name=Ada&delivery_lines=1+Hill+Road%0AUpwater";
    assert_eq!(location(&ada.post("/account/delivery", moved).await), "/account#delivery");
    let account = ada.get("/account").await.text();
    assert!(account.contains("1 Hill Road\nUpwater</textarea>"), "{account}");
}
