//! Two things at the same time.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{Actor, PaymentStatus, Progress, State, Subscription, SubscriptionId};
use masthead_store::{Store, SubscriptionChange};

use crate::{
    on_both_engines,
    world::{World, usd},
};

on_both_engines!(
    cancelling_while_renewals_run_loses_no_payment,
    changing_the_price_while_renewals_run_loses_no_payment,
    three_tabs_with_a_new_card_pay_once,
    three_nodes_share_the_renewals_and_ask_once_for_each,
    deleting_an_account_while_it_renews_loses_no_payment,
    a_new_card_is_taken_however_often_the_subscription_changes,
);

async fn cancelling_while_renewals_run_loses_no_payment(world: World) {
    let held = world.due_readers(40).await;
    *world.bank.delay.lock().expect("a delay") = Duration::from_millis(40);
    let renewing = Arc::clone(&world.billing);
    let renewing = tokio::spawn(async move { renewing.renew_due().await });
    // However busy the machine is, some are renewed before they are cancelled.
    while world.bank.charges().is_empty() && !renewing.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let cancelling = held.iter().enumerate().map(|(number, held)| {
        let (billing, id) = (Arc::clone(&world.billing), held.id);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(7 * number as u64)).await;
            billing.cancel(id).await
        })
    });
    for cancelled in cancelling.collect::<Vec<_>>() {
        cancelled.await.expect("joined").expect("cancelled");
    }
    renewing.await.expect("joined").expect("renewed");
    assert!(!world.bank.charges().is_empty(), "some were renewed before they were cancelled");
    world.assert_accounted_for().await;
    for held in held {
        let latest = world.latest(held.id).await;
        let ends = matches!(latest.state, State::Cancelling { .. } | State::Ended { .. });
        assert!(ends, "a cancellation was lost: {:?}", latest.state);
    }
}

async fn changing_the_price_while_renewals_run_loses_no_payment(world: World) {
    let held = world.due_readers(20).await;
    *world.bank.delay.lock().expect("a delay") = Duration::from_millis(20);
    let renewing = Arc::clone(&world.billing);
    let renewing = tokio::spawn(async move { renewing.renew_due().await });
    let changing = held.iter().enumerate().map(|(number, held)| {
        let (billing, held) = (Arc::clone(&world.billing), held.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(3 * number as u64)).await;
            billing.change_price(&held, "web-yearly", 12000).await
        })
    });
    for changed in changing.collect::<Vec<_>>() {
        changed.await.expect("joined").expect("no failure");
    }
    renewing.await.expect("joined").expect("renewed");
    world.billing.renew_due().await.expect("renewed");
    world.assert_accounted_for().await;
    for held in held {
        let payments = world.payments().await;
        let own = payments.iter().filter(|payment| payment.subscription == Some(held.id));
        assert_eq!(own.count(), 1, "either of the two was collected");
    }
}

async fn three_tabs_with_a_new_card_pay_once(world: World) {
    let held = world.due_readers(1).await.remove(0);
    world.bank.declines.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    assert!(matches!(world.latest(held.id).await.state, State::Grace { .. }));
    let mut tabs = Vec::new();
    for key in 1..=3 {
        let checkout = world.card_checkout(&held, key, usd(1200)).await;
        world.bank.pay(&checkout, &format!("new-card-{key}"));
        tabs.push(checkout);
    }
    let settling = tabs.into_iter().map(|checkout| {
        let billing = Arc::clone(&world.billing);
        tokio::spawn(async move { billing.settle(&checkout).await })
    });
    for settled in settling.collect::<Vec<_>>() {
        settled.await.expect("joined").expect("settled");
    }
    world.assert_accounted_for().await;
    let payments = world.payments().await;
    let applied = payments.iter().filter(|payment| payment.status == PaymentStatus::Applied);
    assert_eq!(applied.count(), 1, "the month is paid for once, and the rest waits for staff");
    let State::Active { through } = world.latest(held.id).await.state else { panic!("not active") };
    assert_eq!(through, one_month_after(&held));
}

