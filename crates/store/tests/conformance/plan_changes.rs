//! Changes of plan: their credit is decided on what was collected and not refunded, under the lock of the subscription.

use jiff::{SignedDuration, tz::TimeZone};
use masthead_circulation::{
    Account, Actor, CollectedPayment, Payment, Refund, RefundStatus, StaffActor, Subscription,
    Terms,
};
use masthead_store::{Location, RefundStart, SettledRefund, Store, SubscriptionChange};

use crate::{
    beginning, open,
    subscriptions::{ada, bought, now, usd},
};

on_both_engines!(
    what_goes_back_of_a_payment_is_known_at_once,
    a_change_of_plan_is_made_only_if_what_was_collected_is_as_it_was_read,
    of_a_refund_and_a_change_of_plan_at_once_one_knows_of_the_other,
);

fn refund(payment: &Payment, minor: u64) -> Refund {
    Refund {
        payment: payment.number,
        account: payment.account,
        amount: usd(minor),
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(StaffActor { by: None, reason: "Asked".into() })),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    }
}

async fn ask(store: &Store, payment: &Payment, minor: u64) -> Refund {
    let start = store.ask_refund(&refund(payment, minor), now()).await.expect("asked");
    let RefundStart::Open(refund) = start else { panic!("{start:?}") };
    refund
}

/// A subscription for $9 that begins, and its payment.
async fn paid(store: &Store) -> (Account, Subscription, Payment) {
    let ada = ada(store).await;
    let held = bought(store, &ada).await;
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    (ada, held, payment)
}

async fn refunded(store: &Store, held: &Subscription) -> u64 {
    let collected = store.collected_for(held.id).await.expect("read");
    assert_eq!(collected.len(), 1);
    assert_eq!(collected[0].amount, usd(900));
    collected[0].refunded.minor()
}

/// To a price that the credit pays for, so that nothing is paid.
fn change(held: &Subscription, collected: &[CollectedPayment]) -> SubscriptionChange {
    let terms = Terms {
        price: "web-small".into(),
        introduction: None,
        amount: usd(300),
        ..held.terms.clone()
    };
    let switch = held.switch(&terms, collected, now(), &TimeZone::UTC).expect("a switch");
    SubscriptionChange {
        before: held.clone(),
        after: held.switched(&switch, now()),
        due: None,
        actor: Actor::Reader,
        what: "switched",
        payment: None,
        emails: Vec::new(),
    }
}

async fn what_goes_back_of_a_payment_is_known_at_once(location: &Location) {
    let store = open(location).await;
    let (_, held, payment) = paid(&store).await;
    assert_eq!(refunded(&store, &held).await, 0);
    let asked = ask(&store, &payment, 400).await;
    assert_eq!(refunded(&store, &held).await, 400, "it is being asked for");
    store.refuse_refund(&asked, "no").await.expect("noted");
    assert_eq!(refunded(&store, &held).await, 0, "it is refused");
    let asked = ask(&store, &payment, 400).await;
    let settled = SettledRefund { refund: &asked, payment: &payment, emails: &[] };
    assert!(store.settle_refund(&settled, now()).await.expect("settled"));
    assert_eq!(refunded(&store, &held).await, 400, "it is made");
    assert!(store.fail_refund(&asked, &payment, "closed", now()).await.expect("failed"));
    assert_eq!(refunded(&store, &held).await, 0, "it came back");
    // The pages work it out from what they have read.
    let asked = ask(&store, &payment, 900).await;
    let read = CollectedPayment::of(held.id, std::slice::from_ref(&payment), &[asked], &[]);
    assert_eq!(read, store.collected_for(held.id).await.expect("read"));
}

async fn a_change_of_plan_is_made_only_if_what_was_collected_is_as_it_was_read(
    location: &Location,
) {
    let store = open(location).await;
    let (_, held, payment) = paid(&store).await;
    let before = store.collected_for(held.id).await.expect("read");
    let planned = change(&held, &before);
    assert_eq!(planned.after.paid.map(|paid| paid.amount), Some(usd(900)));
    ask(&store, &payment, 900).await;
    let made = store.change_plan(&planned, &before, now()).await.expect("no failure");
    assert!(!made, "it was refunded meanwhile");
    assert_eq!(store.subscription(held.id).await.expect("read"), Some(held.clone()));
    let latest = store.collected_for(held.id).await.expect("read");
    let planned = change(&held, &latest);
    assert_eq!(planned.after.paid.map(|paid| paid.amount), Some(usd(300)), "nothing is credited");
    assert!(store.change_plan(&planned, &latest, now()).await.expect("made"));
    // That it was taken off is stored.
    let after = store.subscription(held.id).await.expect("read").expect("there");
    assert_eq!(after.refunds_deducted, 900);
}

async fn of_a_refund_and_a_change_of_plan_at_once_one_knows_of_the_other(location: &Location) {
    let store = open(location).await;
    for round in 1..=10 {
        let ada = ada(&store).await;
        let (checkout, begun) = beginning::paid(&store, &ada, round).await;
        let id = beginning::begin(&store, &checkout, begun).await.expect("bought");
        let held = store.subscription(id).await.expect("read").expect("there");
        let payment = store.payments_of(ada.id).await.expect("read").remove(0);
        let before = store.collected_for(held.id).await.expect("read");
        let planned = change(&held, &before);
        let changing = {
            let (store, planned, before) = (store.clone(), planned.clone(), before.clone());
            tokio::spawn(async move { store.change_plan(&planned, &before, now()).await })
        };
        let refunding = {
            let (store, refund) = (store.clone(), refund(&payment, 900));
            tokio::spawn(async move { store.ask_refund(&refund, now()).await })
        };
        let made = changing.await.expect("joined").expect("no failure");
        let start = refunding.await.expect("joined").expect("no failure");
        assert!(matches!(start, RefundStart::Open(_)));
        let after = store.subscription(held.id).await.expect("read").expect("there");
        assert_eq!(after.terms.price == "web-small", made);
        // If the change came first, the refund is taken off the next one.
        let collected = store.collected_for(held.id).await.expect("read");
        let terms = Terms { price: "other".into(), introduction: None, ..held.terms.clone() };
        let next = after.switch(&terms, &collected, now(), &TimeZone::UTC).expect("a switch");
        assert_eq!(next.credit, usd(0));
        assert!(
            store.delete_account(&ada, now() + SignedDuration::from_secs(1)).await.expect("ok")
        );
    }
}
