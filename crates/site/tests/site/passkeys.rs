//! Passkeys, as far as that goes without a device: what is asked for, and what is not believed.

use http::StatusCode;
use masthead_circulation::Passkey;
use masthead_store::FactorChange;

use crate::{
    newspaper::{Browser, Newspaper},
    post::sign_in,
    shop::ADA,
};

async fn challenge(browser: &mut Browser, path: &str) -> serde_json::Value {
    let asked = browser.post(&format!("{path}/challenge"), "").await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    assert_eq!(asked.header("cache-control"), Some("private, no-store"));
    serde_json::from_str(&asked.text()).expect("JSON")
}

#[tokio::test]
async fn a_device_is_asked_to_make_a_key_for_this_site() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    let refused = ada.post("/account/passkeys/challenge", "").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.text(), r#"{"to":"/sign-in"}"#, "the script leads there");
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert!(ada.get("/account").await.text().contains("Add a passkey"));
    let asked = challenge(&mut ada, "/account/passkeys").await;
    let options = &asked["options"]["publicKey"];
    assert_eq!(options["rp"]["id"], "paper.example");
    assert_eq!(options["user"]["name"], ADA);
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
}

#[tokio::test]
async fn challenges_are_limited() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let mut refused = 0;
    for _ in 0..150 {
        let asked = ada.post("/account/passkeys/challenge", "").await;
        refused += usize::from(asked.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 0, "each is a row until it expires");
}

#[tokio::test]
async fn what_no_device_has_answered_opens_nothing() {
    let paper = Newspaper::new().await;
    let mut stranger = paper.browser();
    assert!(stranger.get("/sign-in").await.text().contains("Sign in with a passkey"));
    let asked = challenge(&mut stranger, "/sign-in/passkey").await;
    let secret = asked["challenge"].as_str().expect("a secret");
    let forged = r#"{"id":"YQ","rawId":"YQ","type":"public-key","response":{"authenticatorData":"YQ","clientDataJSON":"YQ","signature":"YQ"},"clientExtensionResults":{}}"#;
    for (challenge, answer) in
        [(secret, forged), (secret, forged), ("x", forged), (secret, "{}"), ("", "")]
    {
        let form = format!("challenge={challenge}&answer={answer}&from=/");
        let refused = stranger.post("/sign-in/passkey", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!((refused.text().as_str(), refused.header("set-cookie")), ("{}", None));
    }
    let elsewhere = paper.browser().sending("sec-fetch-site", "cross-site");
    for path in ["/sign-in/passkey", "/sign-in/passkey/challenge", "/account/passkeys"] {
        let refused = elsewhere.clone().post(path, "challenge=a&answer=b").await;
        assert!(refused.status.is_client_error(), "{path}: {}", refused.status);
    }
}

#[tokio::test]
async fn a_site_at_an_ip_address_has_no_passkeys() {
    let numbered = Newspaper::with(|publication| {
        publication.address = "http://192.0.2.7".to_owned();
    });
    let paper = numbered.await;
    let mut reader = paper.browser();
    assert!(!reader.get("/sign-in").await.text().contains("passkey"));
    let refused = reader.post("/sign-in/passkey/challenge", "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_passkey_of_a_former_address_is_said_not_to_work() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let email = ADA.parse().expect("an address");
    let account = paper.store.account_at(&email).await.expect("asked").expect("there").id;
    let says_so = async |id: &str, host: &str, ada: &mut Browser| {
        let passkey = Passkey {
            id: id.to_owned(),
            account,
            device: "Firefox".to_owned(),
            public: "{}".to_owned(),
            added: paper.now(),
            used: None,
            relying_party: Some(host.to_owned()),
        };
        assert!(
            paper
                .store
                .add_passkey(&passkey, FactorChange::alone(passkey.added))
                .await
                .expect("added")
        );
        ada.get("/account").await.text().contains("made for another address")
    };
    assert!(!says_so("a", "paper.example", &mut ada).await);
    assert!(says_so("b", "old.example", &mut ada).await);
}
