//! Signing in by passkey and OpenID Connect.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, Digest, Passkey, Session, passkey::CHALLENGE_LIFETIME};
use masthead_store::{Identity, Location, PasskeyUse, SessionProof};

use crate::open;

on_both_engines!(
    a_challenge_is_answered_once_and_in_time,
    passkeys_are_kept_used_and_removed_by_their_account_alone,
    an_identity_stays_with_its_account,
    a_deleted_account_cannot_sign_in_again,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn passkey(id: &str, account: AccountId) -> Passkey {
    let (device, public) = ("Firefox, Linux".into(), "{}".into());
    let (id, added) = (id.into(), now());
    Passkey { id, account, device, public, added, used: None, relying_party: None }
}

/// Two accounts.
async fn readers(store: &masthead_store::Store) -> (AccountId, AccountId) {
    let mut ids = Vec::new();
    for address in ["ada@example.org", "bob@example.org"] {
        let email = address.parse().expect("an address");
        ids.push(store.register(&email, now()).await.expect("registered").0.id);
    }
    (ids[0], ids[1])
}

async fn a_challenge_is_answered_once_and_in_time(location: &Location) {
    let store = open(location).await;
    let (first, second) = (Digest([1; 32]), Digest([2; 32]));
    store.create_challenge(&first, "asked", now()).await.expect("kept");
    let redemptions = (0..50).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.consume_challenge(&first, now()).await })
    });
    let mut taken = 0;
    for taker in redemptions.collect::<Vec<_>>() {
        taken += usize::from(taker.await.expect("ran").expect("asked").is_some());
    }
    assert_eq!(taken, 1);
    store.create_challenge(&second, "asked", now()).await.expect("kept");
    assert_eq!(
        store.consume_challenge(&second, now() + CHALLENGE_LIFETIME).await.expect("asked"),
        None
    );
    assert_eq!(store.consume_challenge(&second, now()).await.expect("asked"), None, "it is gone");
}

async fn passkeys_are_kept_used_and_removed_by_their_account_alone(location: &Location) {
    let store = open(location).await;
    let (ada, bob) = readers(&store).await;
    assert!(store.add_passkey(&passkey("a", ada)).await.expect("kept"));
    assert!(!store.add_passkey(&passkey("a", bob)).await.expect("known"));
    let later = now() + SignedDuration::from_hours(1);
    let host = Some("paper.example".to_owned());
    let after = PasskeyUse { public: "{1}".into(), relying_party: "paper.example".into() };
    let verified = passkey("a", ada);
    let begin = async |key: u8, verified: &Passkey| {
        let session = Session::of_browser(Digest([key; 32]), ada, String::new(), later);
        let proof = SessionProof::Passkey(verified, &after);
        store.begin_session(&session, proof).await.expect("asked")
    };
    assert!(begin(1, &verified).await);
    let known = store.passkey("a").await.expect("read").expect("there");
    let used = Passkey { used: Some(later), public: "{1}".into(), ..passkey("a", ada) };
    assert_eq!(known, Passkey { relying_party: host, ..used });
    assert!(!begin(2, &verified).await, "the passkey has another state by now");
    assert!(!store.remove_passkey(bob, "a", now()).await.expect("nothing"));
    assert_eq!(store.passkeys_of(ada).await.expect("read"), std::slice::from_ref(&known));
    assert!(store.remove_passkey(ada, "a", now()).await.expect("removed"));
    assert!(!begin(3, &known).await, "it was removed after it was verified");
    assert_eq!(store.sessions_of(ada).await.expect("read").len(), 1);
    assert_eq!(store.passkey("a").await.expect("read"), None);
}

async fn an_identity_stays_with_its_account(location: &Location) {
    let store = open(location).await;
    let issuer = "https://id.example";
    let (ada, bob) = readers(&store).await;
    assert_eq!(store.account_of_identity(issuer, "7").await.expect("read"), None);
    store.link_identity(issuer, "7", ada, now()).await.expect("kept");
    store.link_identity(issuer, "7", bob, now()).await.expect("known");
    assert_eq!(store.account_of_identity(issuer, "7").await.expect("read"), Some(ada));
    assert_eq!(store.account_of_identity("https://other.example", "7").await.expect("read"), None);
    let linked = Identity { issuer: issuer.into(), subject: "7".into() };
    assert_eq!(store.identities_of(ada).await.expect("read"), [linked]);
}

async fn a_deleted_account_cannot_sign_in_again(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, now()).await.expect("registered");
    store.add_passkey(&passkey("a", ada.id)).await.expect("kept");
    store.link_identity("https://id.example", "7", ada.id, now()).await.expect("kept");
    store.delete_account(&ada, now()).await.expect("deleted");
    assert_eq!(store.passkey("a").await.expect("read"), None);
    assert_eq!(store.account_of_identity("https://id.example", "7").await.expect("read"), None);
}
