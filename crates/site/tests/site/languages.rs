//! A publication in another language is that from its first start.

use masthead_access::message::{Locale, Messages};

use crate::{
    newspaper::Newspaper,
    post::{kinds, latest, sign_in},
    shop::{ADA, sells},
};

#[tokio::test]
async fn a_german_paper_speaks_german_on_its_pages_in_its_messages_and_by_mail() {
    let paper = Newspaper::with(|publication| {
        sells(publication);
        publication.locale = Locale::new("de-AT").expect("a locale");
        publication.messages = Messages::built_in(true, publication.locale.language());
    })
    .await;
    paper.publish_metered("abcd").await;
    let mut ada = paper.browser();
    let first = ada.get("/news/a").await.text();
    assert!(first.contains(r#"<html lang="de-AT""#), "{first}");
    assert!(first.contains("noch 2 freie Artikel."), "{first}");
    assert!(ada.get("/news/b").await.text().contains("noch 1 freien Artikel."));
    ada.get("/news/c").await;
    let wall = ada.get("/news/d").await.text();
    assert!(wall.contains("Registrieren Sie sich, um weiterzulesen."), "{wall}");
    assert!(wall.contains("wenn Sie bis zum 31. J\u{e4}nner 2027 abonnieren"), "{wall}");

    sign_in(&paper, &mut ada, ADA, "/").await;
    let email = latest(&paper, ADA, "sign-in").await;
    assert_eq!(email.subject, "Anmeldung bei The Paper");
    assert!(email.html.contains(r#"lang="de-AT""#), "{}", email.html);
    ada.post("/checkout/trial", "from=/").await;
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun"]);
    let email = latest(&paper, ADA, "trial_begun").await;
    assert!(email.text.contains("Bis zum 8. Dezember 2026 steht Ihnen alles"), "{}", email.text);
    let account = ada.get("/account").await.text();
    assert!(account.contains("Ihre Probezeit l\u{e4}uft bis zum 8. Dezember 2026."), "{account}");
}
