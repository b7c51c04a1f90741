//! Disputes: whatever messages come about them, what the processor says is recorded, and nothing of what it has taken is credited.

use std::sync::atomic::Ordering;

use masthead_billing::{
    plan_change::PlanChange, reconciliation::Mismatch, staff_actions::EntryError,
    webhooks::WebhookStatus,
};
use masthead_circulation::{
    CollectedPayment, Digest, DisputeStatus, Ending, Money, Payment, RefundStatus, State,
    Subscription,
};
use masthead_payments::{DisputeReport, WebhookMessage, WebhookSubject};

use crate::{
    bank::NAME,
    late::DAY,
    on_both_engines,
    refunds::staff,
    world::{World, monthly, usd},
};

on_both_engines!(
    a_dispute_is_recorded_whatever_messages_come,
    what_is_disputed_is_not_credited_and_not_refunded,
    a_dispute_before_the_bank_has_decided_about_a_change_is_not_credited,
    staff_may_end_a_subscription_with_a_disputed_payment,
    a_dispute_about_what_is_not_recorded_yet_is_asked_about_again,
    an_answer_that_arrives_late_replaces_no_newer_one,
    disputes_without_messages_are_found_at_night,
);

/// A month that is paid, half of which is left.
async fn paid(world: &World) -> (Subscription, Payment) {
    let held = world.due_readers(1).await.remove(0);
    world.billing.renew_due().await.expect("renewed");
    world.pass(DAY * 15);
    (world.latest(held.id).await, world.payments().await.remove(0))
}

/// The bank says this of a dispute about a payment from now on.
pub fn say(world: &World, payment: &Payment, status: DisputeStatus) {
    let report = DisputeReport {
        order: Some(payment.source.to_string()),
        amount: payment.amount,
        reason: "product not received".to_owned(),
        status,
        opened: world.now(),
        evidence_due: (status == DisputeStatus::NeedsResponse).then(|| world.now() + DAY * 7),
    };
    world.bank.disputes.lock().expect("books").insert("dp_1".to_owned(), report);
}

pub async fn send(world: &World, id: &str) -> WebhookStatus {
    let subject = WebhookSubject::Dispute("dp_1".to_owned());
    let message = WebhookMessage { id: id.to_owned(), subject };
    world.billing.handle_webhook(NAME, &message).await.expect("no failure")
}

async fn status(world: &World, payment: &Payment) -> DisputeStatus {
    let all = world.store.disputes_of_payments(&[payment.number]).await.expect("read");
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].status
}

async fn history(world: &World, held: &Subscription) -> Vec<String> {
    let audit = world.store.audit_of(held.id).await.expect("read");
    let own = audit.iter().filter(|entry| entry.what.starts_with("dispute"));
    own.map(|entry| entry.what.clone()).collect()
}

async fn a_dispute_is_recorded_whatever_messages_come(world: World) {
    let (held, payment) = paid(&world).await;
    say(&world, &payment, DisputeStatus::NeedsResponse);
    world.bank.lose.store(1, Ordering::SeqCst);
    assert_eq!(send(&world, "evt_1").await, WebhookStatus::SendAgain, "the bank did not answer");
    for id in ["evt_1", "evt_1", "evt_2"] {
        assert_eq!(send(&world, id).await, WebhookStatus::Done);
    }
    assert_eq!(status(&world, &payment).await, DisputeStatus::NeedsResponse);
    assert_eq!(world.store.open_disputes(9).await.expect("read").len(), 1);
    say(&world, &payment, DisputeStatus::Lost);
    assert_eq!(send(&world, "evt_3").await, WebhookStatus::Done);
    // An answer that was given before, and arrives late.
    say(&world, &payment, DisputeStatus::UnderReview);
    assert_eq!(send(&world, "evt_4").await, WebhookStatus::Done);
    assert_eq!(status(&world, &payment).await, DisputeStatus::Lost);
    assert_eq!(world.store.open_disputes(9).await.expect("read"), []);
    assert_eq!(history(&world, &held).await.len(), 2, "opened and lost, once each");
    world.bank.disputes.lock().expect("books").clear();
    assert_eq!(send(&world, "evt_5").await, WebhookStatus::Done, "not known to the bank");
}

async fn credit(world: &World, held: &Subscription) -> u64 {
    let collected = world.store.collected_for(held.id).await.expect("read");
    let payments = world.store.payments_of(held.account).await.expect("read");
    let refunds = world.store.refunds_of(held.account).await.expect("read");
    let disputes = world.store.disputes_of(held.account).await.expect("read");
    let shown = CollectedPayment::of(held.id, &payments, &refunds, &disputes);
    assert_eq!(shown, collected, "pages work it out as the charge does");
    let changes = world.billing.price_changes(held, &collected);
    changes.iter().find(|(price, _)| price == "web-yearly").expect("a change").1.credit.minor()
}

