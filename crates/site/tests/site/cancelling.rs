//! Cancelling without signing in: nobody learns whose an address is, and only its owner cancels.

use http::StatusCode;
use masthead_circulation::SubscriptionId;

use crate::{
    newspaper::Newspaper,
    post::{kinds, latest, link},
    shop::{ADA, ada, buy, number, sells},
};

const FORM: &str = "email=ada%40example.org&reason=Too+many+%3Ctides%3E";

#[tokio::test]
async fn a_reader_cancels_by_the_link_in_an_email_and_staff_learn_why() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let id = SubscriptionId(number(&paper).await);
        let mut stranger = paper.browser();
        let page = stranger.get("/cancel").await.text();
        assert!(page.contains("You don’t need to sign in."), "{page}");
        let sent = stranger.post("/cancel", FORM).await;
        assert_eq!(sent.status, StatusCode::OK);
        assert!(sent.text().contains("open the link in it within 24 hours"), "{}", sent.text());
        let mail = latest(&paper, ADA, "cancellation").await;
        assert!(mail.text.contains("cancel your The web edition subscription"), "{}", mail.text);
        assert_eq!(paper.store.audit_of(id).await.expect("read").len(), 1, "nothing happened yet");

        // Mail programs follow links: that cancels nothing.
        let confirm = stranger.get(&link(&mail)).await.text();
        assert!(confirm.contains("You can keep reading until December 24, 2026"), "{confirm}");
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation"]);
        let path = link(&mail).replace("https://paper.example", "");
        let done = stranger.post(&path, "").await;
        assert_eq!(done.status, StatusCode::OK);
        assert!(done.text().contains("Your subscription has been cancelled"), "{}", done.text());
        // Once more: it is cancelled, and told of once.
        assert!(stranger.post(&path, "").await.text().contains("has been cancelled"));
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation", "cancelled"]);
        let audit = paper.store.audit_of(id).await.expect("read");
        let said: Vec<_> =
            audit.iter().map(|entry| (entry.actor.name(), entry.what.as_str())).collect();
        assert_eq!(
            said,
            [
                ("reader", "begun"),
                ("reader", "cancelled"),
                ("reader", "gave a reason: Too many <tides>"),
            ]
        );
        let account = ada.get("/account").await.text();
        assert!(account.contains("Cancelled. You can keep reading"), "{account}");
    }
}

#[tokio::test]
async fn the_page_says_the_same_to_every_address_and_each_gets_an_email() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    let subscriber = stranger.post("/cancel", "email=ada%40example.org").await;
    let nobody = stranger.post("/cancel", "email=eve%40example.org").await;
    assert_eq!((subscriber.status, subscriber.text()), (nobody.status, nobody.text()));
    assert_eq!(kinds(&paper, "eve@example.org").await, ["no_cancellation"]);
    let mail = latest(&paper, "eve@example.org", "no_cancellation").await;
    assert!(mail.text.contains("We found no subscription"), "{}", mail.text);
    let faulty = stranger.post("/cancel", "email=eve&reason=x").await;
    assert_eq!(faulty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(faulty.text().contains("Enter an email address"), "{}", faulty.text());
}

#[tokio::test]
async fn a_link_that_is_old_or_made_up_cancels_nothing() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    stranger.post("/cancel", FORM).await;
    let path =
        link(&latest(&paper, ADA, "cancellation").await).replace("https://paper.example", "");
    paper.go_to("2026-11-25T09:00:01Z").await;
    let changed = format!("{}x", &path[..path.len() - 1]);
    for dead in [path.as_str(), changed.as_str(), "/cancel/7", "/cancel/%00"] {
        for reply in [stranger.get(dead).await, stranger.post(dead, "").await] {
            assert_eq!(reply.status, StatusCode::GONE, "{dead}");
            assert!(reply.text().contains("href=\"/cancel\""), "{}", reply.text());
        }
    }
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation"]);
}

#[tokio::test]
async fn emails_to_an_address_are_limited_as_those_to_sign_in_are() {
    let paper = Newspaper::with(sells).await;
    let mut eve = paper.browser();
    for _ in 0..8 {
        eve.post("/cancel", "email=bob%40example.org").await;
    }
    assert_eq!(kinds(&paper, "bob@example.org").await.len(), 5);
}
