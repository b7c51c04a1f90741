//! What those who work at the desk get as readers.

use http::StatusCode;
use masthead_circulation::{
    Account, Secret,
    staff::{Invitation, Role},
};

use crate::{newspaper::Newspaper, post::sign_in};

const ADA: &str = "ada@example.org";

async fn let_in(paper: &Newspaper, role: Role) -> Account {
    let email = ADA.parse().expect("an address");
    let (key, at) = (Secret::fresh(&mut rand::rng()).digest(), paper.now());
    let invitation = Invitation { key, email: Some(email), role, by: None, at };
    paper.store.invite(&invitation, &[]).await.expect("invited");
    let email = ADA.parse().expect("an address");
    let joined = paper.store.join(&key, &email, "", at).await.expect("a database");
    joined.expect("an invitation")
}

#[tokio::test]
async fn staff_read_everything_from_the_next_request_until_they_leave() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcdefgh").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    assert!(!ada.get("/account").await.text().contains("/desk"));

    let account = let_in(&paper, Role::Support).await;
    paper.refresh().await;
    for article in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        assert_eq!(ada.access(&format!("/news/{article}")).await, "open;reason=staff");
    }
    assert!(ada.get("/account").await.text().contains("href=\"/desk\""));

    paper.store.dismiss(&account, (None, paper.now())).await.expect("dismissed");
    paper.refresh().await;
    assert_eq!(ada.access("/news/b").await, "metered;left=3", "nothing was counted meanwhile");
}

#[tokio::test]
async fn the_only_owner_cannot_delete_the_account() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let_in(&paper, Role::Owner).await;
    let kept = ada.post("/account/deletion", "sure=yes").await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.text().contains("You are the only owner"));
    assert!(ada.get("/account").await.text().contains(ADA), "still signed in");
}

#[tokio::test]
async fn whoever_is_signed_in_can_be_asked_again() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.get("/sign-in?from=%2Fdesk").await.header("location"), Some("/account"));
    let page = ada.get("/sign-in?from=%2Fdesk&again=true").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains(r#"value="/desk""#), "{}", page.text());
}
