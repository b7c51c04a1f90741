//! Withdrawals from contracts: everything that was paid is refunded, once, whatever happens at the same time or in between.

use std::sync::{Arc, atomic::Ordering};

use jiff::SignedDuration;
use masthead_billing::{
    Billing, endings::EndingOutcome, plan_change::PlanChange, reconciliation::Mismatch,
    staff_actions::EntryError,
};
use masthead_circulation::{
    Account, Actor, DisputeStatus, NewPayment, PaymentSource, PaymentStatus, RefundStatus,
    StaffActor, Subscription, SubscriptionId, UnusedReason, WithdrawalWay,
};
use masthead_payments::{WebhookMessage, WebhookSubject};
use masthead_store::{AppliedPayment, SubscriptionChange};

use crate::{
    disputes::{say, send},
    on_both_engines,
    world::{World, monthly, terms, usd},
};

on_both_engines!(
    what_was_paid_is_refunded_once_by_whichever_server,
    a_refund_whose_answer_was_lost_is_asked_for_again,
    a_refund_that_is_refused_is_listed_for_staff,
    a_renewal_and_a_change_of_plan_are_refunded_as_well,
    withdrawing_while_renewals_run_loses_no_payment,
    a_payment_of_a_processor_that_is_gone_waits_for_staff,
    an_earlier_part_that_fails_after_the_withdrawal_waits_for_staff,
    a_letter_counts_on_the_day_it_was_sent_and_once,
    what_a_bank_has_taken_is_not_refunded_on_withdrawal,
    a_refund_that_is_asked_for_waits_for_a_dispute,
);

async fn what_a_bank_has_taken_is_not_refunded_on_withdrawal(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    let payment = world.payments().await.remove(0);
    say(&world, &payment, DisputeStatus::NeedsResponse);
    send(&world, "evt_1").await;
    assert_eq!(world.billing.refund_on_withdrawal(&held).await.expect("read"), usd(0));
    let EndingOutcome::Ended(ended) = withdraw(&world, &reader, held.id).await else {
        panic!("it is over");
    };
    assert_eq!(ended[0].refund, usd(0), "nothing is promised");
    world.billing.sweep_refunds().await.expect("swept");
    assert!(world.bank.refunds().is_empty(), "the bank has the money");
    world.pass(SignedDuration::from_hours(24 * 9));
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    // The money has come back: staff refund it.
    say(&world, &payment, DisputeStatus::Won);
    send(&world, "evt_2").await;
    let pending = world.billing.pending_refunds().await.expect("read");
    let pending: Vec<_> = pending.iter().map(|one| (one.payment.number, one.left)).collect();
    assert_eq!(pending, [(payment.number, usd(1200))]);
    let staff = crate::refunds::staff();
    world.billing.refund_number(payment.number, None, staff).await.expect("refunded");
    assert_eq!(world.bank.refunds().len(), 1);
}

async fn a_refund_that_is_asked_for_waits_for_a_dispute(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    withdraw(&world, &reader, held.id).await;
    let payment = world.payments().await.remove(0);
    say(&world, &payment, DisputeStatus::NeedsResponse);
    send(&world, "evt_1").await;
    let sweep = async || {
        world.pass(SignedDuration::from_hours(25));
        world.billing.sweep_refunds().await.expect("swept");
        world.store.refunds_of_payments(&[payment.number]).await.expect("read").remove(0).status
    };
    assert_eq!(sweep().await, RefundStatus::Asked);
    assert!(world.bank.refunds().is_empty(), "the bank has the money");
    world.pass(SignedDuration::from_hours(24 * 9));
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    say(&world, &payment, DisputeStatus::Lost);
    send(&world, "evt_2").await;
    let refused = sweep().await;
    assert!(
        matches!(&refused, RefundStatus::Refused(why) if why.contains("dispute")),
        "{refused:?}"
    );
    assert_eq!(sweep().await, refused, "staff decide");
    assert!(world.bank.refunds().is_empty());
}

/// The letter was sent in time, and arrives when the period is over.
async fn a_letter_counts_on_the_day_it_was_sent_and_once(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    let (first, _) = world.billing.withdrawal_days(&held).expect("a contract");
    world.pass(SignedDuration::from_hours(24 * 20));
    assert_eq!(withdraw(&world, &reader, held.id).await, EndingOutcome::Nothing, "too late");
    let held = world.latest(held.id).await;
    let (_, last) = world.billing.withdrawal_days(&held).expect("a contract");
    let late = last.tomorrow().expect("a day");
    let staff = || StaffActor { by: None, reason: "Her letter".into() };
    let enter = |billing: &Arc<Billing>, sent| {
        let billing = Arc::clone(billing);
        async move { billing.enter_withdrawal(held.id, "Ada", sent, staff()).await }
    };
    for refused in [late, first.yesterday().expect("a day")] {
        let error = enter(&world.billing, refused).await.expect_err("outside the period");
        assert!(matches!(error, EntryError::NotInWithdrawalPeriod { .. }), "{error}");
    }
    let nodes = [Arc::clone(&world.billing), world.another_node().await];
    let clicks: Vec<_> =
        (0..10).map(|click| tokio::spawn(enter(&nodes[click % 2], last))).collect();
    let mut ended = Vec::new();
    for click in clicks {
        ended.extend(click.await.expect("joined"));
    }
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].refund, usd(1200));
    world.billing.sweep_refunds().await.expect("swept");
    assert_eq!(world.bank.refunds().len(), 1);
    let declared = world.store.withdrawals_of(reader.id).await.expect("read");
    assert_eq!((declared.len(), declared[0].way), (1, WithdrawalWay::Staff));
    assert_eq!(world.emails("withdrawn").await, 1);
}

