//! Second factors: each code works once, on whichever server.

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, Digest, Passkey, Session, staff::Role};
use masthead_store::{DeviceHistory, Email, FactorChange, Identity, Location, Store};
use rand::{SeedableRng, rngs::StdRng};
use sea_orm::{ConnectionTrait, Statement};

use crate::{connect, open, outbox::sign_in_email, staff::joined};

on_both_engines!(
    a_time_step_is_used_once_and_none_before_it,
    an_app_is_confirmed_once_and_not_replaced_then,
    a_recovery_code_is_used_once,
    recovery_codes_need_an_app,
    another_app_is_not_confirmed_with_a_code_of_this_one,
    a_code_of_a_former_app_is_not_accepted,
    passkeys_of_a_former_address_are_no_factor,
    a_secret_outlives_three_rotations,
    an_unlocked_member_of_staff_has_no_factor,
    the_secret_is_sealed,
    roles_that_need_a_factor_are_recorded,
    a_device_is_new_once,
);

/// The site's host.
const HOST: &str = "paper.example";

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

async fn account(store: &Store, address: &str) -> AccountId {
    let email = address.parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0.id
}

fn passkey(account: AccountId) -> Passkey {
    let (id, device, public) = ("a".to_owned(), String::new(), "{}".to_owned());
    let relying_party = Some(HOST.to_owned());
    Passkey { id, account, device, public, added: now(), used: None, relying_party }
}

/// How many of 200 requests at once, on two servers, were answered `true`.
async fn times<F>(location: &Location, request: impl Fn(Store) -> F) -> usize
where
    F: Future<Output = Result<bool, masthead_store::StoreError>> + Send + 'static,
{
    let servers = [open(location).await, open(location).await];
    let all: Vec<_> =
        (0..200).map(|number| tokio::spawn(request(servers[number % 2].clone()))).collect();
    let mut times = 0;
    for one in all {
        times += usize::from(one.await.expect("finished").expect("a database"));
    }
    times
}

async fn with_app(store: &Store) -> AccountId {
    let ada = account(store, "ada@example.org").await;
    assert!(store.begin_authenticator(ada, b"a secret", now()).await.expect("stored"));
    let app = store.authenticator(ada).await.expect("read").expect("there");
    assert!(!store.use_authenticator_step(ada, &app, 1).await.expect("asked"), "not confirmed");
    let codes = [Digest([1; 32]), Digest([2; 32])];
    assert!(
        store
            .confirm_authenticator(ada, &app, 7, &codes, FactorChange::alone(now()))
            .await
            .expect("confirmed")
    );
    ada
}

async fn recovery_codes_need_an_app(location: &Location) {
    let store = open(location).await;
    let ada = account(&store, "ada@example.org").await;
    let code = Digest([3; 32]);
    let refused = async || {
        let none = store.recovery_codes_digest(ada).await.expect("read");
        assert!(
            !store
                .replace_recovery_codes(ada, &none, &[code], FactorChange::alone(now()))
                .await
                .expect("asked")
        );
        assert_eq!(store.second_factors(ada, Some(HOST)).await.expect("read").recovery_codes, 0);
        assert!(!store.use_recovery_code(ada, &code).await.expect("asked"));
    };
    refused().await;
    assert!(store.add_passkey(&passkey(ada), FactorChange::alone(now())).await.expect("added"));
    refused().await;
    assert!(store.begin_authenticator(ada, b"a secret", now()).await.expect("stored"));
    refused().await;
    let app = store.authenticator(ada).await.expect("read").expect("there");
    assert!(
        store
            .confirm_authenticator(ada, &app, 7, &[], FactorChange::alone(now()))
            .await
            .expect("confirmed")
    );
    let none = store.recovery_codes_digest(ada).await.expect("read");
    assert!(
        store
            .replace_recovery_codes(ada, &none, &[code], FactorChange::alone(now()))
            .await
            .expect("stored")
    );
    // A form that is sent twice replaces them once.
    let others = [Digest([4; 32])];
    assert!(
        !store
            .replace_recovery_codes(ada, &none, &others, FactorChange::alone(now()))
            .await
            .expect("asked")
    );
    assert_ne!(store.recovery_codes_digest(ada).await.expect("read"), none);
    // Codes that an earlier version has stored are not accepted either.
    let database = connect(location).await;
    database.execute_unprepared("DELETE FROM authenticators").await.expect("deleted");
    assert!(!store.use_recovery_code(ada, &code).await.expect("asked"));
}

