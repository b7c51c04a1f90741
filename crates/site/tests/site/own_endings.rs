//! Cancelling and withdrawing while signed in: what was ended, until when it lasts, and the way back.

use http::StatusCode;

use crate::{
    newspaper::Newspaper,
    post::{kinds, latest, link},
    shop::{ADA, ada, buy, location, number, paper, sells},
};

const OWN: &str = "/account/withdrawal";

#[tokio::test]
async fn a_signed_in_reader_cancels_at_once_and_sees_what_they_have_cancelled() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let id = number(&paper).await;
        let page = ada.get("/cancel").await.text();
        assert!(page.contains("<h1>Cancel a subscription</h1>"), "{page}");
        assert!(page.contains("You can keep reading until December 24, 2026"), "{page}");
        assert!(!page.contains("type=\"email\""), "no email is needed: {page}");
        let cancel = format!("/account/subscriptions/{id}/cancellation");
        assert!(page.contains(&format!("action=\"{cancel}\"")), "{page}");
        assert_eq!(location(&ada.post(&cancel, "").await), "/account");

        let page = ada.get("/cancel").await.text();
        let keep = format!("/account/subscriptions/{id}/continuation");
        for said in [
            "<h1>Your subscription has been cancelled</h1>",
            "The web edition",
            "Cancelled. You can keep reading until December 24, 2026",
            &format!("action=\"{keep}\"><button>Keep my subscription</button>"),
            "href=\"/account#subscription\"",
            "href=\"/cancel?other=true\"",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains(&cancel), "{page}");
        // Another subscription may be with another address.
        let form = ada.get("/cancel?other=true").await.text();
        assert!(form.contains("type=\"email\"") && form.contains("action=\"/cancel\""), "{form}");
        assert_eq!(location(&ada.post(&keep, "").await), "/account");
        assert!(ada.get("/cancel").await.text().contains(&cancel));
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancelled", "resumed"]);
    }
}

#[tokio::test]
async fn a_reader_who_has_withdrawn_or_is_too_late_is_told_so() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let form = format!("name=Ada+Example&subscription-{}=yes", number(&paper).await);
    let done = ada.post(OWN, &form).await.text();
    assert!(done.contains("href=\"/account\">Your account</a>"), "{done}");
    assert!(done.contains("href=\"/\">Go to the front page</a>"), "{done}");
    for path in ["/withdraw", "/cancel"] {
        let page = ada.get(path).await.text();
        assert!(page.contains("<h1>You’ve withdrawn from the contract</h1>"), "{path}: {page}");
        assert!(page.contains("You withdrew from the contract on November 24, 2026"), "{page}");
        assert!(page.contains("href=\"/offers\"") && page.contains("href=\"/\""), "{page}");
    }
    buy(&mut ada, "web-monthly", "good", "/").await;
    paper.go_to("2026-12-20T09:00:00Z").await;
    let page = ada.get("/withdraw").await.text();
    assert!(page.contains("You can’t withdraw from this contract any more."), "{page}");
    let cancel = format!("/account/subscriptions/{}/cancellation", number(&paper).await);
    assert!(page.contains(&format!("action=\"{cancel}\"")), "{page}");
    let form = ada.get("/withdraw?other=true").await.text();
    assert!(form.contains("action=\"/withdraw\""), "{form}");
}

#[tokio::test]
async fn a_stranger_who_has_withdrawn_finds_a_way_out() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    stranger.post("/withdraw", "email=ada%40example.org&name=Ada+Example").await;
    paper.site.finish_background_work().await;
    let path = link(&latest(&paper, ADA, "withdrawal").await).replace("https://paper.example", "");
    let form = format!("name=Ada+Example&subscription-{}=yes", number(&paper).await);
    let done = stranger.post(&path, &form).await;
    assert_eq!(done.status, StatusCode::OK);
    let done = done.text();
    let main = done.split("<main").nth(1).and_then(|rest| rest.split("</main>").next());
    let main = main.expect("a page");
    assert!(main.contains("href=\"/\"") && main.contains("href=\"/offers\""), "{main}");
}

#[tokio::test]
async fn a_reader_without_a_subscription_gets_the_forms() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    for path in ["/cancel", "/withdraw"] {
        let page = ada.get(path).await.text();
        assert!(page.contains(&format!("action=\"{path}\"")), "{path}: {page}");
        assert!(page.contains("type=\"email\""), "{path}: {page}");
    }
}
