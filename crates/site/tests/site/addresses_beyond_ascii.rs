//! Addresses that no email reaches, because the relay takes only ASCII before the @.

use http::StatusCode;
use masthead_store::Location;

use crate::{
    newspaper::Newspaper,
    post::sign_in,
    shop::{ADA, sells},
};

/// `jörg@example.org`
const JORG: &str = "email=j%C3%B6rg%40example.org&from=/";

#[tokio::test]
async fn a_form_says_that_no_email_reaches_an_address_and_creates_nothing() {
    let postgres = Location::Postgres(masthead_test_support::postgres::database());
    for paper in [Newspaper::with(sells).await, Newspaper::open(sells, Some(postgres)).await] {
        let mut ada = paper.browser();
        sign_in(&paper, &mut ada, ADA, "/").await;
        let before = paper.store.emails(99).await.expect("emails").len();
        let mut guest = paper.browser();
        for (path, is_reader) in [
            ("/register", false),
            ("/sign-in", false),
            ("/checkout/winter/sign-in", false),
            ("/account/address", true),
        ] {
            let browser = if is_reader { &mut ada } else { &mut guest };
            let answer = browser.post(path, JORG).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            let page = answer.text();
            assert!(page.contains("We can’t send email to this address"), "{path}: {page}");
            assert!(page.contains("value=\"jörg@example.org\""), "{path}: {page}");
        }
        assert_eq!(paper.store.emails(99).await.expect("emails").len(), before);
        let jorg = "jörg@example.org".parse().expect("an address");
        assert!(paper.store.account_at(&jorg).await.expect("asked").is_none());
        // A domain in another script has a spelling in ASCII.
        let domain = "email=ada%40b%C3%BCcher.example&from=/";
        assert_eq!(guest.post("/register", domain).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_relay_that_takes_such_addresses_gets_them() {
    let paper = Newspaper::with(|publication| publication.addresses.smtputf8 = true).await;
    let mut jorg = paper.browser();
    assert_eq!(jorg.post("/register", JORG).await.status, StatusCode::SEE_OTHER);
    assert_eq!(paper.store.emails(9).await.expect("emails").len(), 1);
}
