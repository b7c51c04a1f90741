//! Signing in by passkey and OpenID Connect.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, Digest, Passkey, Session, passkey::CHALLENGE_LIFETIME};
use masthead_store::{
    AddressChangeResult, FactorChange, Identity, IdentitySignIn, Location, PasskeyUse,
    SessionProof, Store,
};

use crate::{change_address, open, races::at_once};

on_both_engines!(
    a_challenge_is_answered_once_and_in_time,
    passkeys_are_kept_used_and_removed_by_their_account_alone,
    an_identity_stays_with_its_account,
    a_new_address_and_removal_take_identities_back,
    an_identity_that_is_linked_many_times_at_once_has_one_account,
    no_identity_is_linked_by_an_address_that_is_changed_at_the_same_moment,
    a_deleted_account_cannot_sign_in_again,
);

const ADA: &str = "ada@example.org";

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn passkey(id: &str, account: AccountId) -> Passkey {
    let (device, public) = ("Firefox, Linux".into(), "{}".into());
    let (id, added) = (id.into(), now());
    Passkey { id, account, device, public, added, used: None, relying_party: None }
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: "https://id.example".into(), subject: subject.into() }
}

/// Signs in with an account elsewhere that has this verified address.
async fn sign_in(
    store: &Store,
    identity: &Identity,
    verified: Option<&str>,
    key: u8,
) -> IdentitySignIn {
    let verified = verified.map(|email| email.parse().expect("an address"));
    let session = |account| Session::of_browser(Digest([key; 32]), account, String::new(), now());
    let signed_in = store
        .begin_session_by_identity(identity, verified.as_ref(), now(), session, |_| None)
        .await;
    signed_in.expect("a database")
}

/// Returns the account of a session that was begun, and whether the account elsewhere was linked by this.
fn begun(result: IdentitySignIn) -> (AccountId, bool) {
    match result {
        IdentitySignIn::Begun { account, is_linked, .. } => (account.id, is_linked),
        other => panic!("{other:?}"),
    }
}

