//! What nobody came back from is settled, and nothing keeps it waiting.

use std::sync::{Arc, atomic::Ordering};

use jiff::SignedDuration;
use masthead_billing::reconciliation::Mismatch;
use masthead_circulation::{
    Account, Checkout, MANUAL, NewPayment, Payment, PaymentSource, PaymentStatus, Progress, State,
};

use crate::{
    bank::Fault,
    on_both_engines,
    world::{World, monthly},
};

on_both_engines!(
    a_checkout_that_the_processor_does_not_know_keeps_no_other_waiting,
    a_checkout_that_the_processor_does_not_know_is_given_up_after_a_day,
    checkouts_of_a_processor_that_was_removed_keep_no_other_waiting,
    a_processor_that_does_not_answer_is_asked_a_few_times_in_a_sweep,
    recorded_payments_do_not_wait_for_a_hanging_processor,
    an_invoice_that_was_given_up_is_not_sent_later,
    a_payment_of_a_checkout_that_is_not_known_keeps_no_other_waiting,
    a_payment_of_a_checkout_that_was_given_up_waits_for_staff,
    an_order_that_gets_no_answer_keeps_no_other_waiting,
    orders_of_a_processor_that_is_away_are_not_all_asked_about,
    renewals_wait_for_a_processor_that_goes_away_in_the_middle,
    one_lost_answer_does_not_stop_a_night_of_renewals,
);

async fn purchase(world: &World, reader: &Account, key: u8) -> Checkout {
    world.purchase(reader, key, monthly()).await
}

async fn progress(world: &World, checkout: &Checkout) -> Progress {
    world.store.checkout(&checkout.key).await.expect("read").expect("there").progress
}

async fn sweep_after(world: &World, time: SignedDuration) {
    world.pass(time);
    world.billing.sweep_checkouts().await.expect("swept");
}

async fn a_checkout_that_the_processor_does_not_know_keeps_no_other_waiting(world: World) {
    let reader = world.reader("ada").await;
    let unknown = purchase(&world, &reader, 1).await;
    world.bank.fail(&unknown, Fault::Misunderstood);
    world.pass(SignedDuration::from_secs(1));
    let paid = purchase(&world, &reader, 2).await;
    world.bank.pay(&paid, "card");
    sweep_after(&world, SignedDuration::from_mins(2)).await;
    assert_eq!(progress(&world, &paid).await, Progress::Done);
    assert_eq!(progress(&world, &unknown).await, Progress::Open);
    world.assert_accounted_for().await;
}

async fn a_checkout_that_the_processor_does_not_know_is_given_up_after_a_day(world: World) {
    let reader = world.reader("ada").await;
    let unknown = purchase(&world, &reader, 1).await;
    world.bank.fail(&unknown, Fault::Misunderstood);
    sweep_after(&world, SignedDuration::from_hours(24)).await;
    assert_eq!(progress(&world, &unknown).await, Progress::Open, "it may still be known");
    sweep_after(&world, SignedDuration::from_hours(1)).await;
    assert_eq!(progress(&world, &unknown).await, Progress::Unresolved);
    let mismatch = Mismatch::CheckoutUnsettled {
        processor: "bank".into(),
        reference: unknown.key.to_string(),
    };
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!(found.mismatches, [mismatch]);
    // It is not asked about again; if the processor says later that it was paid, it is delivered.
    let asked = world.bank.questions.load(Ordering::SeqCst);
    sweep_after(&world, SignedDuration::from_hours(1)).await;
    assert_eq!(world.bank.questions.load(Ordering::SeqCst), asked);
    world.bank.faults.lock().expect("faults").clear();
    world.bank.pay(&unknown, "card");
    world.billing.settle(&unknown).await.expect("settled");
    assert_eq!(progress(&world, &unknown).await, Progress::Done);
    world.assert_accounted_for().await;
}

