//! Orders: written down before a processor is asked, and answered once.

use jiff::SignedDuration;
use masthead_circulation::{Charge, DeliveryAddress, NewPayment, Subscription, UnusedReason};
use masthead_store::{ChargeStart, Location, PlannedCharge};

use crate::{
    open,
    subscriptions::{ada, bought, now, usd},
};

on_both_engines!(
    an_order_is_answered_once,
    an_order_is_stored_before_it_is_placed_and_settled_with_its_payment,
    of_parallel_orders_for_a_subscription_one_is_started,
    a_delivery_address_is_not_removed_while_an_order_is_open,
);

async fn an_order_is_answered_once(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let charge =
        Charge { key: "k".into(), account: Some(ada.id), reference: "good".into(), paid: true };
    assert_eq!(store.charge("k").await.expect("read"), None);
    store.keep_charge(&charge).await.expect("kept");
    let other = Charge { paid: false, ..charge.clone() };
    store.keep_charge(&other).await.expect("kept");
    assert_eq!(store.charge("k").await.expect("read"), Some(charge));
}

pub(crate) fn order(held: &Subscription, key: &str) -> PlannedCharge {
    PlannedCharge {
        source: key.into(),
        account: Some(held.account),
        subscription: Some(held.id),
        mandate: held.mandate.clone(),
        amount: usd(1200),
        what: "Web".into(),
        from: now(),
        through: now() + SignedDuration::from_hours(24 * 30),
        due: now(),
        tax: None,
        staff: None,
        asked: now(),
        agreed: None,
    }
}

pub(crate) fn payment_of(order: &PlannedCharge) -> NewPayment {
    NewPayment {
        source: order.source.clone(),
        processor: order.mandate.processor.clone(),
        reference: String::new(),
        account: order.account,
        subscription: order.subscription,
        what: order.what.clone(),
        amount: order.amount,
        from: order.from,
        through: order.through,
        card: String::new(),
        tax: None,
    }
}

async fn an_order_is_stored_before_it_is_placed_and_settled_with_its_payment(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let first = order(&held, "first");
    let start = async |order: &PlannedCharge, version| {
        store.start_charge(order, version, now()).await.expect("written")
    };
    assert_eq!(start(&first, held.version + 1).await, ChargeStart::Changed);
    assert_eq!(store.open_charge("first").await.expect("read"), None);
    assert_eq!(start(&first, held.version).await, ChargeStart::Started);
    assert_eq!(start(&first, held.version).await, ChargeStart::Again);
    assert_eq!(store.charge("first").await.expect("read"), None, "there is no answer yet");
    assert_eq!(store.open_charges(now(), 9).await.expect("read"), std::slice::from_ref(&first));
    // Nothing else is ordered until it is settled.
    let second = order(&held, "second");
    assert_eq!(start(&second, held.version).await, ChargeStart::Busy(Box::new(first.clone())));
    let paid =
        Charge { key: "first".into(), account: Some(ada.id), reference: "good".into(), paid: true };
    store.keep_charge(&paid).await.expect("kept");
    assert_eq!(store.charge("first").await.expect("read"), Some(paid), "answered");
    assert_eq!(store.open_charges(now(), 9).await.expect("read").len(), 1, "and not settled");
    let payment = store.record_payment(&payment_of(&first), now()).await.expect("recorded");
    assert!(store.open_charges(now(), 9).await.expect("read").is_empty());
    let unapplied = start(&second, held.version).await;
    assert_eq!(unapplied, ChargeStart::Unapplied(Box::new(payment)));
    assert_eq!(start(&first, held.version).await, ChargeStart::Answered { paid: true });
    // A refused order is settled too.
    let aside = UnusedReason::SubscriptionEnded;
    let number = store.payments_of(ada.id).await.expect("read")[0].number;
    assert!(store.set_payment_aside(number, aside, &[], now()).await.expect("written"));
    assert_eq!(start(&second, held.version).await, ChargeStart::Started);
    store.close_charge("second").await.expect("closed");
    assert_eq!(start(&second, held.version).await, ChargeStart::Answered { paid: false });
    // One that the processor did not process is forgotten.
    let third = order(&held, "third");
    assert_eq!(start(&third, held.version).await, ChargeStart::Started);
    store.withdraw_charge("third").await.expect("forgotten");
    assert_eq!(start(&third, held.version).await, ChargeStart::Started);
}

async fn a_delivery_address_is_not_removed_while_an_order_is_open(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let door = DeliveryAddress::new("Ada", "3 Quay Street\nTidewater").expect("an address");
    store.set_delivery_address(ada.id, &door, now()).await.expect("set");
    // It may be for a change to something printed.
    let order = order(&held, "change");
    let started = store.start_charge(&order, held.version, now()).await.expect("written");
    assert_eq!(started, ChargeStart::Started);
    assert!(store.has_open_order(ada.id).await.expect("read"));
    assert!(!store.remove_delivery_address(ada.id, now()).await.expect("asked"));
    assert_eq!(store.delivery_address(ada.id).await.expect("read"), Some(door));
    store.close_charge("change").await.expect("closed");
    assert!(!store.has_open_order(ada.id).await.expect("read"));
    assert!(store.remove_delivery_address(ada.id, now()).await.expect("asked"));
    assert_eq!(store.delivery_address(ada.id).await.expect("read"), None);
}

async fn of_parallel_orders_for_a_subscription_one_is_started(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let tries = (0..12).map(|number| {
        let (store, order) = (store.clone(), order(&held, &format!("order-{number}")));
        tokio::spawn(async move { store.start_charge(&order, order_version(), now()).await })
    });
    let mut started = 0;
    for attempt in tries.collect::<Vec<_>>() {
        let start = attempt.await.expect("joined").expect("no failure");
        started += u32::from(start == ChargeStart::Started);
    }
    assert_eq!(started, 1);
}

/// The version of a subscription that nobody has changed.
fn order_version() -> i32 {
    0
}
