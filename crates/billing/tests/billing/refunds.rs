//! Refunds: each is made once, whatever answer is lost, and of two decisions at the same time one counts.

use std::sync::{Arc, atomic::Ordering};

use jiff::SignedDuration;
use masthead_billing::{
    reconciliation::Mismatch, staff_actions::EntryError, webhooks::WebhookStatus,
};
use masthead_circulation::{Payment, PaymentStatus, RefundStatus, StaffActor};
use masthead_payments::{WebhookMessage, WebhookSubject};
use masthead_store::SettledRefund;

use crate::{on_both_engines, world::World};

on_both_engines!(
    a_refund_whose_answer_was_lost_is_settled_by_the_sweep,
    a_refund_without_an_answer_for_a_day_is_a_mismatch,
    a_refused_refund_is_not_asked_for_again_by_itself,
    a_payment_of_a_deleted_account_is_refunded_once,
    a_payment_that_is_not_applied_cannot_be_refunded,
    of_keeping_and_refunding_at_once_one_is_done,
    what_no_processor_can_refund_is_not_noted,
    a_payment_that_is_kept_is_not_refunded_by_itself,
    a_refund_that_fails_after_it_was_made_waits_for_staff_again,
    a_failed_refund_of_an_unused_payment_is_decided_again,
    messages_about_a_refund_may_come_in_any_order_and_again,
    a_failure_that_is_heard_of_before_the_answer_is_not_overwritten,
    of_many_staff_at_two_servers_one_refunds,
    a_refund_of_a_killed_server_is_asked_for_again_by_staff_and_made_once,
    a_refund_of_a_killed_server_is_finished_by_the_sweep,
    a_refund_of_a_killed_server_is_finished_by_a_webhook,
);

pub fn staff() -> StaffActor {
    StaffActor { by: None, reason: "By phone".into() }
}

/// A payment that a subscription goes on for.
async fn applied(world: &World) -> Payment {
    world.due_readers(1).await;
    world.billing.renew_due().await.expect("renewed");
    world.payments().await.remove(0)
}

async fn status(world: &World, payment: &Payment) -> RefundStatus {
    let refunds = world.store.refunds_of_payments(&[payment.number]).await.expect("read");
    refunds[0].status.clone()
}