async fn checkouts_of_a_processor_that_was_removed_keep_no_other_waiting(world: World) {
    let reader = world.reader("ada").await;
    let known = purchase(&world, &reader, 1).await;
    // More than a sweep reads at once, all older.
    for number in 0..=240 {
        let mut key = known.key;
        (key.0[0], key.0[1]) = (9, number);
        let processor = "former".to_owned();
        let begun = known.begun - SignedDuration::from_mins(1);
        let former = Checkout { key, processor, begun, ..known.clone() };
        world.store.begin_checkout(&former, None).await.expect("begun");
    }
    world.bank.pay(&known, "card");
    sweep_after(&world, SignedDuration::from_mins(2)).await;
    sweep_after(&world, SignedDuration::from_secs(1)).await;
    assert_eq!(progress(&world, &known).await, Progress::Done);
    world.pass(SignedDuration::from_hours(25));
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!(found.mismatches.len(), 241);
}

async fn a_processor_that_does_not_answer_is_asked_a_few_times_in_a_sweep(world: World) {
    let reader = world.reader("ada").await;
    for key in 1..=60 {
        let checkout = purchase(&world, &reader, key).await;
        world.bank.fail(&checkout, Fault::Unreachable);
    }
    sweep_after(&world, SignedDuration::from_mins(2)).await;
    let asked = world.bank.questions.load(Ordering::SeqCst);
    assert!((1..=8).contains(&asked), "{asked}");
}