/// A reader who has bought a subscription on these terms now.
async fn bought(world: &World, interval: &str) -> (Account, Subscription) {
    let reader = world.reader("ada").await;
    let terms = if interval == "1 month" { monthly() } else { terms("web-weekly", 300, interval) };
    let checkout = world.purchase(&reader, 1, terms).await;
    world.bank.pay(&checkout, "card");
    world.billing.settle(&checkout).await.expect("settled");
    let held = world.store.subscriptions_of(reader.id).await.expect("read").remove(0);
    (reader, held)
}

async fn withdraw(world: &World, reader: &Account, id: SubscriptionId) -> EndingOutcome {
    world.billing.withdraw(reader.id, &[id], "Ada Example").await.expect("a database")
}

async fn what_was_paid_is_refunded_once_by_whichever_server(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    let nodes = [Arc::clone(&world.billing), world.another_node().await];
    let clicks: Vec<_> = (0..20)
        .map(|click| {
            let (billing, reader, id) = (Arc::clone(&nodes[click % 2]), reader.id, held.id);
            tokio::spawn(async move { billing.withdraw(reader, &[id], "Ada").await })
        })
        .collect();
    let mut ended = Vec::new();
    for click in clicks {
        match click.await.expect("joined").expect("no failure") {
            EndingOutcome::Ended(all) => ended.extend(all),
            outcome => assert_eq!(outcome, EndingOutcome::Nothing),
        }
    }
    assert_eq!(ended.len(), 1);
    assert_eq!((ended[0].before.clone(), ended[0].refund), (held, usd(1200)));
    assert!(world.bank.refunds().is_empty(), "the server may end here: the refund is noted");
    let (one, two) = tokio::join!(nodes[0].sweep_refunds(), nodes[1].sweep_refunds());
    assert!(one.is_ok() && two.is_ok());
    world.pass(SignedDuration::from_hours(1));
    nodes[1].sweep_refunds().await.expect("swept");
    let refunds = world.bank.refunds();
    assert_eq!((refunds.len(), refunds[0].amount), (1, usd(1200)));
    assert_eq!(world.payments().await[0].status, PaymentStatus::Refunded);
    assert_eq!((world.emails("withdrawn").await, world.emails("refunded").await), (1, 1));
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    // Nothing is collected for it any more.
    world.pass(SignedDuration::from_hours(24 * 40));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), 1);
}

async fn a_refund_whose_answer_was_lost_is_asked_for_again(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    world.bank.lose.store(1, Ordering::SeqCst);
    let outcome = withdraw(&world, &reader, held.id).await;
    assert!(matches!(outcome, EndingOutcome::Ended(_)), "{outcome:?}");
    world.billing.sweep_refunds().await.expect("swept");
    assert_eq!(world.emails("refunded").await, 0, "the answer was lost");
    world.pass(SignedDuration::from_mins(11));
    world.billing.sweep_refunds().await.expect("swept");
    assert_eq!((world.bank.refunds().len(), world.emails("refunded").await), (1, 1));
}

async fn a_refund_that_is_refused_is_listed_for_staff(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    world.bank.refuses_refunds.store(true, Ordering::SeqCst);
    withdraw(&world, &reader, held.id).await;
    world.billing.sweep_refunds().await.expect("swept");
    let refused = world.billing.refused_refunds().await.expect("read").remove(0);
    assert!(matches!(refused.refund.status, RefundStatus::Refused(_)));
    assert_eq!(refused.refund.amount, usd(1200));
    world.bank.refuses_refunds.store(false, Ordering::SeqCst);
    let staff = crate::refunds::staff();
    world.billing.refund_number(refused.payment.number, None, staff).await.expect("refunded");
    assert_eq!(world.bank.refunds().len(), 1);
    assert_eq!(world.payments().await[0].status, PaymentStatus::Refunded);
}

