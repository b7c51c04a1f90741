//! Servers that stop in the middle, and answers that are lost.

use std::sync::{Arc, atomic::Ordering};

use jiff::SignedDuration;
use masthead_circulation::{Payment, PaymentStatus, State, Subscription, UnusedReason};

use crate::{
    on_both_engines,
    world::{World, usd},
};

on_both_engines!(
    a_server_that_stops_between_charge_and_record_is_recovered,
    a_charge_whose_server_stopped_and_whose_reader_cancelled_is_a_pending_refund,
    a_lost_answer_is_asked_for_again_even_with_another_card,
    a_payment_that_was_recorded_and_not_applied_is_applied,
    a_pending_refund_is_refunded_or_kept_once,
);

/// Renews on a server that stops after the bank has collected and before it could answer.
async fn stop_between_charge_and_record(world: &World) {
    world.bank.hangs.store(true, Ordering::SeqCst);
    let dying = world.another_node().await;
    let dying = tokio::spawn(async move { dying.renew_due().await });
    world.bank.hanging.notified().await;
    dying.abort();
    assert!(dying.await.expect_err("stopped").is_cancelled());
    world.bank.hangs.store(false, Ordering::SeqCst);
}

async fn a_server_that_stops_between_charge_and_record_is_recovered(world: World) {
    let held = world.due_readers(1).await.remove(0);
    stop_between_charge_and_record(&world).await;
    assert_eq!((world.bank.charges().len(), world.payments().await.len()), (1, 0));
    assert_eq!(world.billing.renew_due().await.expect("renewed"), 0, "the other has claimed it");
    world.pass(SignedDuration::from_mins(2));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), 1, "it is asked for, and not collected again");
    world.assert_accounted_for().await;
    assert!(world.latest(held.id).await.is_paid_at(world.now()));
}

async fn a_charge_whose_server_stopped_and_whose_reader_cancelled_is_a_pending_refund(
    world: World,
) {
    let held = world.due_readers(1).await.remove(0);
    stop_between_charge_and_record(&world).await;
    world.billing.cancel(held.id).await.expect("cancelled");
    world.billing.renew_due().await.expect("renewed");
    assert!(matches!(world.latest(held.id).await.state, State::Ended { .. }));
    world.sweep().await;
    world.assert_accounted_for().await;
    let pending = world.billing.pending_refunds().await.expect("read");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].reason, UnusedReason::SubscriptionEnded);
}

async fn a_lost_answer_is_asked_for_again_even_with_another_card(world: World) {
    let held = world.due_readers(1).await.remove(0);
    world.bank.lose.store(1, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    assert_eq!((world.bank.charges().len(), world.payments().await.len()), (1, 0));
    // Meanwhile the reader takes another card, which costs nothing.
    let checkout = world.card_checkout(&held, 1, usd(0)).await;
    world.bank.pay(&checkout, "another-card");
    world.billing.settle(&checkout).await.expect("settled");
    assert_eq!(world.latest(held.id).await.mandate.reference, "another-card");
    world.pass(SignedDuration::from_mins(11));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), 1, "the first order is asked for again");
    world.assert_accounted_for().await;
    let latest = world.latest(held.id).await;
    assert!(latest.is_paid_at(world.now()));
    assert_eq!(latest.mandate.reference, "another-card");
}

/// A renewal whose payment was recorded, and whose server stopped before it was applied.
pub async fn recorded(world: &World) -> (Subscription, Payment) {
    let held = world.due_readers(1).await.remove(0);
    stop_between_charge_and_record(world).await;
    // The server stops one step later: after the payment was recorded.
    let order = {
        world.pass(SignedDuration::from_mins(11));
        world.store.open_charges(world.now(), 9).await.expect("read").remove(0)
    };
    let new = masthead_circulation::NewPayment {
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
    };
    let payment = world.store.record_payment(&new, world.now()).await.expect("recorded");
    (held, payment)
}

async fn a_payment_that_was_recorded_and_not_applied_is_applied(world: World) {
    let (held, _) = recorded(&world).await;
    world.pass(SignedDuration::from_mins(1));
    world.billing.sweep_payments().await.expect("swept");
    world.assert_accounted_for().await;
    assert!(world.latest(held.id).await.is_paid_at(world.now()));
}

async fn a_pending_refund_is_refunded_or_kept_once(world: World) {
    let held = world.due_readers(1).await.remove(0);
    stop_between_charge_and_record(&world).await;
    world.billing.cancel(held.id).await.expect("cancelled");
    world.sweep().await;
    let number = world.billing.pending_refunds().await.expect("read")[0].payment.number;
    let staff = || masthead_circulation::StaffActor { by: None, reason: "Ended".to_owned() };
    let refunding = (0..3).map(|_| {
        let (billing, staff) = (Arc::clone(&world.billing), staff());
        tokio::spawn(async move { billing.refund_number(number, None, staff).await })
    });
    let mut done = 0;
    for refunded in refunding.collect::<Vec<_>>() {
        done += u32::from(refunded.await.expect("joined").is_ok());
    }
    assert!(done >= 1);
    assert_eq!(world.bank.refunds().len(), 1);
    assert_eq!(world.emails("refunded").await, 1);
    assert!(world.billing.keep_payment(number, staff()).await.is_err(), "it is decided");
    let payment = world.store.payment(number).await.expect("read").expect("there");
    assert_eq!(payment.status, PaymentStatus::Refunded);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}
