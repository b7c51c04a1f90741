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
async fn strangers_do_not_shut_out_a_device_that_the_account_was_signed_in_to() {
    for paper in Newspaper::on_both().await {
        let mut signed_in = paper.browser().from("203.0.113.1");
        sign_in(&paper, &mut signed_in, ADA, "/").await;
        let mut known = paper.browser().from("203.0.113.1");
        sign_in(&paper, &mut known, ADA, "/").await;
        let account = paper.store.account_at(&ADA.parse().expect("an address")).await;
        let account = account.expect("read").expect("there").id;
        let sessions = paper.store.sessions_of(account).await.expect("read");
        paper.store.end_sessions(account).await.expect("ended");
        paper.site.accounts.forget_sessions(sessions.iter().map(|session| session.key)).await;
        for network in 0..30 {
            let mut eve = paper.browser().from(&format!("198.51.{network}.1"));
            for _ in 0..5 {
                eve.post("/sign-in", "email=ada%40example.org").await;
            }
        }
        assert_eq!(sent_to(&paper, ADA).await, 12, "from strangers, and while they were new");
        // From wherever they are.
        let mut known = known.from("192.0.2.77");
        sign_in(&paper, &mut known, ADA, "/").await;
        sign_in(&paper, &mut signed_in, ADA, "/").await;
        for _ in 0..30 {
            known.post("/sign-in", "email=ada%40example.org").await;
        }
        assert_eq!(sent_to(&paper, ADA).await, 12 + 20);
        // It is known to that account only.
        for _ in 0..9 {
            known.post("/sign-in", "email=bob%40example.org").await;
        }
        assert_eq!(sent_to(&paper, "bob@example.org").await, 5);
    }
}

#[tokio::test]
async fn the_page_says_how_many_emails_are_sent() {
    let paper = Newspaper::new().await;
    let page = paper.browser().get("/sign-in/sent").await.text();
    assert!(page.contains("We send at most 5 of these emails an hour"), "{page}");
}

#[tokio::test]
async fn the_page_shows_the_address_that_was_entered_whether_an_email_was_sent_or_not() {
    let paper = Newspaper::new().await;
    let mut reader = paper.browser();
    assert!(!reader.get("/sign-in/sent").await.text().contains("ada"));
    for _ in 0..7 {
        reader.post("/sign-in", "email=ada%2Bnews%40example.org").await;
        let page = reader.get("/sign-in/sent").await.text();
        assert!(page.contains("We’ve sent an email to ada+news@example.org."), "{page}");
    }
    assert_eq!(sent_to(&paper, "ada+news@example.org").await, 5);
    assert!(!paper.browser().get("/sign-in/sent").await.text().contains("ada"));
    let wrong = reader.post("/sign-in/code", "code=000000").await.text();
    assert!(wrong.contains("ada+news@example.org"), "{wrong}");
}

#[tokio::test]
async fn a_demonstration_sends_everybody_on_this_machine_their_mail() {
    let paper = Newspaper::with(|publication| publication.is_demo = true).await;
    for _ in 0..15 {
        let mut visitor = paper.browser().from("127.0.0.1");
        sign_in(&paper, &mut visitor, ADA, "/").await;
    }
    assert_eq!(sent_to(&paper, ADA).await, 15);
    for _ in 0..9 {
        let mut eve = paper.browser().from("198.51.100.1");
        eve.post("/sign-in", "email=bob%40example.org").await;
    }
    assert_eq!(sent_to(&paper, "bob@example.org").await, 5);
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

#[tokio::test]
async fn changes_of_address_use_up_no_email_to_sign_in_with() {
    for paper in Newspaper::on_both().await {
        // Three accounts of somebody who wants to keep Bob out.
        for number in 0..3 {
            let mut eve = paper.browser().from(&format!("198.51.{number}.1"));
            sign_in(&paper, &mut eve, &format!("eve{number}@example.org"), "/").await;
            for _ in 0..6 {
                eve.post("/account/address", "email=bob%40example.org").await;
            }
        }
        let emails = paper.store.emails(200).await.expect("emails");
        let changes = emails.iter().filter(|email| email.to.as_str() == "bob@example.org");
        assert_eq!(changes.count(), 12, "they have a limit of their own");
        let mut bob = paper.browser().from("203.0.113.1");
        sign_in(&paper, &mut bob, "bob@example.org", "/").await;
        assert!(bob.get("/account").await.text().contains("bob@example.org"));
    }
}
