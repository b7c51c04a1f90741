//! Refunds that were made at a processor and not from here: each is booked once, whatever messages come about it, and when.

use std::sync::atomic::Ordering;

use masthead_billing::{
    reconciliation::Mismatch, staff_actions::EntryError, webhooks::WebhookStatus,
};
use masthead_circulation::{
    Actor, Event, Money, Payment, PaymentStatus, ProcessorRefund, Refund, RefundStatus, State,
    Subscription,
};
use masthead_payments::{WebhookMessage, WebhookSubject};

use crate::{
    bank::NAME,
    late::DAY,
    on_both_engines,
    recovery::recorded,
    refunds::staff,
    world::{World, monthly, usd},
};

on_both_engines!(
    refunds_at_the_bank_are_booked_whatever_messages_come,
    what_pays_for_the_running_period_and_was_refunded_is_not_renewed,
    a_part_that_was_refunded_stops_nothing,
    what_is_asked_for_here_is_not_booked_twice,
    a_refund_that_is_asked_for_becomes_what_the_bank_has_left,
    a_refund_at_the_bank_in_place_of_a_lost_answer_counts_once,
    refunds_without_messages_are_found_at_night,
    a_refund_at_the_bank_that_fails_counts_no_longer,
    a_payment_that_was_kept_and_refunded_at_the_bank_is_refunded,
    what_the_bank_has_refunded_is_booked_before_more_is_asked_for,
    of_a_payment_that_the_bank_has_refunded_in_part_the_rest_is_asked_for,
    of_a_payment_that_the_bank_has_refunded_nothing_is_asked_for,
    what_fails_at_the_bank_is_not_missing_in_what_was_asked_for_here,
    a_failure_that_was_never_booked_is_not_asked_about_again,
    a_payment_that_is_refunded_before_it_is_applied_stops_renewals_then,
);

/// A month that is paid, half of which is left.
async fn paid(world: &World) -> (Subscription, Payment) {
    let held = world.due_readers(1).await.remove(0);
    world.billing.renew_due().await.expect("renewed");
    world.pass(DAY * 15);
    (world.latest(held.id).await, world.payments().await.remove(0))
}

/// Somebody refunds this at the bank.
fn at_the_bank(world: &World, payment: &Payment, reference: &str, minor: u64) {
    let refund = ProcessorRefund {
        reference: reference.to_owned(),
        amount: Money::of(minor, payment.amount.currency()),
        made: world.now(),
        is_failed: false,
        mark: None,
    };
    world.bank.elsewhere.lock().expect("books").push((payment.source.to_string(), refund));
}

async fn send(world: &World, payment: &Payment, id: &str) -> WebhookStatus {
    let subject = WebhookSubject::RefundOf(payment.source.to_string());
    let message = WebhookMessage { id: id.to_owned(), subject };
    world.billing.handle_webhook(NAME, &message).await.expect("no failure")
}

async fn refund_of(world: &World, payment: &Payment) -> Option<Refund> {
    world.store.refunds_of_payments(&[payment.number]).await.expect("read").pop()
}

async fn refunded(world: &World, payment: &Payment) -> u64 {
    Refund::refunded_of(payment.amount, refund_of(world, payment).await.as_ref()).minor()
}

async fn history(world: &World, held: &Subscription, what: &str) -> usize {
    let audit = world.store.audit_of(held.id).await.expect("read");
    let own = audit.iter().filter(|entry| entry.what == what && entry.actor == Actor::Processor);
    own.count()
}