async fn another_app_is_not_confirmed_with_a_code_of_this_one(location: &Location) {
    let store = open(location).await;
    let ada = account(&store, "ada@example.org").await;
    assert!(store.begin_authenticator(ada, b"a secret", now()).await.expect("stored"));
    let shown = store.authenticator(ada).await.expect("read").expect("there");
    assert!(store.begin_authenticator(ada, b"another", now()).await.expect("stored"));
    assert!(
        !store
            .confirm_authenticator(ada, &shown, 7, &[], FactorChange::alone(now()))
            .await
            .expect("asked")
    );
    assert!(!store.second_factors(ada, Some(HOST)).await.expect("read").any());
}

async fn a_code_of_a_former_app_is_not_accepted(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    let verified = store.authenticator(ada).await.expect("read").expect("there");
    // Between the look at the secret and the use of the step.
    assert!(store.remove_authenticator(ada, FactorChange::alone(now())).await.expect("removed"));
    assert!(store.begin_authenticator(ada, b"another", now()).await.expect("stored"));
    let other = store.authenticator(ada).await.expect("read").expect("there");
    assert!(
        store
            .confirm_authenticator(ada, &other, 7, &[], FactorChange::alone(now()))
            .await
            .expect("confirmed")
    );
    assert!(!store.use_authenticator_step(ada, &verified, 8).await.expect("asked"));
    assert!(store.use_authenticator_step(ada, &other, 8).await.expect("used"));
}

async fn passkeys_of_a_former_address_are_no_factor(location: &Location) {
    let store = open(location).await;
    let ada = account(&store, "ada@example.org").await;
    assert!(store.add_passkey(&passkey(ada), FactorChange::alone(now())).await.expect("added"));
    let passkeys =
        async |host: Option<&str>| store.second_factors(ada, host).await.expect("read").passkeys;
    assert_eq!(passkeys(Some(HOST)).await, 1);
    assert_eq!(passkeys(Some("www.paper.example")).await, 0);
    assert_eq!(passkeys(None).await, 0, "a site at a number has none");
    // One from before that was recorded may work, so that nobody is let in without it.
    let older = Passkey { id: "b".to_owned(), relying_party: None, ..passkey(ada) };
    assert!(store.add_passkey(&older, FactorChange::alone(now())).await.expect("added"));
    assert_eq!(passkeys(Some("www.paper.example")).await, 1);
}

async fn a_secret_outlives_three_rotations(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    let mut keys = crate::keys();
    let mut rng = StdRng::seed_from_u64(2);
    let mut rotated = || {
        keys.rotate(&mut rng);
        store.clone().with_keys(&keys)
    };
    // When a code is used, and when a server starts.
    let first = rotated();
    let app = first.authenticator(ada).await.expect("read").expect("there");
    assert!(first.use_authenticator_step(ada, &app, 8).await.expect("used"));
    assert_eq!(first.reseal_authenticators().await.expect("sealed"), 0, "it is already");
    for _ in 0..3 {
        let started = rotated();
        assert_eq!(started.reseal_authenticators().await.expect("sealed"), 1);
        let app = started.authenticator(ada).await.expect("read").expect("there");
        assert_eq!(app.secret, b"a secret");
    }
    // Without either it is lost, which is not an error.
    let mut lost = rotated();
    for _ in 0..2 {
        lost = rotated();
    }
    assert!(lost.authenticator(ada).await.expect("read").is_none());
    assert_eq!(lost.reseal_authenticators().await.expect("asked"), 0);
    assert!(lost.use_recovery_code(ada, &Digest([1; 32])).await.expect("used"));
}

async fn an_unlocked_member_of_staff_has_no_factor(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    assert!(store.add_passkey(&passkey(ada), FactorChange::alone(now())).await.expect("added"));
    let session = Session::of_browser(Digest([9; 32]), ada, String::new(), now());
    store.create_session(&session).await.expect("begun");
    let account = store.account(ada).await.expect("read").expect("there");
    let told = Email {
        account: Some(ada),
        kind: "factors_removed".to_owned(),
        useful_for: None,
        ..sign_in_email("ada@example.org")
    };
    assert!(!store.unlock_staff(&account, &told, now()).await.expect("asked"), "not staff");
    assert!(store.second_factors(ada, Some(HOST)).await.expect("read").any());
    joined(&store, "ada@example.org", Role::Owner).await;
    let elsewhere = Identity { issuer: "https://id.example".into(), subject: "7".into() };
    let begin = |account| Session::of_browser(Digest([8; 32]), account, String::new(), now());
    let email = Some(&account.email);
    store
        .begin_session_by_identity(&elsewhere, email, now(), begin, |_| None)
        .await
        .expect("linked");
    assert!(store.unlock_staff(&account, &told, now()).await.expect("unlocked"));
    assert!(!store.second_factors(ada, Some(HOST)).await.expect("read").any());
    assert!(store.sessions_of(ada).await.expect("read").is_empty());
    assert_eq!(store.identities_of(ada).await.expect("read"), []);
    let entry = store.audit_log_of_staff(1).await.expect("read").remove(0);
    assert_eq!((entry.action, entry.role), (AuditAction::RemovedFactors, Some(Role::Owner)));
    assert_eq!(store.emails(1).await.expect("read")[0].kind, "factors_removed");
}

