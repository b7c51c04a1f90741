//! A changed way to sign in, the end of the other sessions, and what tells the owner are stored together or not at all.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Digest, Passkey, Session};
use masthead_store::{Authenticator, Email, FactorChange, Identity, Location, Store, StoreError};

use crate::{open, outbox::sign_in_email};

on_both_engines!(a_changed_factor_ends_sessions_and_tells_or_does_nothing);

const HERE: Digest = Digest([1; 32]);
const ELSEWHERE: Digest = Digest([2; 32]);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

async fn sign_in_twice(store: &Store, account: AccountId) {
    store.end_sessions(account).await.expect("ended");
    for key in [HERE, ELSEWHERE] {
        let session = Session::of_browser(key, account, String::new(), now());
        store.create_session(&session).await.expect("begun");
    }
}

/// The number of sessions, and of emails.
async fn state(store: &Store, account: AccountId) -> (usize, usize) {
    let sessions = store.sessions_of(account).await.expect("read").len();
    (sessions, store.emails(99).await.expect("read").len())
}

/// What is changed, in the order in which it can be.
const CHANGES: [&str; 6] =
    ["add passkey", "remove passkey", "confirm app", "renew codes", "remove app", "unlink"];

async fn make(
    store: &Store,
    account: AccountId,
    (what, app): (&str, &Authenticator),
    change: FactorChange<'_>,
) -> Result<bool, StoreError> {
    match what {
        "add passkey" => {
            let passkey = Passkey {
                id: "a".into(),
                account,
                device: String::new(),
                public: "{}".into(),
                added: now(),
                used: None,
                relying_party: None,
            };
            store.add_passkey(&passkey, change).await
        }
        "remove passkey" => store.remove_passkey(account, "a", change).await,
        "confirm app" => {
            store.confirm_authenticator(account, app, 7, &[Digest([7; 32])], change).await
        }
        "renew codes" => {
            let before = store.recovery_codes_digest(account).await?;
            store.replace_recovery_codes(account, &before, &[Digest([8; 32])], change).await
        }
        "remove app" => store.remove_authenticator(account, change).await,
        _ => store.remove_identity(account, &elsewhere(), change).await,
    }
}

fn elsewhere() -> Identity {
    Identity { issuer: "https://id.example".into(), subject: "7".into() }
}

async fn a_changed_factor_ends_sessions_and_tells_or_does_nothing(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let ada = store.register(&email, now()).await.expect("registered").0.id;
    let begin = |account| Session::of_browser(Digest([8; 32]), account, String::new(), now());
    let tell = |_: &_| Some(sign_in_email("ada@example.org"));
    let identity = elsewhere();
    let linked = store.begin_session_by_identity(&identity, Some(&email), now(), begin, tell);
    linked.await.expect("linked");
    assert_eq!(state(&store, ada).await, (1, 1), "the owner is told of what was linked");
    assert!(store.begin_authenticator(ada, b"a secret", now()).await.expect("stored"));
    // Its secret is opened with keys only.
    let app = store.authenticator(ada).await.expect("read").expect("an app");
    // Without keys no email can be stored.
    let cannot_tell = Store::open(location).await.expect("a database");
    let told: [Email; 1] = [sign_in_email("ada@example.org")];
    for what in CHANGES {
        sign_in_twice(&store, ada).await;
        let before = state(&store, ada).await;
        let change = FactorChange { by: Some(&HERE), emails: &told, at: now() };
        let failed = make(&cannot_tell, ada, (what, &app), change).await;
        assert!(failed.is_err(), "{what}: {failed:?}");
        assert_eq!(state(&store, ada).await, before, "{what}: nothing has happened");
        assert!(make(&store, ada, (what, &app), change).await.expect("made"), "{what}: as before");
        assert_eq!(state(&store, ada).await, (1, before.1 + 1), "{what}");
        assert_eq!(store.sessions_of(ada).await.expect("read")[0].key, HERE, "{what}");
    }
}