async fn refunds_at_the_bank_are_booked_whatever_messages_come(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 300);
    world.bank.lose.store(1, Ordering::SeqCst);
    assert_eq!(send(&world, &payment, "evt_1").await, WebhookStatus::SendAgain);
    for id in ["evt_1", "evt_1", "evt_2"] {
        assert_eq!(send(&world, &payment, id).await, WebhookStatus::Done);
        assert_eq!(refunded(&world, &payment).await, 300);
    }
    // Another server hears of the second at the same time.
    at_the_bank(&world, &payment, "re_2", 400);
    let other = world.another_node().await;
    let subject = WebhookSubject::RefundOf(payment.source.to_string());
    let message = WebhookMessage { id: "evt_4".to_owned(), subject };
    let (here, there) =
        tokio::join!(send(&world, &payment, "evt_3"), other.handle_webhook(NAME, &message));
    assert_eq!((here, there.expect("no failure")), (WebhookStatus::Done, WebhookStatus::Done));
    assert_eq!(refunded(&world, &payment).await, 700);
    assert_eq!(history(&world, &held, "refunded-elsewhere").await, 2);
    assert_eq!(world.emails("refunded").await, 2);
    assert_eq!(world.store.refunds_to_tell(9).await.expect("read").len(), 2);
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!((found.mismatches, found.totals[0].refunded), (Vec::new(), 700));
    // A payment that is not known here.
    let subject = WebhookSubject::RefundOf("renewal:9:9:0:1200USD:00".to_owned());
    let foreign = WebhookMessage { id: "evt_5".to_owned(), subject };
    let handled = world.billing.handle_webhook(NAME, &foreign).await.expect("no failure");
    assert_eq!(handled, WebhookStatus::Done);
}

async fn what_pays_for_the_running_period_and_was_refunded_is_not_renewed(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 500);
    send(&world, &payment, "evt_1").await;
    assert!(matches!(world.latest(held.id).await.state, State::Active { .. }));
    at_the_bank(&world, &payment, "re_2", payment.amount.minor() - 500);
    send(&world, &payment, "evt_2").await;
    send(&world, &payment, "evt_3").await;
    let stopped = world.latest(held.id).await;
    assert_eq!(stopped.state, State::Cancelling { ends: payment.through, trial: false });
    assert_eq!(history(&world, &held, Event::Cancelled.name()).await, 1);
    assert_eq!(world.emails("cancelled").await, 1);
    // The reader takes it back, and what is known stops nothing again.
    world.billing.resume(held.id).await.expect("taken back");
    send(&world, &payment, "evt_4").await;
    world.billing.sweep_refunds().await.expect("swept");
    world.billing.reconcile().await.expect("compared");
    assert!(matches!(world.latest(held.id).await.state, State::Active { .. }));
}

async fn a_part_that_was_refunded_stops_nothing(world: World) {
    let (held, payment) = paid(&world).await;
    world.pass(DAY * 20);
    world.billing.renew_due().await.expect("renewed");
    let payments = world.payments().await;
    assert_eq!(payments.len(), 2);
    // All of the former period, and a part of this one.
    at_the_bank(&world, &payments[0], "re_1", payment.amount.minor());
    at_the_bank(&world, &payments[1], "re_2", 100);
    for (number, payment) in payments.iter().enumerate() {
        send(&world, payment, &format!("evt_{number}")).await;
    }
    assert!(matches!(world.latest(held.id).await.state, State::Active { .. }));
    assert!(world.store.refunds_to_follow(9).await.expect("read").is_empty());
}