async fn what_is_disputed_is_not_credited_and_not_refunded(world: World) {
    let (held, payment) = paid(&world).await;
    let whole = credit(&world, &held).await;
    assert!(whole >= 500, "{whole}");
    for (number, (status, expected)) in [
        (DisputeStatus::Inquiry, 0),
        (DisputeStatus::NeedsResponse, 0),
        (DisputeStatus::UnderReview, 0),
        (DisputeStatus::Won, whole),
        (DisputeStatus::Lost, 0),
    ]
    .into_iter()
    .enumerate()
    {
        say(&world, &payment, status);
        send(&world, &format!("evt_{number}")).await;
        assert_eq!(credit(&world, &held).await, expected, "{status:?}");
    }
    // A bank may name the sum in its own currency.
    let amount = Money::of(1, "EUR".parse().expect("a currency"));
    world.bank.disputes.lock().expect("books").get_mut("dp_1").expect("known").amount = amount;
    send(&world, "evt_euros").await;
    assert_eq!(credit(&world, &held).await, 0);
    let refund = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(matches!(refund, Err(EntryError::Disputed(_))), "{refund:?}");
    assert!(world.bank.refunds().is_empty());
    let changed = world.billing.change_price(&held, "web-yearly", 12000).await;
    assert_eq!(changed.expect("no failure"), PlanChange::Done);
    assert_eq!(world.payments().await[1].amount, usd(12000), "the whole price");
}

async fn a_dispute_before_the_bank_has_decided_about_a_change_is_not_credited(world: World) {
    let (held, payment) = paid(&world).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    let changed = world.billing.change_price(&held, "web-yearly", 12000).await;
    assert_eq!(changed.expect("no failure"), PlanChange::Pending);
    say(&world, &payment, DisputeStatus::NeedsResponse);
    send(&world, "evt_1").await;
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.pass(DAY);
    world.billing.sweep_orders().await.expect("swept");
    let after = world.latest(held.id).await;
    let paid = world.payments().await[1].amount;
    assert!(paid.minor() < 12000);
    assert_eq!(after.paid.map(|time| time.amount), Some(paid), "nothing is credited");
}

async fn staff_may_end_a_subscription_with_a_disputed_payment(world: World) {
    let (held, payment) = paid(&world).await;
    let early = world.billing.end_disputed(held.id, staff()).await;
    assert!(matches!(early, Err(EntryError::NotDisputed(_))), "{early:?}");
    say(&world, &payment, DisputeStatus::NeedsResponse);
    send(&world, "evt_1").await;
    let ended = world.billing.end_disputed(held.id, staff()).await.expect("ended");
    assert_eq!(ended.state, State::Ended { at: world.now(), why: Ending::Cancelled });
    assert_eq!(world.emails("ended").await, 1);
    let again = world.billing.end_disputed(held.id, staff()).await;
    assert!(matches!(again, Err(EntryError::NotPossible { .. })), "{again:?}");
    world.pass(DAY * 40);
    world.billing.renew_due().await.expect("run");
    assert_eq!(world.payments().await.len(), 1, "nothing is collected any more");
}

