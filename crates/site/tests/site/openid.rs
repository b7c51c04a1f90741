//! Signing in with an account elsewhere, at a provider that can be talked to.

use http::StatusCode;
use masthead_identity::openid::Provider;
use masthead_store::Location;
use masthead_test_support::provider::{CLIENT, ProviderDouble, SECRET};

use crate::{
    newspaper::{Browser, Newspaper, Reply},
    post::{TO_ACCOUNT, kinds, latest, link, sign_in},
    shop::{ADA, location},
};

async fn paper(double: &ProviderDouble, database: Option<Location>) -> Newspaper {
    let provider = Provider {
        slug: "guild".to_owned(),
        name: "The Guild".to_owned(),
        issuer: double.issuer(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
    };
    let paper =
        Newspaper::open_with(|_| {}, database, |settings| settings.openid = vec![provider]).await;
    paper.publish_metered("abc").await;
    paper
}

fn encoded(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F")
}

/// Goes to the provider and comes back with what it says: the path of the answer.
async fn away(browser: &mut Browser, from: &str) -> String {
    let there = location(&browser.get(&format!("/sign-in/openid/guild?from={from}")).await);
    let plain = there.strip_prefix("http://").expect("a provider");
    let (host, path) = plain.split_once('/').expect("a path");
    let host = host.to_owned();
    let path = path.to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&host).expect("a provider");
        write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    let answer = asked.await.expect("an answer");
    let line = answer.lines().find_map(|line| line.strip_prefix("location: "));
    let back = line.unwrap_or_else(|| panic!("no way back: {answer}"));
    back.strip_prefix("https://paper.example").expect("back here").to_owned()
}

async fn back(browser: &mut Browser, from: &str) -> Reply {
    let path = away(browser, from).await;
    browser.get(&path).await
}

#[tokio::test]
async fn an_account_elsewhere_signs_in_and_is_the_account_of_its_address() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    for database in [None, Some(postgres)] {
        let double = ProviderDouble::start().await;
        let paper = paper(&double, database).await;
        let mut by_letter = paper.browser();
        sign_in(&paper, &mut by_letter, ADA, "/").await;
        by_letter.get("/news/a").await;

        let mut ada = paper.browser();
        let page = ada.get("/sign-in?from=/news/b").await.text();
        assert!(page.contains("/sign-in/openid/guild?from=%2Fnews%2Fb"), "{page}");
        assert!(page.contains("Continue with The Guild"), "{page}");
        ada.get("/news/b").await;
        let reply = back(&mut ada, "/news/b").await;
        assert_eq!(location(&reply), "/news/b");
        assert!(ada.get("/account").await.text().contains(ADA));
        assert_eq!(
            ada.access("/news/c").await,
            "metered;left=2",
            "what both have read is one count"
        );

        // They are known by what the provider calls them, though the address changes there.
        double.set_behavior(|manners| manners.email = "countess@example.org".to_owned());
        let mut again = paper.browser();
        assert_eq!(location(&back(&mut again, "/").await), "/");
        assert!(again.get("/account").await.text().contains(ADA));
        let data = again.get("/account/data.json").await.text();
        assert!(data.contains("reader-7"), "{data}");
    }
}