async fn what_is_asked_for_here_is_not_booked_twice(world: World) {
    let (_, payment) = paid(&world).await;
    // The answer is lost, and the message about it comes first.
    world.bank.lose.store(1, Ordering::SeqCst);
    let lost = world.billing.refund_number(payment.number, Some("4"), staff()).await;
    assert!(lost.is_err());
    send(&world, &payment, "evt_1").await;
    assert_eq!(refunded(&world, &payment).await, 0, "it is asked about by itself");
    world.pass(DAY);
    world.billing.sweep_refunds().await.expect("swept");
    world.billing.reconcile().await.expect("compared");
    assert_eq!(refunded(&world, &payment).await, 400);
    // The rest is refunded at the bank.
    at_the_bank(&world, &payment, "re_1", payment.amount.minor() - 400);
    send(&world, &payment, "evt_2").await;
    assert_eq!(refunded(&world, &payment).await, payment.amount.minor());
    let more = world.billing.refund_number(payment.number, Some("1"), staff()).await;
    assert!(matches!(more, Err(EntryError::Refunded { .. })), "{more:?}");
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn a_refund_that_is_asked_for_becomes_what_the_bank_has_left(world: World) {
    let (_, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 500);
    send(&world, &payment, "evt_1").await;
    let whole = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(matches!(whole, Err(EntryError::NotSoMuch { .. })), "{whole:?}");
    // The order does not reach the bank, and somebody refunds a part there meanwhile.
    world.bank.refuses_refunds.store(true, Ordering::SeqCst);
    let left = payment.amount.minor() - 500;
    let refused = world.billing.refund_number(payment.number, Some("7"), staff()).await;
    assert!(refused.is_err());
    assert_eq!(left, 700);
    world.bank.refuses_refunds.store(false, Ordering::SeqCst);
    at_the_bank(&world, &payment, "re_2", 700);
    send(&world, &payment, "evt_2").await;
    let known = refund_of(&world, &payment).await.expect("a refund");
    assert_eq!((known.status, known.elsewhere), (RefundStatus::GivenUp, usd(1200)));
    assert!(world.billing.refused_refunds().await.expect("read").is_empty());
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn a_refund_at_the_bank_in_place_of_a_lost_answer_counts_once(world: World) {
    let (_, payment) = paid(&world).await;
    world.bank.refuses_refunds.store(true, Ordering::SeqCst);
    let wanted = world.billing.refund_number(payment.number, Some("4"), staff()).await;
    assert!(wanted.is_err());
    world.bank.refuses_refunds.store(false, Ordering::SeqCst);
    // It is refused, so what is made at the bank is another, and what is asked for again as well.
    at_the_bank(&world, &payment, "re_1", 400);
    send(&world, &payment, "evt_1").await;
    assert_eq!(refunded(&world, &payment).await, 400);
    world.billing.refund_number(payment.number, Some("4"), staff()).await.expect("refunded");
    assert_eq!(refunded(&world, &payment).await, 800);
    world.billing.reconcile().await.expect("compared");
    assert_eq!(refunded(&world, &payment).await, 800);
}

async fn refunds_without_messages_are_found_at_night(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", payment.amount.minor());
    for _ in 0..2 {
        world.billing.reconcile().await.expect("compared");
        assert_eq!(refunded(&world, &payment).await, payment.amount.minor());
    }
    assert_eq!(history(&world, &held, "refunded-elsewhere").await, 1);
    assert!(matches!(world.latest(held.id).await.state, State::Cancelling { .. }));
    world.bank.cuts_lists.store(true, Ordering::SeqCst);
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    let is_of = |mismatch: &Mismatch| {
        let text = mismatch.to_string();
        text.contains("bank does not list all") && text.contains("more than")
    };
    assert_eq!(found.iter().filter(|mismatch| is_of(mismatch)).count(), 2, "{found:?}");
    world.bank.cuts_lists.store(false, Ordering::SeqCst);
    world.bank.refuses_lists.store(true, Ordering::SeqCst);
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    let refused =
        Mismatch::RefundsUnknown { processor: NAME.into(), reason: "403: no permission".into() };
    assert!(found.contains(&refused), "{found:?}");
}

async fn a_refund_at_the_bank_that_fails_counts_no_longer(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 300);
    at_the_bank(&world, &payment, "re_2", 200);
    send(&world, &payment, "evt_1").await;
    world.bank.elsewhere.lock().expect("books")[0].1.is_failed = true;
    for id in ["evt_2", "evt_3"] {
        send(&world, &payment, id).await;
        assert_eq!(refunded(&world, &payment).await, 200);
    }
    world.bank.elsewhere.lock().expect("books")[1].1.is_failed = true;
    world.billing.reconcile().await.expect("compared");
    assert_eq!(refund_of(&world, &payment).await, None);
    assert_eq!(history(&world, &held, "refund-failed").await, 2);
    // An answer from before arrives late.
    world.bank.elsewhere.lock().expect("books")[1].1.is_failed = false;
    send(&world, &payment, "evt_4").await;
    assert_eq!(refunded(&world, &payment).await, 0);
}

async fn a_payment_that_was_kept_and_refunded_at_the_bank_is_refunded(world: World) {
    let reader = world.reader("ada").await;
    for key in [1, 2] {
        let checkout = world.purchase(&reader, key, monthly()).await;
        world.bank.pay(&checkout, "card");
        world.billing.settle(&checkout).await.expect("settled");
    }
    // No subscription can take the second.
    let unused = world.billing.pending_refunds().await.expect("read").remove(0).payment;
    world.billing.keep_payment(unused.number, staff()).await.expect("kept");
    at_the_bank(&world, &unused, "re_1", unused.amount.minor());
    send(&world, &unused, "evt_1").await;
    let now = world.store.payment(unused.number).await.expect("read").expect("a payment");
    assert_eq!(now.status, PaymentStatus::Refunded);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn what_the_bank_has_refunded_is_booked_before_more_is_asked_for(world: World) {
    let (_, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 300);
    send(&world, &payment, "evt_1").await;
    // No message comes about what follows.
    at_the_bank(&world, &payment, "re_2", 200);
    world.billing.refund_number(payment.number, Some("4"), staff()).await.expect("refunded");
    let known = refund_of(&world, &payment).await.expect("a refund");
    assert_eq!((known.amount, known.elsewhere), (usd(400), usd(500)));
    world.billing.reconcile().await.expect("compared");
    assert_eq!(refunded(&world, &payment).await, 900);
}

async fn of_a_payment_that_the_bank_has_refunded_in_part_the_rest_is_asked_for(world: World) {
    let (_, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 500);
    world.billing.refund_number(payment.number, None, staff()).await.expect("refunded");
    let made: Vec<u64> = world.bank.refunds().iter().map(|made| made.amount.minor()).collect();
    assert_eq!(made, [700]);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    assert_eq!(refunded(&world, &payment).await, 1200);
}

async fn of_a_payment_that_the_bank_has_refunded_nothing_is_asked_for(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 1200);
    let none = world.billing.refund_number(payment.number, Some("4"), staff()).await;
    assert!(matches!(none, Err(EntryError::Refunded { .. })), "{none:?}");
    assert!(world.bank.refunds().is_empty());
    world.billing.sweep_refunds().await.expect("swept");
    assert!(matches!(world.latest(held.id).await.state, State::Cancelling { .. }));
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn what_fails_at_the_bank_is_not_missing_in_what_was_asked_for_here(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 300);
    send(&world, &payment, "evt_1").await;
    world.billing.refund_number(payment.number, Some("4"), staff()).await.expect("refunded");
    // When it is asked what became of that, the bank misses the 3 dollars already.
    let hear = async |id: &str| {
        let subject = WebhookSubject::Refund(payment.number);
        let message = WebhookMessage { id: id.to_owned(), subject };
        world.billing.handle_webhook(NAME, &message).await.expect("no failure")
    };
    assert_eq!(hear("evt_2").await, WebhookStatus::Done);
    assert_eq!(history(&world, &held, "refund-failed").await, 0);
    world.bank.elsewhere.lock().expect("books")[0].1.is_failed = true;
    for id in ["evt_3", "evt_4"] {
        assert_eq!(hear(id).await, WebhookStatus::Done);
        assert_eq!(history(&world, &held, "refund-failed").await, 1);
        assert_eq!(refunded(&world, &payment).await, 400);
    }
}

async fn a_failure_that_was_never_booked_is_not_asked_about_again(world: World) {
    let (held, payment) = paid(&world).await;
    at_the_bank(&world, &payment, "re_1", 300);
    world.bank.elsewhere.lock().expect("books")[0].1.is_failed = true;
    let asked = world.bank.questions.load(Ordering::SeqCst);
    world.billing.reconcile().await.expect("compared");
    assert_eq!(world.bank.questions.load(Ordering::SeqCst), asked);
    assert_eq!(history(&world, &held, "refund-failed").await, 0);
}

async fn a_payment_that_is_refunded_before_it_is_applied_stops_renewals_then(world: World) {
    let (held, payment) = recorded(&world).await;
    at_the_bank(&world, &payment, "re_1", 1200);
    send(&world, &payment, "evt_1").await;
    assert_eq!(world.store.refunds_to_follow(9).await.expect("read").len(), 1, "not yet");
    world.pass(DAY);
    world.billing.sweep_payments().await.expect("applied");
    let status = world.store.payment(payment.number).await.expect("read").expect("there").status;
    assert_eq!(status, PaymentStatus::Applied);
    world.billing.sweep_refunds().await.expect("swept");
    assert!(matches!(world.latest(held.id).await.state, State::Cancelling { .. }));
}