async fn a_dispute_about_what_is_not_recorded_yet_is_asked_about_again(world: World) {
    let (_, payment) = paid(&world).await;
    let mut report = {
        say(&world, &payment, DisputeStatus::NeedsResponse);
        world.bank.disputes.lock().expect("books")["dp_1"].clone()
    };
    // One that is ordered and not collected, and one that is paid at a checkout and not delivered.
    let bob = world.subscriber("bob", world.now()).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("ordered");
    world.bank.undecided.store(false, Ordering::SeqCst);
    let orders = world.store.open_charges(world.now() + DAY, 9).await.expect("read");
    assert_eq!(orders.iter().map(|order| order.subscription).collect::<Vec<_>>(), [Some(bob.id)]);
    let checkout = world.purchase(&world.reader("cy").await, 1, monthly()).await;
    world.bank.pay(&checkout, "card");
    let mut expected = Vec::new();
    for (number, order) in [(2, orders[0].source.to_string()), (3, checkout.key.to_string())] {
        report.order = Some(order.clone());
        let reference = format!("dp_{number}");
        world.bank.disputes.lock().expect("books").insert(reference.clone(), report.clone());
        let subject = WebhookSubject::Dispute(reference);
        expected.push((order, WebhookMessage { id: format!("evt_on_its_way_{number}"), subject }));
    }
    for (order, message) in &expected {
        let handled = world.billing.handle_webhook(NAME, message).await.expect("no failure");
        assert_eq!(handled, WebhookStatus::SendAgain, "{order}");
    }
    world.sweep().await;
    for (order, message) in &expected {
        let handled = world.billing.handle_webhook(NAME, message).await.expect("no failure");
        assert_eq!(handled, WebhookStatus::Done, "{order}");
        let paid = world.store.payments_by_keys(&[order.as_str()]).await.expect("read").remove(0);
        assert_eq!(status(&world, &paid).await, DisputeStatus::NeedsResponse);
    }
    // Of another installation at the same account, or from before a backup was restored.
    let unknown = Digest([9; 32]).to_string();
    let foreign = [Some("renewal:9:9:0:1200USD:00".to_owned()), Some(unknown), None];
    for (number, order) in foreign.into_iter().enumerate() {
        report.order = order;
        world.bank.disputes.lock().expect("books").insert("dp_1".to_owned(), report.clone());
        let id = format!("evt_foreign_{number}");
        assert_eq!(send(&world, &id).await, WebhookStatus::Done, "it was not ordered here");
    }
    // A refund that is under way when the dispute comes is answered by the bank.
    world.bank.lose.store(1, Ordering::SeqCst);
    let lost = world.billing.refund_number(payment.number, None, staff()).await;
    assert!(lost.is_err());
    say(&world, &payment, DisputeStatus::NeedsResponse);
    assert_eq!(send(&world, "evt_2").await, WebhookStatus::Done);
    world.pass(DAY);
    world.billing.sweep_refunds().await.expect("swept");
    let refunds = world.store.refunds_of_payments(&[payment.number]).await.expect("read");
    assert_eq!(refunds[0].status, RefundStatus::Settled);
}

async fn an_answer_that_arrives_late_replaces_no_newer_one(world: World) {
    let (held, payment) = paid(&world).await;
    say(&world, &payment, DisputeStatus::Inquiry);
    world.bank.delays_dispute.store(true, Ordering::SeqCst);
    let late = send(&world, "evt_1");
    let newer = async {
        world.bank.hanging.notified().await;
        say(&world, &payment, DisputeStatus::NeedsResponse);
        assert_eq!(send(&world, "evt_2").await, WebhookStatus::Done);
        assert_eq!(status(&world, &payment).await, DisputeStatus::NeedsResponse);
        world.bank.released.notify_one();
    };
    let (handled, ()) = tokio::join!(late, newer);
    assert_eq!(handled, WebhookStatus::Done);
    assert_eq!(status(&world, &payment).await, DisputeStatus::NeedsResponse, "the bank has it");
    assert_eq!(history(&world, &held).await, ["dispute-opened"]);
}

async fn disputes_without_messages_are_found_at_night(world: World) {
    let (held, payment) = paid(&world).await;
    say(&world, &payment, DisputeStatus::NeedsResponse);
    world.bank.lose.store(1, Ordering::SeqCst);
    let found = world.billing.reconcile().await.expect("compared");
    assert_eq!(found.mismatches, [], "it is asked again tomorrow");
    assert!(world.store.disputes_of(held.account).await.expect("read").is_empty());
    for _ in 0..2 {
        assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
        assert_eq!(status(&world, &payment).await, DisputeStatus::NeedsResponse);
    }
    assert_eq!(history(&world, &held).await, ["dispute-opened"]);
    // One that is older than what is listed, and was decided meanwhile.
    world.pass(DAY * 100);
    let opened = world.store.disputes_of(held.account).await.expect("read")[0].opened;
    say(&world, &payment, DisputeStatus::Lost);
    world.bank.disputes.lock().expect("books").get_mut("dp_1").expect("known").opened = opened;
    world.bank.lose.store(1, Ordering::SeqCst);
    world.billing.reconcile().await.expect("compared");
    let known = status(&world, &payment).await;
    assert_eq!(known, DisputeStatus::NeedsResponse, "who does not answer is asked no more");
    world.billing.reconcile().await.expect("compared");
    assert_eq!(status(&world, &payment).await, DisputeStatus::Lost);
    // A key that may not read disputes.
    world.bank.refuses_lists.store(true, Ordering::SeqCst);
    let found = world.billing.reconcile().await.expect("compared").mismatches;
    let refused =
        Mismatch::DisputesUnknown { processor: NAME.into(), reason: "403: no permission".into() };
    assert!(found.contains(&refused), "{found:?}");
}