async fn a_renewal_and_a_change_of_plan_are_refunded_as_well(world: World) {
    let (reader, held) = bought(&world, "1 week").await;
    world.pass(SignedDuration::from_hours(24 * 7));
    world.billing.renew_due().await.expect("renewed");
    let renewed = world.latest(held.id).await;
    let changed = world.billing.change_price(&renewed, "web-yearly", u64::MAX).await;
    assert_eq!(changed.expect("asked"), PlanChange::Done);
    let paid: u64 = world.payments().await.iter().map(|payment| payment.amount.minor()).sum();
    assert_eq!(world.payments().await.len(), 3, "a week, its renewal and the change");
    let EndingOutcome::Ended(ended) = withdraw(&world, &reader, held.id).await else {
        panic!("it is over");
    };
    assert_eq!(ended[0].refund, usd(paid));
    world.billing.sweep_refunds().await.expect("swept");
    let back: u64 = world.bank.refunds().iter().map(|made| made.amount.minor()).sum();
    assert_eq!(back, paid);
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn withdrawing_while_renewals_run_loses_no_payment(world: World) {
    let (reader, held) = bought(&world, "1 week").await;
    world.pass(SignedDuration::from_hours(24 * 7));
    *world.bank.delay.lock().expect("a delay") = std::time::Duration::from_millis(60);
    let renewing = Arc::clone(&world.billing);
    let renewing = tokio::spawn(async move { renewing.renew_due().await });
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let outcome = withdraw(&world, &reader, held.id).await;
    assert!(matches!(outcome, EndingOutcome::Ended(_)), "{outcome:?}");
    renewing.await.expect("joined").expect("renewed");
    world.sweep().await;
    world.billing.sweep_refunds().await.expect("swept");
    assert!(world.latest(held.id).await.is_withdrawn());
    // Whatever was collected is refunded, or waits for staff.
    for payment in world.payments().await {
        let status = payment.status;
        let is_settled =
            status == PaymentStatus::Refunded || status == PaymentStatus::RefundPending;
        assert!(is_settled, "{payment:?}");
    }
    assert_eq!(world.payments().await.len(), world.bank.charges().len());
}

async fn a_payment_of_a_processor_that_is_gone_waits_for_staff(world: World) {
    let held = world.subscriber("ada", world.now() + SignedDuration::from_hours(30 * 24)).await;
    let new = NewPayment {
        source: PaymentSource::Unknown("left".to_owned()),
        processor: "gone".to_owned(),
        reference: String::new(),
        account: Some(held.account),
        subscription: Some(held.id),
        what: "Web".to_owned(),
        amount: usd(1200),
        from: held.begun,
        through: world.now(),
        card: String::new(),
        tax: None,
    };
    let paid = world.store.record_payment(&new, world.now()).await.expect("recorded");
    let (number, from, through) = (paid.number, paid.from, paid.through);
    let change = SubscriptionChange {
        before: held.clone(),
        after: held.clone(),
        due: None,
        actor: Actor::Processor,
        what: "renewed",
        payment: Some(AppliedPayment { number, from, through }),
        emails: Vec::new(),
    };
    assert!(world.store.change(&change, world.now()).await.expect("applied"));
    let reader = world.store.account(held.account).await.expect("read").expect("there");
    withdraw(&world, &reader, held.id).await;
    world.billing.sweep_refunds().await.expect("swept");
    let pending = world.billing.pending_refunds().await.expect("read");
    let pending: Vec<_> = pending.iter().map(|one| (one.payment.number, one.reason)).collect();
    assert_eq!(pending, [(number, UnusedReason::Withdrawn)]);
    world.pass(SignedDuration::from_hours(24 * 8));
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    assert!(found.contains(&Mismatch::WithdrawalNotRefunded { payment: number }), "{found:?}");
}

async fn an_earlier_part_that_fails_after_the_withdrawal_waits_for_staff(world: World) {
    let (reader, held) = bought(&world, "1 month").await;
    let number = world.payments().await[0].number;
    let staff = crate::refunds::staff;
    world.billing.refund_number(number, Some("5"), staff()).await.expect("refunded");
    withdraw(&world, &reader, held.id).await;
    world.billing.sweep_refunds().await.expect("swept");
    assert_eq!(world.payments().await[0].status, PaymentStatus::Refunded);
    world.bank.fail_attempt(number, 0);
    for id in ["evt_1", "evt_2"] {
        let subject = WebhookSubject::Refund(number);
        let message = WebhookMessage { id: id.to_owned(), subject };
        world.billing.handle_webhook("bank", &message).await.expect("handled");
        let pending = world.billing.pending_refunds().await.expect("read");
        let pending: Vec<_> = pending.iter().map(|one| (one.payment.number, one.left)).collect();
        assert_eq!(pending, [(number, usd(500))], "{id}");
    }
    world.billing.refund_number(number, Some("5"), staff()).await.expect("refunded");
    assert_eq!(world.payments().await[0].status, PaymentStatus::Refunded);
    let made = world.bank.refunds();
    let back: u64 = made.iter().filter(|one| !one.failed).map(|one| one.amount.minor()).sum();
    assert_eq!(back, 1200);
}
