//! With nothing but the database nobody can sign in as a reader, or act for one.

use http::StatusCode;

use crate::{
    api,
    newspaper::{Browser, Newspaper},
    post::{ask, code, latest, link},
    shop::ADA,
};

/// The secret at the end of a link.
fn secret(link: &str) -> String {
    link.rsplit('/').next().expect("a secret").to_owned()
}

/// Checks that none of the secrets is in a column of any table, nor in the files of an SQLite database: in what was
/// deleted, or in its log.
async fn assert_nowhere(paper: &Newspaper, secrets: &[String]) {
    for secret in secrets {
        let found = paper.store.columns_with(secret).await.expect("searched");
        assert_eq!(found, [""; 0], "{secret}");
    }
    for name in ["masthead.db", "masthead.db-wal"] {
        let Ok(bytes) = std::fs::read(paper.folder.path().join(name)) else { continue };
        // A code of six digits may be found by chance among so many bytes.
        for secret in secrets.iter().filter(|secret| secret.len() > 6) {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {name}");
        }
    }
}

/// The cookies of a browser that are secrets: the session, and the device that has asked to sign in.
fn cookies(browser: &Browser) -> Vec<String> {
    browser.jar.values().filter(|value| value.len() == 43).cloned().collect()
}

#[tokio::test]
async fn secrets_are_nowhere_in_the_database() {
    for paper in Newspaper::on_both().await {
        let mut ada = paper.browser();
        let mail = ask(&paper, &mut ada, ADA, "/").await;
        let mut secrets = vec![secret(&link(&mail)), code(&mail)];
        assert_eq!(secrets[0].len(), 43, "256 bits");
        assert_nowhere(&paper, &secrets).await;
        assert_eq!(ada.get(&link(&mail)).await.status, StatusCode::SEE_OTHER);
        secrets.extend(cookies(&ada));

        ada.post("/account/address", "email=ada%40example.com").await;
        for to in [ADA, "ada@example.com"] {
            secrets.push(secret(&link(&latest(&paper, to, "address").await)));
        }

        let mut app = paper.browser();
        let (device_code, user_code) = api::ask_in(&mut app).await;
        secrets.extend([device_code.clone(), user_code.clone()]);
        assert_nowhere(&paper, &secrets).await;
        ada.post("/sign-in/app", &format!("code={user_code}&answer=yes")).await;
        let granted = api::token(&mut app, &device_code).await;
        secrets.push(granted["access_token"].as_str().expect("a token").to_owned());

        ada.post("/account/following/feed", "").await;
        let page = ada.get("/account/following").await.text();
        let feed = page.split("/following/").find(|part| part.contains("/feed.xml"));
        secrets.push(feed.expect("an address")[..43].to_owned());

        ada.post("/account/passkeys/challenge", "").await;
        secrets.sort();
        secrets.dedup();
        assert!(secrets.len() >= 8, "{secrets:?}");
        assert_nowhere(&paper, &secrets).await;
    }
}