#[tokio::test]
async fn an_account_elsewhere_is_told_listed_and_removed() {
    let double = ProviderDouble::start().await;
    let paper = paper(&double, None).await;
    let mut by_letter = paper.browser();
    sign_in(&paper, &mut by_letter, ADA, "/").await;
    assert!(!by_letter.get("/account").await.text().contains("Linked accounts"));
    let mut elsewhere = paper.browser();
    for _ in 0..2 {
        back(&mut elsewhere, "/").await;
    }
    let told = kinds(&paper, ADA).await;
    assert_eq!(told.iter().filter(|kind| *kind == "identity_linked").count(), 1, "{told:?}");
    assert!(latest(&paper, ADA, "identity_linked").await.text.contains("The Guild"));
    let page = by_letter.get("/account").await.text();
    let section = page.split_once("Linked accounts").expect("a section").1;
    assert!(section.contains("<b>The Guild</b>"), "{page}");
    assert!(section.contains(r#"name="subject" value="reader-7""#), "{page}");

    let form = |subject: &str| format!("issuer={}&subject={subject}", encoded(&double.issuer()));
    for subject in ["reader-8", "reader-7", "reader-7"] {
        let removed = by_letter.post("/account/identities/removal", &form(subject)).await;
        assert_eq!(location(&removed), "/account", "{subject}");
    }
    assert_eq!(elsewhere.get("/account").await.header("location"), Some(TO_ACCOUNT));
    assert!(!by_letter.get("/account").await.text().contains("Linked accounts"));
    let told = kinds(&paper, ADA).await;
    assert_eq!(told.iter().filter(|kind| *kind == "identity_removed").count(), 1, "{told:?}");
}

#[tokio::test]
async fn who_reads_the_former_address_signs_in_to_another_account() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    for database in [None, Some(postgres)] {
        let double = ProviderDouble::start().await;
        let paper = paper(&double, database).await;
        let mut eve = paper.browser();
        back(&mut eve, "/").await;
        let mut ada = paper.browser();
        sign_in(&paper, &mut ada, ADA, "/").await;
        ada.post("/account/address", "email=ada%40example.com").await;
        for address in [ADA, "ada@example.com"] {
            let mail = latest(&paper, address, "address").await;
            assert_eq!(ada.post(&link(&mail), "").await.status, StatusCode::OK);
        }
        assert!(ada.get("/account").await.text().contains("ada@example.com"));
        assert_eq!(eve.get("/account").await.header("location"), Some(TO_ACCOUNT));
        back(&mut eve, "/").await;
        let page = eve.get("/account").await.text();
        assert!(page.contains(ADA) && !page.contains("ada@example.com"), "{page}");
    }
}

#[tokio::test]
async fn an_answer_is_good_once_and_on_the_device_that_asked() {
    let double = ProviderDouble::start().await;
    let paper = paper(&double, None).await;
    let mut ada = paper.browser();
    let path = away(&mut ada, "/").await;
    let mut thief = paper.browser();
    assert_eq!(thief.get(&path).await.status, StatusCode::GONE);
    assert_eq!(location(&ada.get(&path).await), "/");
    let path = away(&mut ada, "https://evil.example").await;
    assert_eq!(location(&ada.get(&path).await), "/");
    assert_eq!(ada.get(&path).await.status, StatusCode::GONE);
    for forged in ["?code=1", "?code=1&state=x", "", "?state=&code="] {
        let path = format!("/sign-in/openid/guild/answer{forged}");
        assert_eq!(ada.get(&path).await.status, StatusCode::GONE, "{forged}");
    }
    assert_eq!(ada.get("/sign-in/openid/nobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn invalid_id_tokens_are_rejected() {
    let double = ProviderDouble::start().await;
    let paper = paper(&double, None).await;
    let mut ada = paper.browser();
    double.set_behavior(|manners| manners.forged = true);
    let reply = back(&mut ada, "/").await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.text().contains("We couldn’t verify that sign-in"));
    double
        .set_behavior(|manners| (manners.forged, manners.audience) = (false, "another".to_owned()));
    assert_eq!(back(&mut ada, "/").await.status, StatusCode::FORBIDDEN);
    double.set_behavior(|manners| manners.audience = CLIENT.to_owned());
    double.set_behavior(|manners| manners.nonce = Some("another".to_owned()));
    assert_eq!(back(&mut ada, "/").await.status, StatusCode::FORBIDDEN);
    double.set_behavior(|manners| manners.nonce = None);

    double.set_behavior(|manners| manners.verified = false);
    let reply = back(&mut ada, "/").await;
    assert!(reply.text().contains("Your email address isn’t confirmed there"), "{}", reply.text());
    double.set_behavior(|manners| manners.denied = true);
    assert!(back(&mut ada, "/").await.text().contains("You’re not signed in"));
    double.set_behavior(|manners| manners.down = true);
    let reply = ada.get("/sign-in/openid/guild").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ada.get("/account").await.header("location"), Some(TO_ACCOUNT));
    let email = ADA.parse().expect("an address");
    assert_eq!(paper.store.account_at(&email).await.expect("read"), None, "nobody is registered");
}