async fn a_refund_whose_answer_was_lost_is_settled_by_the_sweep(world: World) {
    let payment = applied(&world).await;
    world.bank.lose.store(2, Ordering::SeqCst);
    let lost = world.billing.refund_number(payment.number, Some("4"), staff()).await;
    assert!(matches!(lost, Err(EntryError::NotRepaid(_))), "{lost:?}");
    let sweep = async |minutes| {
        world.pass(SignedDuration::from_mins(minutes));
        world.billing.sweep_refunds().await.expect("swept");
        (world.bank.lose.load(Ordering::SeqCst), status(&world, &payment).await)
    };
    assert_eq!(sweep(5).await, (1, RefundStatus::Asked), "it is left to the other server");
    assert_eq!(sweep(5).await, (0, RefundStatus::Asked), "lost again");
    assert_eq!(sweep(5).await, (0, RefundStatus::Asked), "it is too early");
    assert_eq!(sweep(5).await, (0, RefundStatus::Settled));
    assert_eq!(world.bank.refunds().len(), 1);
    assert_eq!(world.emails("refunded").await, 1);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn a_refund_without_an_answer_for_a_day_is_a_mismatch(world: World) {
    let payment = applied(&world).await;
    world.bank.lose.store(1, Ordering::SeqCst);
    let lost = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(lost.is_err());
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    world.pass(SignedDuration::from_hours(25));
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    assert_eq!(found, [Mismatch::RefundUnsettled { payment: payment.number }]);
}

async fn a_refused_refund_is_not_asked_for_again_by_itself(world: World) {
    let payment = applied(&world).await;
    world.bank.refuses_refunds.store(true, Ordering::SeqCst);
    let refused = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(matches!(refused, Err(EntryError::RefundRefused(_))), "{refused:?}");
    assert_eq!(world.billing.refused_refunds().await.expect("read").len(), 1);
    world.bank.refuses_refunds.store(false, Ordering::SeqCst);
    world.pass(SignedDuration::from_hours(25));
    world.billing.sweep_refunds().await.expect("swept");
    assert!(world.bank.refunds().is_empty());
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    // Staff ask again, for a part of it.
    world.billing.refund_number(payment.number, Some("4"), staff()).await.expect("refunded");
    assert_eq!(status(&world, &payment).await, RefundStatus::Settled);
    assert!(world.billing.refused_refunds().await.expect("read").is_empty());
}

async fn a_payment_of_a_deleted_account_is_refunded_once(world: World) {
    let payment = applied(&world).await;
    let account = payment.account.expect("an account");
    let account = world.store.account(account).await.expect("read").expect("there");
    assert!(world.store.delete_account(&account, world.now()).await.expect("deleted"));
    world.billing.refund_number(payment.number, None, staff()).await.expect("refunded");
    let again = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(matches!(again, Err(EntryError::Refunded { .. })), "{again:?}");
    assert_eq!(world.bank.refunds().len(), 1);
}

async fn a_payment_that_is_not_applied_cannot_be_refunded(world: World) {
    let held = world.due_readers(1).await.remove(0);
    let new = masthead_circulation::NewPayment {
        source: masthead_circulation::PaymentSource::entered(held.id, world.now()),
        processor: crate::bank::NAME.into(),
        reference: String::new(),
        account: Some(held.account),
        subscription: Some(held.id),
        what: "Web".into(),
        amount: held.terms.amount,
        from: world.now(),
        through: world.now(),
        card: String::new(),
        tax: None,
    };
    let payment = world.store.record_payment(&new, world.now()).await.expect("recorded");
    let refund = async || world.billing.refund_number(payment.number, None, staff()).await;
    let refused = refund().await;
    assert!(matches!(refused, Err(EntryError::NotRefundable { .. })), "{refused:?}");
    assert!(world.bank.refunds().is_empty());
    world.pass(SignedDuration::from_mins(1));
    world.billing.sweep_payments().await.expect("swept");
    refund().await.expect("refunded");
    let latest = world.store.payment(payment.number).await.expect("read").expect("there");
    assert_eq!(latest.status, PaymentStatus::Applied);
}

async fn of_keeping_and_refunding_at_once_one_is_done(world: World) {
    for _ in 0..4 {
        let held = world.due_readers(1).await.remove(0);
        world.bank.lose.store(1, Ordering::SeqCst);
        world.billing.renew_due().await.expect("tried");
        world.billing.cancel(held.id).await.expect("cancelled");
        world.billing.renew_due().await.expect("ended");
        world.sweep().await;
        let pending = world.billing.pending_refunds().await.expect("read");
        let number = pending.last().expect("one").payment.number;
        let deciding = (0..10).map(|one| {
            let billing = Arc::clone(&world.billing);
            tokio::spawn(async move {
                if one % 2 == 0 {
                    billing.keep_payment(number, staff()).await.is_ok()
                } else {
                    billing.refund_number(number, None, staff()).await.is_ok()
                }
            })
        });
        let mut done = [false; 2];
        for (one, decided) in deciding.collect::<Vec<_>>().into_iter().enumerate() {
            done[one % 2] |= decided.await.expect("joined");
        }
        let refunded = world.bank.refunds().iter().any(|made| made.payment == number);
        assert_eq!(done, [!refunded, refunded]);
        let payment = world.store.payment(number).await.expect("read").expect("there");
        let expected = if refunded { PaymentStatus::Refunded } else { PaymentStatus::Kept };
        assert_eq!(payment.status, expected);
        let account = world.store.account(held.account).await.expect("read").expect("there");
        assert!(world.store.delete_account(&account, world.now()).await.expect("deleted"));
    }
}

async fn what_no_processor_can_refund_is_not_noted(world: World) {
    let held = world.due_readers(1).await.remove(0);
    let new = masthead_circulation::NewPayment {
        source: masthead_circulation::PaymentSource::Checkout(masthead_circulation::Digest(
            [1; 32],
        )),
        processor: "former".into(),
        reference: "cs_1".into(),
        account: Some(held.account),
        subscription: Some(held.id),
        what: "Web".into(),
        amount: held.terms.amount,
        from: world.now(),
        through: world.now(),
        card: String::new(),
        tax: None,
    };
    let payment = world.store.record_payment(&new, world.now()).await.expect("recorded");
    let reason = masthead_circulation::UnusedReason::NothingToPayFor;
    let number = payment.number;
    assert!(
        world.store.set_payment_aside(number, reason, &[], world.now()).await.expect("set aside")
    );
    let refused = world.billing.refund_number(number, None, staff()).await;
    assert!(matches!(refused, Err(EntryError::NoProcessor { .. })), "{refused:?}");
    assert!(world.store.refunds_of_payments(&[number]).await.expect("read").is_empty());
    world.billing.keep_payment(number, staff()).await.expect("it is open to staff");
}

/// A payment that no subscription can take.
async fn pending(world: &World) -> Payment {
    let held = world.due_readers(1).await.remove(0);
    world.bank.lose.store(1, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    world.billing.cancel(held.id).await.expect("cancelled");
    world.billing.renew_due().await.expect("ended");
    world.sweep().await;
    world.billing.pending_refunds().await.expect("read").remove(0).payment
}

async fn a_payment_that_is_kept_is_not_refunded_by_itself(world: World) {
    let payment = pending(&world).await;
    world.bank.refuses_refunds.store(true, Ordering::SeqCst);
    let refused = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(matches!(refused, Err(EntryError::RefundRefused(_))), "{refused:?}");
    world.bank.refuses_refunds.store(false, Ordering::SeqCst);
    world.billing.keep_payment(payment.number, staff()).await.expect("kept");
    assert_eq!(status(&world, &payment).await, RefundStatus::GivenUp);
    world.pass(SignedDuration::from_hours(25));
    world.billing.sweep_refunds().await.expect("swept");
    assert!(world.bank.refunds().is_empty());
    // The processor made it after all.
    let refund = world.store.refunds_of_payments(&[payment.number]).await.expect("read").remove(0);
    let settled = SettledRefund { refund: &refund, payment: &payment, emails: &[] };
    assert!(world.store.settle_refund(&settled, world.now()).await.expect("settled"));
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    assert_eq!(found, [Mismatch::KeptAndRefunded { payment: payment.number }]);
}

/// A message of the bank that something has become of a refund.
async fn hear(world: &World, payment: &Payment, number: u32) -> WebhookStatus {
    let subject = WebhookSubject::Refund(payment.number);
    let message = WebhookMessage { id: format!("evt_{number}"), subject };
    world.billing.handle_webhook("bank", &message).await.expect("handled")
}

async fn payment_status(world: &World, payment: &Payment) -> PaymentStatus {
    world.store.payment(payment.number).await.expect("read").expect("there").status
}

async fn a_refund_that_fails_after_it_was_made_waits_for_staff_again(world: World) {
    let payment = applied(&world).await;
    world.billing.refund_number(payment.number, Some("4"), staff()).await.expect("refunded");
    assert_eq!(hear(&world, &payment, 1).await, WebhookStatus::Done);
    assert_eq!(status(&world, &payment).await, RefundStatus::Settled);
    world.bank.fail_refunds(payment.number);
    assert_eq!(hear(&world, &payment, 2).await, WebhookStatus::Done);
    let refused = RefundStatus::Refused("the account is closed".to_owned());
    assert_eq!(status(&world, &payment).await, refused);
    assert_eq!(world.billing.refused_refunds().await.expect("read").len(), 1);
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!(found.mismatches, [Mismatch::RefundFailed { payment: payment.number }]);
    assert_eq!(found.totals[0].refunded, 0);
    let id = payment.subscription.expect("a subscription");
    let audit = world.store.audit_of(id).await.expect("read");
    assert_eq!(audit.last().expect("an entry").what, "refund-failed");
    // Staff ask again; the new attempt has nothing to do with the old one.
    world.billing.refund_number(payment.number, Some("4"), staff()).await.expect("refunded");
    assert_eq!(hear(&world, &payment, 3).await, WebhookStatus::Done);
    assert_eq!(status(&world, &payment).await, RefundStatus::Settled);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn a_failed_refund_of_an_unused_payment_is_decided_again(world: World) {
    let payment = pending(&world).await;
    world.billing.refund_number(payment.number, None, staff()).await.expect("refunded");
    assert_eq!(payment_status(&world, &payment).await, PaymentStatus::Refunded);
    world.bank.fail_refunds(payment.number);
    hear(&world, &payment, 1).await;
    assert_eq!(payment_status(&world, &payment).await, PaymentStatus::RefundPending);
    world.billing.keep_payment(payment.number, staff()).await.expect("kept");
    assert_eq!(payment_status(&world, &payment).await, PaymentStatus::Kept);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn messages_about_a_refund_may_come_in_any_order_and_again(world: World) {
    let payment = applied(&world).await;
    world.billing.refund_number(payment.number, None, staff()).await.expect("refunded");
    world.bank.fail_refunds(payment.number);
    world.bank.lose.store(1, Ordering::SeqCst);
    assert_eq!(hear(&world, &payment, 2).await, WebhookStatus::SendAgain);
    // The one about the failure comes first, then an older one, then both again, at two servers.
    let other = world.another_node().await;
    for number in [2, 1, 2, 1] {
        hear(&world, &payment, number).await;
        let subject = WebhookSubject::Refund(payment.number);
        let message = WebhookMessage { id: format!("evt_9{number}"), subject };
        other.handle_webhook("bank", &message).await.expect("handled");
        assert!(matches!(status(&world, &payment).await, RefundStatus::Refused(_)));
    }
    assert_eq!(world.billing.refused_refunds().await.expect("read").len(), 1);
    assert_eq!(world.emails("refunded").await, 1);
    // One about a payment that has no refund, or is not there, changes nothing.
    let unknown = masthead_circulation::PaymentNumber(4000);
    let nobody = Payment { number: unknown, ..payment.clone() };
    assert_eq!(hear(&world, &nobody, 7).await, WebhookStatus::Done);
}

async fn a_failure_that_is_heard_of_before_the_answer_is_not_overwritten(world: World) {
    let payment = applied(&world).await;
    world.bank.lose.store(1, Ordering::SeqCst);
    let lost = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(matches!(lost, Err(EntryError::NotRepaid(_))), "{lost:?}");
    let asked = world.store.refunds_of_payments(&[payment.number]).await.expect("read").remove(0);
    world.bank.fail_refunds(payment.number);
    hear(&world, &payment, 1).await;
    // The server that had asked hears only now that the bank had accepted it.
    let settled = SettledRefund { refund: &asked, payment: &payment, emails: &[] };
    assert!(!world.store.settle_refund(&settled, world.now()).await.expect("asked"));
    assert!(matches!(status(&world, &payment).await, RefundStatus::Refused(_)));
}

/// One refund was made at the bank, and it is the one that is stored.
async fn assert_one_refund(world: &World, payment: &Payment) {
    let made = world.bank.refunds();
    assert_eq!(made.len(), 1, "{made:?}");
    let known = world.store.refunds_of_payments(&[payment.number]).await.expect("read").remove(0);
    assert_eq!(known.status, RefundStatus::Settled);
    assert_eq!((known.attempt, known.amount), (made[0].attempt, made[0].amount));
    assert_eq!(world.emails("refunded").await, 1);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn of_many_staff_at_two_servers_one_refunds(world: World) {
    let payment = applied(&world).await;
    let (number, other) = (payment.number, world.another_node().await);
    world.bank.lose.store(3, Ordering::SeqCst);
    let clicks = (0..12).map(|click| {
        let billing = Arc::clone(if click % 2 == 0 { &world.billing } else { &other });
        let amount = ["4", "5", "12"][click % 3];
        tokio::spawn(async move { billing.refund_number(number, Some(amount), staff()).await })
    });
    for click in clicks.collect::<Vec<_>>() {
        let outcome = click.await.expect("joined");
        let is_told =
            matches!(outcome, Ok(()) | Err(EntryError::Refunded { .. } | EntryError::NotRepaid(_)));
        assert!(is_told, "{outcome:?}");
    }
    world.bank.lose.store(0, Ordering::SeqCst);
    for _ in 0..2 {
        world.pass(SignedDuration::from_mins(10));
        let (one, two) = tokio::join!(world.billing.sweep_refunds(), other.sweep_refunds());
        one.and(two).expect("swept");
    }
    assert_one_refund(&world, &payment).await;
}

/// A payment of which a part was refunded by a server that was killed before it could note the answer.
async fn refunded_by_a_killed_server(world: &World) -> Payment {
    let payment = applied(world).await;
    world.bank.hangs.store(true, Ordering::SeqCst);
    let (billing, number) = (Arc::clone(&world.billing), payment.number);
    let refund = async move { billing.refund_number(number, Some("4"), staff()).await };
    let killed = tokio::spawn(refund);
    world.bank.hanging.notified().await;
    killed.abort();
    assert!(killed.await.is_err_and(|ended| ended.is_cancelled()));
    world.bank.hangs.store(false, Ordering::SeqCst);
    assert_eq!(status(world, &payment).await, RefundStatus::Asked, "it was noted before");
    payment
}

async fn a_refund_of_a_killed_server_is_asked_for_again_by_staff_and_made_once(world: World) {
    let payment = refunded_by_a_killed_server(&world).await;
    let other = world.another_node().await;
    let refund = async |amount| other.refund_number(payment.number, Some(amount), staff()).await;
    let another = refund("5").await;
    assert!(matches!(another, Err(EntryError::Refunded { .. })), "{another:?}");
    refund("4").await.expect("refunded");
    let again = refund("4").await;
    assert!(matches!(again, Err(EntryError::Refunded { .. })), "{again:?}");
    assert_one_refund(&world, &payment).await;
}

async fn a_refund_of_a_killed_server_is_finished_by_the_sweep(world: World) {
    let payment = refunded_by_a_killed_server(&world).await;
    world.pass(SignedDuration::from_mins(10));
    world.another_node().await.sweep_refunds().await.expect("swept");
    assert_one_refund(&world, &payment).await;
}

async fn a_refund_of_a_killed_server_is_finished_by_a_webhook(world: World) {
    let payment = refunded_by_a_killed_server(&world).await;
    assert_eq!(hear(&world, &payment, 1).await, WebhookStatus::Done);
    assert_eq!(hear(&world, &payment, 1).await, WebhookStatus::Done, "again");
    world.pass(SignedDuration::from_mins(10));
    world.billing.sweep_refunds().await.expect("swept");
    assert_one_refund(&world, &payment).await;
}
