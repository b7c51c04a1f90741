//! What a stolen session must not do takes a recent sign-in, and nothing that was entered is lost by it.

use http::{Method, StatusCode};
use masthead_site::CONFIRMED;

use crate::{
    api::ask_in,
    newspaper::{Browser, Newspaper, later},
    post::{latest, sign_in},
    shop::ADA,
};

/// A reader who has signed in this many minutes ago.
async fn signed_in_before(paper: &Newspaper, minutes: i64) -> Browser {
    let mut ada = paper.browser();
    sign_in(paper, &mut ada, ADA, "/").await;
    paper.set_clock(&later(paper.now(), minutes).to_string());
    ada
}

#[tokio::test]
async fn an_older_sign_in_is_confirmed_first() {
    for paper in Newspaper::on_both().await {
        let mut ada = signed_in_before(&paper, 15).await;
        for (method, pattern) in CONFIRMED {
            let path = pattern.replace("{secret}", &"A".repeat(43)).replace("{id}", "a");
            let reply = if method == Method::GET {
                ada.get(&path).await
            } else {
                ada.post(&path, "email=eve%40example.org&sure=yes&code=BCDF-GHJK&answer=yes").await
            };
            let to = match reply.header("location") {
                Some(to) => to.to_owned(),
                None => {
                    assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{method} {pattern}");
                    reply.text()
                }
            };
            assert!(to.contains("/sign-in?from=") && to.contains("again=true"), "{pattern}: {to}");
        }
        assert!(ada.get("/account").await.text().contains(ADA), "still signed in, and there");
    }
}

#[tokio::test]
async fn a_form_is_sent_after_confirming_with_all_that_was_entered() {
    for paper in Newspaper::on_both().await {
        let mut ada = signed_in_before(&paper, 20).await;
        let away =
            ada.post("/account/address", "email=ada%2Bnew%40example.com&more=%22%3C%22").await;
        let to = away.header("location").expect("a way").to_owned();
        let page = ada.get(&to).await.text();
        assert!(page.contains("Confirm it’s you") && page.contains(ADA), "{page}");
        let from = page.split(r#"name="from" value=""#).nth(1).expect("a field");
        let from = from.split('"').next().expect("a value").to_owned();

        // It is for nobody else.
        let mut bob = paper.browser();
        sign_in(&paper, &mut bob, "bob@example.org", "/").await;
        assert_eq!(bob.get(&from).await.status, StatusCode::GONE);

        let back = sign_in(&paper, &mut ada, ADA, &from).await;
        assert_eq!(back.header("location"), Some(from.as_str()));
        let page = ada.get(&from).await.text();
        assert!(page.contains(r#"action="/account/address""#), "{page}");
        assert!(page.contains(r#"name="email" value="ada+new@example.com""#), "{page}");
        assert!(page.contains(r#"value="&quot;&lt;&quot;""#), "{page}");
        ada.post("/account/address", "email=ada%2Bnew%40example.com").await;
        latest(&paper, "ada+new@example.com", "address").await;

        paper.set_clock(&later(paper.now(), 30).to_string());
        sign_in(&paper, &mut ada, ADA, "/").await;
        assert_eq!(ada.get(&from).await.status, StatusCode::GONE, "it has expired");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_confirms_nothing() {
    for paper in Newspaper::on_both().await {
        let mut ada = signed_in_before(&paper, 1).await;
        assert!(ada.get("/account").await.text().contains(ADA));
        let account = paper.store.account_at(&ADA.parse().expect("an address")).await;
        let account = account.expect("read").expect("there").id;
        for (method, pattern) in CONFIRMED {
            let path = pattern.replace("{secret}", &"A".repeat(43)).replace("{id}", "a");
            sign_in(&paper, &mut ada, ADA, "/").await;
            ada.get("/account").await;
            // Another server has ended it, and this one has not heard of it.
            paper.store.end_sessions(account).await.expect("ended");
            let reply = if method == Method::GET {
                ada.get(&path).await
            } else {
                ada.post(&path, "email=eve%40example.org&sure=yes&code=BCDF-GHJK&answer=yes").await
            };
            let to = reply.header("location").map_or_else(|| reply.text(), str::to_owned);
            assert!(to.contains("/sign-in"), "{method} {pattern}: {} {to}", reply.status);
        }
        assert!(paper.store.account(account).await.expect("read").is_some(), "not deleted");
    }
}

#[tokio::test]
async fn an_app_is_let_in_after_confirming_only() {
    let paper = Newspaper::new().await;
    let mut ada = signed_in_before(&paper, 60).await;
    let (_, shown) = ask_in(&mut paper.browser()).await;
    let page = format!("/sign-in/app?code={shown}");
    let away = ada.get(&page).await;
    assert!(away.header("location").is_some_and(|to| to.ends_with("&again=true")));
    let back = sign_in(&paper, &mut ada, ADA, &page).await;
    assert_eq!(back.header("location"), Some(page.as_str()));
    assert!(ada.get(&page).await.text().contains("The Paper on a telephone"));
}

#[tokio::test]
async fn everything_about_a_reader_is_downloaded_after_confirming_and_not_without_end() {
    let paper = Newspaper::new().await;
    let mut ada = signed_in_before(&paper, 20).await;
    let away = ada.get("/account/data.json").await;
    assert_eq!(away.header("location"), Some("/sign-in?from=%2Faccount%2Fdata%2Ejson&again=true"));
    sign_in(&paper, &mut ada, ADA, "/").await;
    for _ in 0..5 {
        let data = ada.get("/account/data.json").await;
        assert_eq!(data.status, StatusCode::OK);
        assert!(data.text().contains(ADA));
    }
    let refused = ada.get("/account/data.json").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("downloaded your data several times"), "{}", refused.text());
}