fn one_month_after(held: &Subscription) -> jiff::Timestamp {
    let now = held.paid.expect("paid").through;
    held.renewed(now, &jiff::tz::TimeZone::UTC).expect("legal").paid.expect("paid").through
}

async fn three_nodes_share_the_renewals_and_ask_once_for_each(world: World) {
    let held = world.due_readers(100).await;
    *world.bank.delay.lock().expect("a delay") = Duration::from_millis(10);
    let nodes =
        [Arc::clone(&world.billing), world.another_node().await, world.another_node().await];
    let rounds = nodes.map(|node| tokio::spawn(async move { node.renew_due().await }));
    let mut shares = Vec::new();
    for round in rounds {
        shares.push(round.await.expect("joined").expect("renewed"));
    }
    assert_eq!(shares.iter().sum::<usize>(), held.len(), "{shares:?}");
    assert_eq!(world.bank.questions.load(Ordering::SeqCst), held.len());
    assert_eq!(world.bank.charges().len(), held.len());
    world.assert_accounted_for().await;
}

async fn deleting_an_account_while_it_renews_loses_no_payment(world: World) {
    let held = world.due_readers(10).await;
    *world.bank.delay.lock().expect("a delay") = Duration::from_millis(80);
    let renewing = Arc::clone(&world.billing);
    let renewing = tokio::spawn(async move { renewing.renew_due().await });
    tokio::time::sleep(Duration::from_millis(40)).await;
    for held in &held {
        let account = world.store.account(held.account).await.expect("read").expect("there");
        world.store.delete_account(&account, world.now()).await.expect("deleted");
    }
    renewing.await.expect("joined").expect("renewed");
    world.pass(SignedDuration::from_mins(61));
    world.billing.sweep_orders().await.expect("swept");
    world.billing.sweep_payments().await.expect("swept");
    let (charges, payments) = (world.bank.charges(), world.payments().await);
    assert_eq!(payments.len(), charges.len());
    assert!(payments.iter().all(|payment| payment.status != PaymentStatus::Recorded));
}

/// Changes a subscription again and again, between paid and due, and leaves it due.
async fn keep_changing(store: Store, id: SubscriptionId, due: Timestamp) {
    let later = due + SignedDuration::from_hours(24);
    for round in 0..400 {
        let before = store.subscription(id).await.expect("read").expect("there");
        let through = if round % 2 == 0 { later } else { due };
        let after = Subscription { state: State::Active { through }, ..before.clone() };
        let change = SubscriptionChange {
            due: None,
            before,
            after,
            actor: Actor::Calendar,
            what: "changed",
            payment: None,
            emails: Vec::new(),
        };
        store.change(&change, due).await.expect("no failure");
    }
}

async fn a_new_card_is_taken_however_often_the_subscription_changes(world: World) {
    let held = world.due_readers(1).await.remove(0);
    let mut checkouts = Vec::new();
    for key in 1..=24 {
        let checkout = world.card_checkout(&held, key, usd(1200)).await;
        world.bank.pay(&checkout, &format!("new-card-{key}"));
        checkouts.push(checkout);
    }
    let changing = tokio::spawn(keep_changing(world.store.clone(), held.id, world.now()));
    let settling = checkouts.iter().cloned().map(|checkout| {
        let billing = Arc::clone(&world.billing);
        tokio::spawn(async move { billing.settle(&checkout).await })
    });
    for settled in settling.collect::<Vec<_>>() {
        settled.await.expect("joined").expect("settled");
    }
    changing.await.expect("joined");
    world.sweep().await;
    for checkout in checkouts {
        let latest = world.store.checkout(&checkout.key).await.expect("read").expect("there");
        assert_eq!(latest.progress, Progress::Done, "{:?}", checkout.key);
    }
    let payments = world.payments().await;
    assert_eq!(payments.len(), 24);
    assert!(payments.iter().all(|payment| payment.status != PaymentStatus::Recorded));
}
