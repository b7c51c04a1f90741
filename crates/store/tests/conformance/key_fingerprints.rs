//! Which keys the servers of a publication have.

use masthead_access::token::Keyring;
use masthead_store::{KeyAgreement, Store};
use sea_orm::{ConnectionTrait, Statement};

use crate::{connect, keys, open};

on_both_engines!(
    a_server_with_other_keys_is_recognized,
    a_database_that_was_used_needs_its_keys,
    an_account_needs_the_keys,
);

async fn a_server_with_other_keys_is_recognized(location: &masthead_store::Location) {
    let store = open(location).await;
    let first = keys();
    let mut rotated = first.clone();
    rotated.rotate(&mut rand::rng());
    let other = Keyring::generate(&mut rand::rng());
    let agree = async |keyring: &Keyring| store.register_keys(keyring).await.expect("compared");
    assert_eq!(agree(&first).await, KeyAgreement::Same);
    assert_eq!(agree(&first).await, KeyAgreement::Same);
    assert_eq!(agree(&other).await, KeyAgreement::Foreign);
    assert_eq!(agree(&rotated).await, KeyAgreement::Same, "the newest of before is among them");
    assert_eq!(agree(&first).await, KeyAgreement::Behind);
    let mut apart = first.clone();
    apart.rotate(&mut rand::rng());
    assert_eq!(agree(&apart).await, KeyAgreement::Apart, "both were rotated");
    assert_eq!(agree(&rotated).await, KeyAgreement::Same, "the publication keeps its keys");
    assert_eq!(store.key_agreement(&rotated).await.expect("compared"), KeyAgreement::Same);
    assert_eq!(store.key_agreement(&other).await.expect("compared"), KeyAgreement::Foreign);
    // No key can be told from what is stored.
    let database = connect(location).await;
    let sql = "SELECT key_fingerprints FROM edition";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.expect("asked").expect("a row");
    let stored: String = row.try_get_by_index(0).expect("a text");
    assert_eq!(stored.split(' ').count(), 3, "two that seal and one of digests: {stored}");
    let sealing = rotated.keys().iter().map(|key| key.secret);
    for secret in sealing.chain(rotated.digest_keys().iter().copied()) {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!stored.contains(&hex[..16]));
    }
    let mut replaced = rotated.clone();
    replaced.replace_digest_keys(&mut rand::rng());
    assert_eq!(agree(&replaced).await, KeyAgreement::OtherDigests, "it was not noted");
    assert_eq!(store.replace_digest_key(&replaced).await.expect("noted"), 0);
    assert_eq!(agree(&replaced).await, KeyAgreement::Same);
    assert_eq!(agree(&rotated).await, KeyAgreement::OtherDigests);
    store.forget_keys().await.expect("forgotten");
    assert_eq!(agree(&other).await, KeyAgreement::Same);
}

async fn a_database_that_was_used_needs_its_keys(location: &masthead_store::Location) {
    let needs = async || Store::needs_keys(location).await.expect("asked");
    assert!(!needs().await, "there is none");
    let store = open(location).await;
    assert!(!needs().await, "it is new");
    store.register_keys(&keys()).await.expect("noted");
    assert!(needs().await && store.has_had_keys().await.expect("asked"));
    store.forget_keys().await.expect("forgotten");
    assert!(!needs().await);
}

async fn an_account_needs_the_keys(location: &masthead_store::Location) {
    let store = open(location).await;
    store
        .register(&"ada@example.org".parse().expect("an address"), jiff::Timestamp::now())
        .await
        .expect("registered");
    assert!(Store::needs_keys(location).await.expect("asked"));
}
