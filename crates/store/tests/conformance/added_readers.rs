//! Readers whom staff add with a subscription: both is stored, or nothing.

use jiff::Timestamp;
use masthead_circulation::{Account, AuditAction, EmailAddress, PaymentNumber, Subscription};
use masthead_store::{
    AddedReader, AppliedPayment, AuditQuery, Location, NewSubscription, Store, StoreError,
};

use crate::{
    open,
    races::at_once,
    subscriptions::{begun, bought, now, reader},
};

on_both_engines!(
    a_reader_is_added_with_everything,
    what_cannot_be_composed_stores_no_reader,
    a_reader_who_has_subscribed_meanwhile_stays_as_they_are,
    of_many_who_add_a_reader_at_once_one_gives_a_subscription,
);

fn bea() -> EmailAddress {
    "bea@example.org".parse().expect("an address")
}

fn added(email: &EmailAddress) -> AddedReader<'_> {
    AddedReader { email, name: "Bea", label: Some("club"), by: None }
}

/// A subscription that costs nothing, of an account that had `held`.
fn given(account: &Account, held: Vec<Subscription>) -> NewSubscription {
    let none = AppliedPayment { number: PaymentNumber(1), from: now(), through: now() };
    NewSubscription { payment: None, held, ..begun(account, none) }
}

async fn add(
    store: &Store,
    at: Timestamp,
) -> Result<Option<masthead_circulation::SubscriptionId>, StoreError> {
    let email = bea();
    let begin = |account: &Account| Ok::<_, StoreError>(given(account, Vec::new()));
    Ok(store.add_subscriber(&added(&email), begin, at).await?.map(|(_, id)| id))
}

async fn a_reader_is_added_with_everything(location: &Location) {
    let store = open(location).await;
    let mut name = String::new();
    let email = bea();
    let begin = |account: &Account| {
        name.clone_from(&account.name);
        Ok::<_, StoreError>(given(account, Vec::new()))
    };
    let made = store.add_subscriber(&added(&email), begin, now()).await.expect("asked");
    let (account, id) = made.expect("added");
    assert_eq!((name.as_str(), account.name.as_str()), ("Bea", "Bea"));
    assert_eq!(store.account_at(&email).await.expect("read"), Some(account.clone()));
    assert_eq!(store.labels_of(account.id).await.expect("read"), ["club"]);
    let held = store.subscriptions_of(account.id).await.expect("read");
    assert_eq!(held.iter().map(|held| held.id).collect::<Vec<_>>(), [id]);
    assert_eq!(store.emails(9).await.expect("read").len(), 1);
    let log = store.audit_log(&AuditQuery::default(), 9).await.expect("read");
    let added = log.iter().filter(|entry| entry.action == AuditAction::AddedReader);
    assert_eq!(added.count(), 1);
}

async fn what_cannot_be_composed_stores_no_reader(location: &Location) {
    let store = open(location).await;
    let email = bea();
    let fails = |_: &Account| Err(StoreError::TimedOut);
    assert!(store.add_subscriber(&added(&email), fails, now()).await.is_err());
    assert_eq!(store.account_at(&email).await.expect("read"), None);
    assert!(store.audit_log(&AuditQuery::default(), 9).await.expect("read").is_empty());
}

async fn a_reader_who_has_subscribed_meanwhile_stays_as_they_are(location: &Location) {
    let store = open(location).await;
    let bea = reader(&store, "bea").await;
    let held = bought(&store, &bea).await;
    assert_eq!(add(&store, now()).await.expect("asked"), None);
    assert!(store.labels_of(bea.id).await.expect("read").is_empty());
    assert_eq!(store.account(bea.id).await.expect("read"), Some(bea.clone()), "no name");
    assert_eq!(store.subscriptions_of(bea.id).await.expect("read"), [held]);
}

async fn of_many_who_add_a_reader_at_once_one_gives_a_subscription(location: &Location) {
    let store = open(location).await;
    let server = |_| {
        let store = store.clone();
        async move { add(&store, now()).await }
    };
    let made = at_once(6, server).await;
    assert_eq!(made.iter().flatten().count(), 1, "{made:?}");
    let account = store.account_at(&bea()).await.expect("read").expect("added");
    assert_eq!(store.subscriptions_of(account.id).await.expect("read").len(), 1);
    assert_eq!(store.emails(9).await.expect("read").len(), 1);
}
