//! Where printed papers are delivered.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Account, AccountId, Channel, Checkout, DeliveryAddress, PaymentNumber, State, Subscription,
    Terms,
};
use masthead_store::{AppliedPayment, Location, NewSubscription, Retention, Store};

use crate::subscriptions::{begun, checkout, subscription};

on_both_engines!(
    an_account_has_the_latest_delivery_address_until_it_is_deleted,
    the_address_of_a_checkout_becomes_that_of_the_account_when_it_is_accepted,
    addresses_are_deleted_when_nothing_is_delivered_any_more,
);

fn door(street: &str) -> DeliveryAddress {
    DeliveryAddress::new("Ada", &format!("{street}\nTidewater")).expect("an address")
}

async fn the_address_of_a_checkout_becomes_that_of_the_account_when_it_is_accepted(
    location: &Location,
) {
    let store = crate::open(location).await;
    let ada = reader(&store).await;
    let now = at("2026-11-24T09:00:00Z");
    store.set_delivery_address(ada.id, &door("1 Old Road"), now).await.expect("set");
    let (accepted, left) = (checkout(1, &ada), checkout(2, &ada));
    for (checkout, street) in [(&accepted, "2 New Road"), (&left, "3 Other Road")] {
        let started = store.begin_checkout_with(checkout, None, Some(&door(street))).await;
        started.expect("begun");
    }
    let of_account = async || store.delivery_address(ada.id).await.expect("read");
    let of = async |checkout: &Checkout| {
        store.delivery_of_checkout(&checkout.key, ada.id).await.expect("read")
    };
    assert_eq!(of_account().await, Some(door("1 Old Road")));
    assert_eq!(of(&accepted).await, Some(door("2 New Road")));
    let payment = AppliedPayment { number: PaymentNumber(1), from: now, through: now };
    let new = NewSubscription { payment: None, ..begun(&ada, payment) };
    store.begin_subscription(Some(&accepted), new, now).await.expect("asked").expect("begun");
    assert_eq!(of_account().await, Some(door("2 New Road")));
    let entered = async || store.checkout_deliveries_of(ada.id).await.expect("read");
    assert_eq!(entered().await, [door("3 Other Road")]);
    let days = |days: i64| left.begun + SignedDuration::from_hours(24 * days);
    store.prune(Retention::default(), days(29)).await.expect("pruned");
    assert_eq!(entered().await.len(), 1);
    store.prune(Retention::default(), days(60)).await.expect("pruned");
    assert_eq!(entered().await.len(), 1, "it may still be paid");
    store.give_up_checkout(&left).await.expect("given up");
    store.prune(Retention::default(), days(29)).await.expect("pruned");
    assert_eq!(entered().await.len(), 1);
    store.prune(Retention::default(), days(30)).await.expect("pruned");
    assert_eq!(entered().await, []);
    assert_eq!(of(&left).await, Some(door("2 New Road")), "that of the account");
}

async fn addresses_are_deleted_when_nothing_is_delivered_any_more(location: &Location) {
    let store = crate::open(location).await;
    let ada = reader(&store).await;
    let (begun, end) = (at("2026-11-24T09:00:00Z"), at("2026-12-24T09:00:00Z"));
    let day = SignedDuration::from_hours(24);
    let held = subscription(&ada);
    let terms = Terms { channels: vec![Channel::Print], ..held.terms.clone() };
    let printed =
        Subscription { terms, state: State::Cancelling { ends: end, trial: false }, ..held };
    store.import_subscriptions(&[(printed, None)]).await.expect("taken in");
    store.set_delivery_address(ada.id, &door("3 Quay Street"), begun).await.expect("set");
    let kept = Retention { delivery_addresses: Some(day * 90), ..Retention::default() };
    let there = async || store.delivery_address(ada.id).await.expect("read").is_some();
    assert!(!store.remove_delivery_address(ada.id, begun).await.expect("asked"), "in use");
    for now in [begun + day * 365, end + day * 90 - SignedDuration::from_secs(1)] {
        // Nothing is deleted before its time, and nothing if it is kept for good.
        let retention = if now > end + day * 90 { Retention::default() } else { kept };
        store.prune(retention, now).await.expect("pruned");
        assert!(there().await, "{now}");
    }
    assert_eq!(store.prune(kept, end + day * 90).await.expect("pruned"), 1);
    assert!(!there().await);
    store.set_delivery_address(ada.id, &door("3 Quay Street"), end).await.expect("set");
    assert!(store.remove_delivery_address(ada.id, end).await.expect("asked"), "it has ended");
    assert!(!there().await);
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

async fn reader(store: &Store) -> Account {
    let email = "ada@example.org".parse().expect("an address");
    store.register(&email, at("2026-11-24T09:00:00Z")).await.expect("registered").0
}

async fn an_account_has_the_latest_delivery_address_until_it_is_deleted(location: &Location) {
    let store = crate::open(location).await;
    let now = Timestamp::now();
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, now).await.expect("registered");
    let (bob, _) =
        store.register(&"bob@example.org".parse().expect("an address"), now).await.expect("there");
    assert_eq!(store.delivery_address(ada.id).await.expect("read"), None);
    let first = DeliveryAddress::new("Ada", "3 Quay Street\nTidewater").expect("an address");
    let second = DeliveryAddress::new("Ada Example", "Näher Weg 1\n12345 Ort").expect("an address");
    for address in [&first, &second] {
        store.set_delivery_address(ada.id, address, now).await.expect("set");
        assert_eq!(store.delivery_address(ada.id).await.expect("read").as_ref(), Some(address));
    }
    let all = store.delivery_addresses(&[ada.id, bob.id]).await.expect("read");
    assert_eq!(all.len(), 1);
    assert_eq!(all.get(&ada.id), Some(&second));
    assert!(store.delete_account(&ada, now).await.expect("deleted"));
    assert_eq!(store.delivery_address(ada.id).await.expect("read"), None);
    store.set_delivery_address(AccountId(99), &first, now).await.expect_err("there is no account");
}