/// Two accounts.
async fn readers(store: &Store) -> (AccountId, AccountId) {
    let mut ids = Vec::new();
    for address in [ADA, "bob@example.org"] {
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
    assert!(store.add_passkey(&passkey("a", ada), FactorChange::alone(now())).await.expect("kept"));
    assert!(
        !store.add_passkey(&passkey("a", bob), FactorChange::alone(now())).await.expect("known")
    );
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
    assert!(!store.remove_passkey(bob, "a", FactorChange::alone(now())).await.expect("nothing"));
    assert_eq!(store.passkeys_of(ada).await.expect("read"), std::slice::from_ref(&known));
    assert!(store.remove_passkey(ada, "a", FactorChange::alone(now())).await.expect("removed"));
    assert!(!begin(3, &known).await, "it was removed after it was verified");
    assert_eq!(store.sessions_of(ada).await.expect("read").len(), 1);
    assert_eq!(store.passkey("a").await.expect("read"), None);
}

async fn an_identity_stays_with_its_account(location: &Location) {
    let store = open(location).await;
    let (ada, _) = readers(&store).await;
    let linked = identity("7");
    assert_eq!(store.account_of_identity(&linked).await.expect("read"), None);
    assert_eq!(sign_in(&store, &linked, None, 1).await, IdentitySignIn::Unverified);
    assert_eq!(begun(sign_in(&store, &linked, Some(ADA), 2).await), (ada, true));
    // It is known, whatever address it has by now.
    assert_eq!(begun(sign_in(&store, &linked, Some("bob@example.org"), 3).await), (ada, false));
    assert_eq!(begun(sign_in(&store, &linked, None, 4).await), (ada, false));
    let other = Identity { issuer: "https://other.example".into(), ..linked.clone() };
    assert_eq!(store.account_of_identity(&other).await.expect("read"), None);
    assert_eq!(store.identities_of(ada).await.expect("read"), [linked]);
    assert_eq!(store.sessions_of(ada).await.expect("read").len(), 3);
}

async fn a_new_address_and_removal_take_identities_back(location: &Location) {
    let store = open(location).await;
    let (ada, bob) = readers(&store).await;
    for subject in ["7", "8"] {
        begun(sign_in(&store, &identity(subject), Some(ADA), 1 + subject.as_bytes()[0]).await);
    }
    assert!(
        !store
            .remove_identity(bob, &identity("7"), FactorChange::alone(now()))
            .await
            .expect("not theirs")
    );
    assert!(
        store
            .remove_identity(ada, &identity("7"), FactorChange::alone(now()))
            .await
            .expect("removed")
    );
    assert!(
        !store
            .remove_identity(ada, &identity("7"), FactorChange::alone(now()))
            .await
            .expect("gone")
    );
    assert_eq!(store.identities_of(ada).await.expect("read"), [identity("8")]);

    let email = "ada@example.com".parse().expect("an address");
    let moved = change_address(&store, ada, &email, None, now()).await;
    assert!(matches!(moved, AddressChangeResult::Changed(_)));
    assert_eq!(store.identities_of(ada).await.expect("read"), []);
    let (stranger, is_linked) = begun(sign_in(&store, &identity("8"), Some(ADA), 9).await);
    assert!(stranger != ada && is_linked, "an account of its own");
    assert!(store.sessions_of(ada).await.expect("read").is_empty());
}

async fn an_identity_that_is_linked_many_times_at_once_has_one_account(location: &Location) {
    let store = open(location).await;
    let results = at_once(20, |number| {
        let store = store.clone();
        let address = if number % 2 == 0 { ADA } else { "bob@example.org" };
        let [_, key] = number.to_be_bytes();
        async move { Ok(sign_in(&store, &identity("7"), Some(address), key).await) }
    });
    let accounts: Vec<AccountId> = results
        .await
        .into_iter()
        .filter(|result| *result != IdentitySignIn::Superseded)
        .map(|result| begun(result).0)
        .collect();
    let linked = store.account_of_identity(&identity("7")).await.expect("read");
    assert!(!accounts.is_empty() && accounts.iter().all(|account| Some(*account) == linked));
    let sessions = store.sessions_of(accounts[0]).await.expect("read");
    assert_eq!(sessions.len(), accounts.len());
}

async fn no_identity_is_linked_by_an_address_that_is_changed_at_the_same_moment(
    location: &Location,
) {
    let store = open(location).await;
    for round in 0..20_u8 {
        let old = format!("ada{round}@example.org");
        let address = old.parse().expect("an address");
        let (ada, _) = store.register(&address, now()).await.expect("registered");
        let new = format!("ada{round}@example.com").parse().expect("an address");
        // Several at once, so that one of them often finds the account just before it moves.
        let subjects = [0, 1, 2, 3].map(|n| (identity(&format!("{round}-{n}")), round * 4 + n));
        let [first, second, third, fourth] =
            subjects.each_ref().map(|(subject, key)| sign_in(&store, subject, Some(&old), *key));
        let change = change_address(&store, ada.id, &new, None, now());
        let (moved, ..) = tokio::join!(change, first, second, third, fourth);
        assert!(matches!(moved, AddressChangeResult::Changed(_)));
        assert_eq!(store.identities_of(ada.id).await.expect("read"), []);
        assert_eq!(store.sessions_of(ada.id).await.expect("read"), []);
    }
}

async fn a_deleted_account_cannot_sign_in_again(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, now()).await.expect("registered");
    store.add_passkey(&passkey("a", ada.id), FactorChange::alone(now())).await.expect("kept");
    begun(sign_in(&store, &identity("7"), Some(ADA), 1).await);
    store.delete_account(&ada, now()).await.expect("deleted");
    assert_eq!(store.passkey("a").await.expect("read"), None);
    assert_eq!(store.account_of_identity(&identity("7")).await.expect("read"), None);
}