async fn recorded_payments_do_not_wait_for_a_hanging_processor(world: World) {
    let held = world.due_readers(2).await;
    // One order hangs at the bank; the payment of the other was recorded and not applied.
    world.bank.hangs.store(true, Ordering::SeqCst);
    let dying = world.another_node().await;
    let dying = tokio::spawn(async move { dying.renew_due().await });
    while world.bank.charges().len() < held.len() {
        world.bank.hanging.notified().await;
    }
    dying.abort();
    world.pass(SignedDuration::from_mins(11));
    let order = world.store.open_charges(world.now(), 9).await.expect("read").remove(0);
    let new = NewPayment {
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
    world.pass(SignedDuration::from_mins(1));
    let hanging = Arc::clone(&world.billing);
    let hanging = tokio::spawn(async move { hanging.sweep_orders().await });
    world.bank.hanging.notified().await;
    world.billing.sweep_payments().await.expect("swept");
    let payment = world.store.payment(payment.number).await.expect("read").expect("there");
    assert_eq!(payment.status, PaymentStatus::Applied);
    assert!(!hanging.is_finished());
    hanging.abort();
    let id = order.subscription.expect("a subscription");
    assert!(held.iter().any(|held| held.id == id));
    assert!(matches!(world.latest(id).await.state, State::Active { .. }));
}

async fn an_invoice_that_was_given_up_is_not_sent_later(world: World) {
    let reader = world.reader("ada").await;
    let invoice = Checkout { processor: MANUAL.into(), ..purchase(&world, &reader, 1).await };
    world.store.abandon_checkout(&invoice).await.expect("abandoned");
    let known = world.store.checkout(&invoice.key).await.expect("read").expect("there");
    let known = Checkout { processor: MANUAL.into(), ..known };
    // Both the checkout as it is and as somebody read it before it was given up.
    for seen in [&known, &invoice] {
        world.billing.settle(seen).await.expect("settled");
    }
    assert!(world.store.subscriptions_of(reader.id).await.expect("read").is_empty());
}

/// A payment of a checkout that was recorded and not applied: the server stopped in between.
async fn recorded(world: &World, checkout: &Checkout) -> Payment {
    let new = NewPayment {
        source: PaymentSource::Checkout(checkout.key),
        processor: checkout.processor.clone(),
        reference: checkout.reference.clone(),
        account: checkout.account,
        subscription: None,
        what: "Web".into(),
        amount: checkout.amount,
        from: world.now(),
        through: world.now(),
        card: String::new(),
        tax: None,
    };
    world.bank.pay(checkout, "card");
    world.store.record_payment(&new, world.now()).await.expect("recorded")
}

async fn status(world: &World, payment: &Payment) -> PaymentStatus {
    world.store.payment(payment.number).await.expect("read").expect("there").status
}

async fn a_payment_of_a_checkout_that_is_not_known_keeps_no_other_waiting(world: World) {
    let reader = world.reader("ada").await;
    for key in 1..=12 {
        let unknown = purchase(&world, &reader, key).await;
        recorded(&world, &unknown).await;
        world.bank.fail(&unknown, Fault::Misunderstood);
    }
    let other = world.reader("bo").await;
    let known = recorded(&world, &purchase(&world, &other, 13).await).await;
    world.pass(SignedDuration::from_mins(1));
    world.billing.sweep_payments().await.expect("swept");
    assert_eq!(status(&world, &known).await, PaymentStatus::Applied);
}

async fn a_payment_of_a_checkout_that_was_given_up_waits_for_staff(world: World) {
    let reader = world.reader("ada").await;
    let unknown = purchase(&world, &reader, 1).await;
    let payment = recorded(&world, &unknown).await;
    world.bank.fail(&unknown, Fault::Misunderstood);
    world.sweep().await;
    assert_eq!(status(&world, &payment).await, PaymentStatus::Recorded, "it may be known later");
    sweep_after(&world, SignedDuration::from_hours(25)).await;
    assert_eq!(progress(&world, &unknown).await, Progress::Unresolved);
    world.billing.sweep_payments().await.expect("swept");
    assert_eq!(status(&world, &payment).await, PaymentStatus::RefundPending);
    // The reader gets an email, though there is no subscription.
    world.assert_accounted_for().await;
}

/// Orders of this many readers whose answers are still to come: 12 of them fail like this.
async fn open_orders(world: &World, count: usize, fault: Fault) -> Vec<String> {
    world.due_readers(count).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.pass(SignedDuration::from_mins(61));
    let orders = world.store.open_charges(world.now(), 99).await.expect("read");
    assert_eq!(orders.len(), count);
    let keys: Vec<String> = orders.iter().map(|order| order.source.to_string()).collect();
    for key in keys.iter().take(12) {
        world.bank.fail_key(key.clone(), fault);
    }
    keys
}

async fn an_order_that_gets_no_answer_keeps_no_other_waiting(world: World) {
    open_orders(&world, 20, Fault::Undecided).await;
    world.billing.sweep_orders().await.expect("swept");
    assert_eq!(world.bank.charges().len(), 8, "all others are paid in the same sweep");
    world.bank.faults.lock().expect("faults").clear();
    world.sweep().await;
    assert_eq!(world.bank.charges().len(), 20);
    world.assert_accounted_for().await;
}

async fn orders_of_a_processor_that_is_away_are_not_all_asked_about(world: World) {
    for key in open_orders(&world, 20, Fault::Unreachable).await {
        world.bank.fail_key(key, Fault::Unreachable);
    }
    let before = world.bank.questions.load(Ordering::SeqCst);
    world.billing.sweep_orders().await.expect("swept");
    let asked = world.bank.questions.load(Ordering::SeqCst) - before;
    assert!((1..=8).contains(&asked), "{asked}");
}

async fn renewals_wait_for_a_processor_that_goes_away_in_the_middle(world: World) {
    let held = world.due_readers(120).await;
    world.bank.away_after.store(20, Ordering::SeqCst);
    // What has nothing to do with the bank, and is due last.
    let ended = world.subscriber("last", world.now()).await;
    world.billing.cancel(ended.id).await.expect("cancelled");
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), 20);
    let asked = world.bank.questions.load(Ordering::SeqCst) - 20;
    assert!((3..=40).contains(&asked), "{asked} were asked in vain");
    assert!(matches!(world.latest(ended.id).await.state, State::Ended { .. }));
    for held in &held {
        assert!(matches!(world.latest(held.id).await.state, State::Active { .. }), "they read on");
    }
    world.assert_accounted_for().await;

    world.bank.away_after.store(0, Ordering::SeqCst);
    world.pass(SignedDuration::from_mins(2));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), 120 - asked, "those that were not asked");
    world.pass(SignedDuration::from_mins(11));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), 120);
    world.assert_accounted_for().await;
}

async fn one_lost_answer_does_not_stop_a_night_of_renewals(world: World) {
    let held = world.due_readers(60).await;
    world.bank.lose.store(1, Ordering::SeqCst);
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.questions.load(Ordering::SeqCst), held.len());
    assert_eq!(world.payments().await.len(), held.len() - 1);
}
