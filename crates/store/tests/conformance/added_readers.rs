//! Readers whom staff add with a subscription: both is stored, or nothing.

use jiff::Timestamp;
use masthead_circulation::{Account, AuditAction, EmailAddress, PaymentNumber, Subscription};
use masthead_store::{
    AddedReader, AppliedPayment, AuditQuery, Location, NewSubscription, ReaderAddition, Store,
    StoreError, SubscriberAddition,
};

use crate::{
    change_address, open,
    races::at_once,
    subscriptions::{begun, bought, now, reader},
};

on_both_engines!(
    a_reader_is_added_with_everything,
    what_cannot_be_composed_stores_no_reader,
    a_reader_who_has_subscribed_meanwhile_stays_as_they_are,
    of_many_who_add_a_reader_at_once_one_gives_a_subscription,
    what_is_added_twice_is_stored_once,
    who_has_left_is_left_out_until_they_register_again,
    who_has_another_address_now_is_not_added_under_the_former,
);

fn bea() -> EmailAddress {
    "bea@example.org".parse().expect("an address")
}

fn added<'a>(email: &'a EmailAddress, labels: &'a [String]) -> AddedReader<'a> {
    let (name, note) = ("Bea", "By post");
    AddedReader { email, name, labels, note, unless_left: true, by: None, line: None }
}

fn club() -> Vec<String> {
    vec!["club".to_owned()]
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
    match store.add_subscriber(&added(&email, &club()), begin, at).await? {
        SubscriberAddition::Added(_, id) => Ok(Some(id)),
        SubscriberAddition::Overtaken | SubscriberAddition::HasLeft => Ok(None),
    }
}

async fn a_reader_is_added_with_everything(location: &Location) {
    let store = open(location).await;
    let mut name = String::new();
    let email = bea();
    let begin = |account: &Account| {
        name.clone_from(&account.name);
        Ok::<_, StoreError>(given(account, Vec::new()))
    };
    let made = store.add_subscriber(&added(&email, &club()), begin, now()).await.expect("asked");
    let SubscriberAddition::Added(ReaderAddition { account, is_new: true, is_changed: true }, id) =
        made
    else {
        panic!("{made:?}");
    };
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
    assert!(store.add_subscriber(&added(&email, &club()), fails, now()).await.is_err());
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

async fn what_is_added_twice_is_stored_once(location: &Location) {
    let store = open(location).await;
    let (email, labels) = (bea(), club());
    let new = added(&email, &labels);
    let add = async || store.add_reader(&new, now()).await.expect("asked").expect("added");
    let first = add().await;
    assert!(first.is_new && first.is_changed);
    let again = add().await;
    assert_eq!((again.is_new, again.is_changed), (false, false));
    let id = again.account.id;
    assert_eq!(store.notes_about(id).await.expect("read").len(), 1);
    assert_eq!(store.labels_of(id).await.expect("read"), ["club"]);
    let server = |_| {
        let store = store.clone();
        async move {
            let (email, labels) = (bea(), club());
            let new = AddedReader { note: "By phone", ..added(&email, &labels) };
            store.add_reader(&new, now()).await
        }
    };
    let made = at_once(6, server).await;
    let changed = made.iter().filter(|made| made.as_ref().is_some_and(|made| made.is_changed));
    assert_eq!(changed.count(), 1, "{made:?}");
    assert_eq!(store.notes_about(id).await.expect("read").len(), 2);
}

async fn who_has_left_is_left_out_until_they_register_again(location: &Location) {
    let store = open(location).await;
    let (email, labels) = (bea(), club());
    let new = added(&email, &labels);
    let first = store.add_reader(&new, now()).await.expect("asked").expect("added");
    assert!(store.delete_account(&first.account, now()).await.expect("deleted"));
    assert_eq!(store.add_reader(&new, now()).await.expect("asked"), None);
    let begin = |account: &Account| Ok::<_, StoreError>(given(account, Vec::new()));
    let left = store.add_subscriber(&new, begin, now()).await.expect("asked");
    assert_eq!(left, SubscriberAddition::HasLeft);
    assert_eq!(store.account_at(&email).await.expect("read"), None);
    // Somebody adds them by hand, as they have asked for.
    let by_hand = AddedReader { unless_left: false, ..new };
    assert!(store.add_reader(&by_hand, now()).await.expect("asked").is_some());
    assert!(store.add_reader(&new, now()).await.expect("asked").is_some());
    // After a year it is forgotten.
    let account = store.account_at(&email).await.expect("read").expect("added");
    assert!(store.delete_account(&account, now()).await.expect("deleted"));
    let year = now() + jiff::SignedDuration::from_hours(366 * 24);
    assert!(store.add_reader(&new, year).await.expect("asked").is_some());
}

async fn who_has_another_address_now_is_not_added_under_the_former(location: &Location) {
    let store = open(location).await;
    let (email, labels) = (bea(), club());
    let new = added(&email, &labels);
    let first = store.add_reader(&new, now()).await.expect("asked").expect("added");
    let other: EmailAddress = "bea@example.com".parse().expect("an address");
    change_address(&store, first.account.id, &other, None, now()).await;
    assert_eq!(store.add_reader(&new, now()).await.expect("asked"), None);
    let known = store.add_reader(&AddedReader { email: &other, ..new }, now()).await;
    assert!(known.expect("asked").is_some_and(|known| !known.is_new));
    change_address(&store, first.account.id, &email, None, now()).await;
    assert!(store.add_reader(&new, now()).await.expect("asked").is_some());
}
