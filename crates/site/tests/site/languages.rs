//! A publication in another language is that from its first start.

use masthead_access::{
    Window,
    message::{Locale, Messages},
};

use crate::{
    newspaper::Newspaper,
    post::{kinds, latest, sign_in},
    shop::{ADA, sells},
};

#[tokio::test]
async fn a_german_paper_speaks_german_on_its_pages_in_its_messages_and_by_mail() {
    let paper = Newspaper::with(|publication| {
        sells(publication);
        publication.locale = Locale::new("de-AT").expect("a locale").into();
        publication.messages =
            Messages::built_in(true, Window::Month, publication.locale.language());
    })
    .await;
    paper.publish_metered("abcd").await;
    let mut ada = paper.browser();
    let first = ada.get("/news/a").await.text();
    assert!(first.contains(r#"<html lang="de-AT""#), "{first}");
    assert!(first.contains("Sie haben in diesem Monat noch 2 freie Artikel."), "{first}");
    assert!(
        ada.get("/news/b")
            .await
            .text()
            .contains("Sie haben in diesem Monat noch 1 freien Artikel.")
    );
    ada.get("/news/c").await;
    let wall = ada.get("/news/d").await.text();
    assert!(wall.contains("Mit einem kostenlosen Konto weiterlesen"), "{wall}");
    assert!(wall.contains("Das Angebot gilt bis zum 31. J\u{e4}nner 2027."), "{wall}");

    sign_in(&paper, &mut ada, ADA, "/").await;
    let email = latest(&paper, ADA, "sign-in").await;
    assert_eq!(email.subject, "Anmeldung bei The Paper");
    assert!(email.html.contains(r#"lang="de-AT""#), "{}", email.html);
    ada.post("/checkout/trial", "from=/").await;
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun"]);
    let email = latest(&paper, ADA, "trial_begun").await;
    assert!(email.text.contains("Bis zum 8. Dezember 2026 können Sie mit"), "{}", email.text);
    let account = ada.get("/account").await.text();
    assert!(account.contains("Ihr Probeabo l\u{e4}uft bis zum 8. Dezember 2026"), "{account}");
}

#[tokio::test]
async fn every_language_says_how_many_more_articles_an_account_gives() {
    let walls = [
        ("en-GB", "read 2 more articles this month."),
        ("fr", "lisez encore 2 articles ce mois-ci."),
        ("es", "lea 2 artículos más este mes."),
        ("nl", "lees deze maand nog 2 artikelen."),
        ("pl", "przeczytaj jeszcze 2 artykuły w tym miesiącu."),
        ("ja", "今月あと2本の記事をお読みいただけます。"),
    ];
    for (tag, promise) in walls {
        let paper = Newspaper::with(|publication| {
            sells(publication);
            publication.locale = Locale::new(tag).expect("a locale").into();
            let language = publication.locale.language();
            publication.messages = Messages::built_in(true, Window::Month, language);
        })
        .await;
        paper.publish_metered("abcd").await;
        let mut reader = paper.browser();
        for slug in ["a", "b", "c"] {
            reader.get(&format!("/news/{slug}")).await;
        }
        let wall = reader.get("/news/d").await.text();
        assert!(wall.contains(promise), "{tag}: {wall}");
        assert!(wall.contains(&format!(r#"<html lang="{tag}""#)), "{tag}: {wall}");
    }
}
