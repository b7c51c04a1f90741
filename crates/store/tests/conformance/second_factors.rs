//! Second factors: each code works once, on whichever server.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Digest, Session, staff::Role};
use masthead_store::{DeviceHistory, Location, Store};
use sea_orm::{ConnectionTrait, Statement};

use crate::{connect, open};

on_both_engines!(
    a_time_step_is_used_once_and_none_before_it,
    an_app_is_confirmed_once_and_not_replaced_then,
    a_recovery_code_is_used_once,
    the_secret_is_sealed,
    roles_that_need_a_factor_are_recorded,
    a_device_is_new_once,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

async fn account(store: &Store, address: &str) -> AccountId {
    let email = address.parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0.id
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
    assert!(!store.use_authenticator_step(ada, 1).await.expect("asked"), "not confirmed");
    let codes = [Digest([1; 32]), Digest([2; 32])];
    assert!(store.confirm_authenticator(ada, 7, &codes).await.expect("confirmed"));
    ada
}

async fn a_time_step_is_used_once_and_none_before_it(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    for used in [6, 7] {
        assert!(!store.use_authenticator_step(ada, used).await.expect("asked"), "{used}");
    }
    let claim = |store: Store| async move { store.use_authenticator_step(ada, 8).await };
    assert_eq!(times(location, claim).await, 1);
}

async fn an_app_is_confirmed_once_and_not_replaced_then(location: &Location) {
    let store = open(location).await;
    let ada = with_app(&store).await;
    assert!(!store.confirm_authenticator(ada, 9, &[]).await.expect("asked"));
    assert!(!store.begin_authenticator(ada, b"another", now()).await.expect("asked"));
    let app = store.authenticator(ada).await.expect("read").expect("there");
    assert!(app.confirmed && app.secret == b"a secret");
    let factors = store.second_factors(ada).await.expect("read");
    assert_eq!((factors.authenticator, factors.recovery_codes), (true, 2));
    assert!(store.remove_authenticator(ada).await.expect("removed"));
    assert!(!store.second_factors(ada).await.expect("read").any());
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
    assert_eq!(store.second_factors(ada).await.expect("read").recovery_codes, 1);
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
    store.require_second_factor(&[owner, support], ada, now()).await.expect("stored");
    store.require_second_factor(&[support], ada, now()).await.expect("stored");
    assert_eq!(store.roles_with_second_factor().await.expect("read"), [support]);
    let records = store.desk_records(9).await.expect("read");
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