async fn a_time_step_is_used_once_and_none_before_it(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    let app = store.authenticator(ada).await.expect("read").expect("there");
    for used in [6, 7] {
        assert!(!store.use_authenticator_step(ada, &app, used).await.expect("asked"), "{used}");
    }
    let claim = |store: Store| {
        let app = app.clone();
        async move { store.use_authenticator_step(ada, &app, 8).await }
    };
    assert_eq!(times(location, claim).await, 1);
}

async fn an_app_is_confirmed_once_and_not_replaced_then(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    let app = store.authenticator(ada).await.expect("read").expect("there");
    assert!(
        !store
            .confirm_authenticator(ada, &app, 9, &[], FactorChange::alone(now()))
            .await
            .expect("asked")
    );
    assert!(!store.begin_authenticator(ada, b"another", now()).await.expect("asked"));
    assert!(app.confirmed && app.secret == b"a secret");
    let factors = store.second_factors(ada, Some(HOST)).await.expect("read");
    assert_eq!((factors.authenticator, factors.recovery_codes), (true, 2));
    assert!(store.remove_authenticator(ada, FactorChange::alone(now())).await.expect("removed"));
    assert!(!store.second_factors(ada, Some(HOST)).await.expect("read").any());
    assert!(!store.use_recovery_code(ada, &Digest([1; 32])).await.expect("asked"));
}

async fn a_recovery_code_is_used_once(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    let bob = account(&store, "bob@example.org").await;
    let code = Digest([1; 32]);
    assert!(!store.use_recovery_code(bob, &code).await.expect("asked"), "it is not his");
    let claim = |store: Store| async move { store.use_recovery_code(ada, &code).await };
    assert_eq!(times(location, claim).await, 1);
    assert_eq!(store.second_factors(ada, Some(HOST)).await.expect("read").recovery_codes, 1);
}

async fn the_secret_is_sealed(location: &Location) {
    let store = open(location).await;
    with_app(&store).await;
    let database = connect(location).await;
    let sql = "SELECT secret FROM authenticators";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.expect("read").expect("a row");
    let stored: Vec<u8> = row.try_get("", "secret").expect("bytes");
    assert!(!stored.windows(8).any(|part| part == b"a secret"));
}

async fn roles_that_need_a_factor_are_recorded(location: &Location) {
    let store = open(location).await;
    let ada = account(&store, "ada@example.org").await;
    let (owner, support) = (Role::Owner, Role::Support);
    assert!(store.require_second_factor(&[owner, support], ada, now()).await.expect("stored"));
    assert!(store.require_second_factor(&[support], ada, now()).await.expect("stored"));
    assert!(!store.require_second_factor(&[support], ada, now()).await.expect("the same"));
    assert_eq!(store.roles_with_second_factor().await.expect("read"), [support]);
    let records = store.audit_log_of_staff(9).await.expect("read");
    let actions: Vec<&str> = records.iter().map(|record| record.action.name()).collect();
    assert_eq!(actions, ["waived-factor", "required-factor", "required-factor"]);
    let session = Session::of_browser(Digest([9; 32]), ada, String::new(), now());
    store.create_session(&session).await.expect("begun");
    let later = now() + jiff::SignedDuration::from_mins(5);
    store.strengthen_session(&session.key, later).await.expect("stored");
    let strong = Session { confirmed: later, second_factor: true, ..session };
    assert_eq!(store.session(&strong.key).await.expect("read"), Some(strong));
}

async fn a_device_is_new_once(location: &Location) {
    let store = open(location).await;
    let ada = account(&store, "ada@example.org").await;
    let bob = account(&store, "bob@example.org").await;
    let sign_in = async |account, device: u8| {
        let device = Digest([device; 32]);
        store.recognize_device(account, &device, now()).await.expect("recorded")
    };
    assert_eq!(sign_in(ada, 1).await, DeviceHistory::First);
    assert_eq!(sign_in(ada, 1).await, DeviceHistory::Known);
    assert_eq!(sign_in(ada, 2).await, DeviceHistory::New);
    assert_eq!(sign_in(ada, 2).await, DeviceHistory::Known);
    assert_eq!(sign_in(bob, 1).await, DeviceHistory::First, "another account");
}
