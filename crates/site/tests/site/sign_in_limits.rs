//! How many emails to sign in with are sent, and that nobody uses them up for somebody else.

use http::{Method, StatusCode};

use crate::{
    newspaper::{Newspaper, later},
    post::{ask, code, link, sign_in},
    shop::ADA,
};

/// The number of emails to sign in with that were sent to an address.
async fn sent_to(paper: &Newspaper, to: &str) -> usize {
    let emails = paper.store.emails(200).await.expect("emails");
    emails.iter().filter(|email| email.to.as_str() == to && email.kind == "sign-in").count()
}

#[tokio::test]
async fn nobody_keeps_another_network_from_signing_in_by_mail() {
    for paper in Newspaper::on_both().await {
        let mut eve = paper.browser().from("198.51.100.1");
        for _ in 0..20 {
            let reply = eve.post("/sign-in", "email=ada%40example.org").await;
            assert_eq!(reply.header("location"), Some("/sign-in/sent"), "{}", reply.status);
        }
        assert_eq!(sent_to(&paper, ADA).await, 5);
        let mut ada = paper.browser().from("203.0.113.1");
        sign_in(&paper, &mut ada, ADA, "/").await;
        assert!(ada.get("/account").await.text().contains(ADA));
        ask(&paper, &mut eve, "bob@example.org", "/").await;
    }
}

#[tokio::test]
async fn the_code_sent_before_the_limit_stays_valid() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    let mut mail = ask(&paper, &mut ada, ADA, "/").await;
    for _ in 0..4 {
        paper.set_clock(&later(paper.now(), 1).to_string());
        mail = ask(&paper, &mut ada, ADA, "/").await;
    }
    let more = ada.post("/sign-in", "email=ada%40example.org").await;
    assert_eq!(more.header("location"), Some("/sign-in/sent"));
    assert_eq!(sent_to(&paper, ADA).await, 5);
    let form = format!("code={}", code(&mail));
    assert_eq!(ada.post("/sign-in/code", &form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_address_is_not_flooded_from_many_networks() {
    let paper = Newspaper::new().await;
    for network in 0..30 {
        let mut eve = paper.browser().from(&format!("198.51.{network}.1"));
        eve.post("/sign-in", "email=ada%40example.org").await;
    }
    assert_eq!(sent_to(&paper, ADA).await, 12);
    paper.set_clock(&later(paper.now(), 60).to_string());
    ask(&paper, &mut paper.browser(), ADA, "/").await;
}

#[tokio::test]
async fn a_request_for_headers_uses_no_link_up() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    let mail = ask(&paper, &mut ada, ADA, "/").await;
    let reply = ada.ask(&Method::HEAD, &link(&mail)).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(reply.header("set-cookie").is_none());
    assert_eq!(ada.get(&link(&mail)).await.status, StatusCode::SEE_OTHER);
}
