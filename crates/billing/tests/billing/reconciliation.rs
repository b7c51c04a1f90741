//! What does not agree is found.

use jiff::SignedDuration;
use masthead_billing::reconciliation::Mismatch;
use masthead_circulation::{Actor, Charge, State, Subscription};
use masthead_store::SubscriptionChange;

use crate::{on_both_engines, world::World};

on_both_engines!(
    a_charge_without_a_payment_is_found,
    totals_are_those_of_the_processor,
    an_order_is_as_old_as_since_it_was_given,
    only_payments_whose_time_is_missing_are_found,
);

async fn a_charge_without_a_payment_is_found(world: World) {
    let reader = world.reader("ada").await;
    let key = "7-1796893200-0".to_owned();
    let reference = "card".to_owned();
    let lost = Charge { key: key.clone(), account: Some(reader.id), reference, paid: true };
    world.store.keep_charge(&lost).await.expect("kept");
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!(found.mismatches, [Mismatch::ChargeWithoutPayment { key }]);
    assert_eq!(world.billing.mismatches(), 1);
    let report = world.store.latest_reconciliation().await.expect("read").expect("kept");
    assert_eq!((report.at, report.mismatches.len()), (world.now(), 1));
    // Within the day nothing is compared again; another server knows the result.
    let other = world.another_node().await;
    other.reconcile_daily().await.expect("read");
    assert_eq!(other.mismatches(), 1);
}

async fn totals_are_those_of_the_processor(world: World) {
    world.due_readers(3).await;
    world.billing.renew_due().await.expect("renewed");
    world.pass(SignedDuration::from_hours(48));
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!(found.mismatches, []);
    let totals = &found.totals[0];
    assert_eq!((totals.processor.as_str(), totals.payments), ("bank", 3));
    assert_eq!((totals.collected, totals.refunded, totals.pending), (3600, 0, 0));
}

async fn an_order_is_as_old_as_since_it_was_given(world: World) {
    world.due_readers(1).await;
    // Nobody has renewed anything for two days.
    world.pass(SignedDuration::from_hours(48));
    world.bank.undecided.store(true, std::sync::atomic::Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    let order = world.store.open_charges(world.now() + SignedDuration::from_hours(2), 9).await;
    let order = order.expect("read").remove(0);
    assert_eq!(order.asked, world.now());
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    world.pass(SignedDuration::from_hours(25));
    let key = order.source.to_string();
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    assert_eq!(found, [Mismatch::OrderUnanswered { key }]);
}

async fn only_payments_whose_time_is_missing_are_found(world: World) {
    let held = world.due_readers(3).await;
    world.billing.renew_due().await.expect("renewed");
    let before = world.latest(held[1].id).await;
    let payments = world.payments().await;
    let paid = payments.iter().find(|payment| payment.subscription == Some(before.id));
    let payment = paid.expect("paid").number;
    let state = State::Grace { since: world.now(), ends: world.now(), tries: 1 };
    let change = SubscriptionChange {
        due: None,
        after: Subscription { state, ..before.clone() },
        before,
        actor: Actor::Calendar,
        what: "changed",
        payment: None,
        emails: Vec::new(),
    };
    assert!(world.store.change(&change, world.now()).await.expect("changed"));
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    assert_eq!(found, [Mismatch::AccessMissing { payment, subscription: held[1].id }]);
}
