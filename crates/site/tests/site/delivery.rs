//! Printed papers are delivered to an address that the reader enters when ordering.

use http::StatusCode;
use masthead_circulation::SubscriptionId;

use crate::{
    post::latest,
    shop::{ADA, DOOR, ada, buy, held, location, number, paper, payments},
};

#[tokio::test]
async fn a_printed_paper_is_sold_with_the_address_that_it_is_delivered_to() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/paper-monthly").await.text();
    assert!(page.contains("Where should we deliver your paper?"), "{page}");
    for (form, fault) in [
        ("from=/", "Enter your full name."),
        ("from=/&delivery_name=Ada&delivery_lines=Tidewater", "on two lines or more"),
    ] {
        let refused = ada.post("/checkout/paper-monthly", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let said = refused.text();
        assert!(
            said.contains(fault) && said.contains("Order with obligation to pay"),
            "{form}: {said}"
        );
    }
    assert!(held(&paper).await.is_empty() && payments(&paper).await.is_empty());

    assert_eq!(buy(&mut ada, "paper-monthly", "good", &format!("/news/a&{DOOR}")).await, "/news/a");
    let receipt = latest(&paper, ADA, "receipt").await.text;
    assert!(receipt.contains("Ada Example, 3 Quay Street, Tidewater"), "{receipt}");
    // The thanks after an order are shown once, on the next page.
    ada.get("/account").await;
    // The reader may move and change their name, and an invoice never changes.
    let before = ada.get("/account/invoices/1").await.text();
    assert!(
        before.contains(
            "To <bdi>Ada Example</bdi><br><bdi>3 Quay Street</bdi><br><bdi>Tidewater</bdi><br>"
        ),
        "{before}"
    );
    ada.post("/account/name", "name=Ada+Other").await;
    let moved = "delivery_name=Ada+Other&delivery_lines=1+Hill+Road%0AUpwater";
    ada.post("/account/delivery", moved).await;
    ada.get("/account").await;
    assert_eq!(ada.get("/account/invoices/1").await.text(), before);
    // The next one is issued to the new address.
    paper.go_to("2026-12-24T09:00:00Z").await;
    let next = ada.get("/account/invoices/2").await.text();
    assert!(
        next.contains(
            "To <bdi>Ada Other</bdi><br><bdi>1 Hill Road</bdi><br><bdi>Upwater</bdi><br>"
        ),
        "{next}"
    );
}

/// Nine bytes a character.
#[tokio::test]
async fn the_longest_address_is_accepted_in_any_script_and_a_longer_one_is_kept() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let form = |characters: usize, lines: usize| {
        let line = "%E6%BD%AE".repeat(characters);
        format!(
            "from=/&delivery_name={line}&delivery_lines={}",
            vec![line.clone(); lines].join("%0D%0A")
        )
    };
    let ordered = ada.post("/checkout/paper-monthly", &form(100, 8)).await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.text());
    let refused = ada.post("/checkout/paper-monthly", &form(200, 8)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().matches(&"潮".repeat(200)).count() >= 9, "it is lost");
}

#[tokio::test]
async fn an_order_that_is_not_paid_changes_no_delivery_address() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let id = number(&paper).await;
    ada.post(&format!("/account/subscriptions/{id}/cancellation"), "").await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    let elsewhere = "from=/&delivery_name=Ada&delivery_lines=1+Hill+Road%0AUpwater";
    let payment_page = location(&ada.post("/checkout/paper-monthly", elsewhere).await);
    let account = ada.get("/account").await.text();
    assert!(account.contains("3 Quay Street\nTidewater</textarea>"), "{account}");
    // A reader who cancels the payment finds what they entered at the order.
    let order = ada.get("/checkout/paper-monthly").await.text();
    assert!(order.contains("1 Hill Road\nUpwater</textarea>"), "{order}");
    crate::shop::pay(&mut ada, &payment_page, "good").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("1 Hill Road\nUpwater</textarea>"), "{account}");
}

#[tokio::test]
async fn an_address_can_be_removed_when_nothing_is_delivered() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let account = ada.get("/account").await.text();
    assert!(!account.contains("/account/delivery/removal"), "{account}");
    ada.post("/account/delivery/removal", "").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("Nothing has changed.") && account.contains("3 Quay Street"));
    let id = number(&paper).await;
    ada.post(&format!("/account/subscriptions/{id}/cancellation"), "").await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    let account = ada.get("/account").await.text();
    assert!(account.contains("/account/delivery/removal"), "{account}");
    ada.post("/account/delivery/removal", "").await;
    let account = ada.get("/account").await.text();
    assert!(!account.contains("3 Quay Street") && !account.contains("delivery_lines"), "{account}");
}

#[tokio::test]
async fn a_change_to_the_printed_paper_asks_for_an_address_before_money_is_taken() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let account = ada.get("/account").await.text();
    assert_eq!(account.matches("Where should we deliver your paper?").count(), 1, "{account}");
    let change = format!("/account/subscriptions/{}/price", number(&paper).await);
    let refused = ada.post(&change, "price=paper-monthly&today=99999").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text();
    assert!(page.contains("Enter your full name.") && page.contains("<details open>"), "{page}");
    assert_eq!(payments(&paper).await, [1200], "nothing was collected");
    // It costs more than was shown: nothing is bought.
    let dear = ada.post(&change, &format!("price=paper-monthly&today=1&{DOOR}")).await;
    assert_eq!(dear.status, StatusCode::CONFLICT);
    assert_eq!(payments(&paper).await, [1200], "nothing was collected");
    let done = ada.post(&change, &format!("price=paper-monthly&today=99999&{DOOR}")).await;
    assert_eq!(location(&done), "/account");
    let account = ada.get("/account").await.text();
    assert!(account.contains("3 Quay Street\nTidewater</textarea>"), "{account}");
    assert!(!account.contains("We don’t know where to deliver"), "{account}");
    assert_eq!(payments(&paper).await.len(), 2);
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
    assert_eq!(location(&ada.post("/account/delivery", moved).await), "/account");
    let account = ada.get("/account").await.text();
    assert!(account.contains("1 Hill Road\nUpwater</textarea>"), "{account}");
}

#[tokio::test]
async fn a_payment_that_fails_promises_papers_to_those_who_get_only_papers() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "declined-later", &format!("/&{DOOR}")).await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    let failed = latest(&paper, ADA, "payment_failed").await.text;
    assert!(failed.contains("deliver your paper until"), "{failed}");
    assert!(!failed.contains("keep reading"), "{failed}");
}

#[tokio::test]
async fn a_receipt_asks_where_to_deliver_if_that_is_not_known_any_more() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let mut held = held(&paper).await.remove(0);
    let receipt = latest(&paper, ADA, "receipt").await.text;
    assert!(!receipt.contains("We don’t know where to deliver"), "{receipt}");
    // Another reader, whose address was deleted some time after the end.
    let bob = "bob@example.org".parse().expect("an address");
    let (bob, _) = paper.store.register(&bob, paper.now()).await.expect("registered");
    (held.id, held.account) = (SubscriptionId::UNSTORED, bob.id);
    let due = "2026-12-24T09:00:00Z".parse().expect("a time");
    paper.store.import_subscriptions(&[(held, Some(due))]).await.expect("taken in");
    paper.go_to("2026-12-24T09:00:00Z").await;
    let receipt = latest(&paper, "bob@example.org", "receipt").await.text;
    assert!(receipt.contains("We don’t know where to deliver your paper."), "{receipt}");
    let receipt = latest(&paper, ADA, "receipt").await.text;
    assert!(!receipt.contains("We don’t know where to deliver"), "{receipt}");
}
