//! What billing says when somebody else changes the same subscription each time that it wants to.

use masthead_billing::{
    BillingError,
    checkout::CheckoutStatus,
    staff_actions::{EntryError, PaidHow},
    webhooks::WebhookStatus,
};
use masthead_circulation::{Mandate, PaymentStatus, Progress, State};
use masthead_payments::{WebhookMessage, WebhookSubject};

use crate::{
    on_both_engines,
    world::{World, monthly, usd},
};

on_both_engines!(
    what_is_paid_and_not_delivered_is_not_done,
    a_cancellation_that_was_not_made_is_an_error,
    a_payment_that_is_recorded_and_not_applied_says_so,
    a_payment_whose_reader_has_subscribed_meanwhile_is_named,
);

async fn what_is_paid_and_not_delivered_is_not_done(world: World) {
    let held = world.due_readers(1).await.remove(0);
    let checkout = world.card_checkout(&held, 1, usd(1200)).await;
    world.bank.pay(&checkout, "new-card");
    world.interfere(held.id);
    let status = world.billing.settle(&checkout).await.expect("settled");
    assert_eq!(status, CheckoutStatus::Undelivered);
    let subject = WebhookSubject::Order(checkout.key.to_string());
    let message = WebhookMessage { id: "event-1".to_owned(), subject };
    let handle = || world.billing.handle_webhook("bank", &message);
    assert_eq!(handle().await.expect("handled"), WebhookStatus::SendAgain);
    let latest = world.store.checkout(&checkout.key).await.expect("read").expect("there");
    assert_eq!(latest.progress, Progress::Open);
    // When the processor sends it again, it is not ignored.
    world.stop_interfering();
    assert_eq!(handle().await.expect("handled"), WebhookStatus::Done);
    let latest = world.store.checkout(&checkout.key).await.expect("read").expect("there");
    assert_eq!(latest.progress, Progress::Done);
    world.assert_accounted_for().await;
}

async fn a_cancellation_that_was_not_made_is_an_error(world: World) {
    let held = world.due_readers(1).await.remove(0);
    world.interfere(held.id);
    let cancelled = world.billing.cancel(held.id).await;
    assert!(matches!(cancelled, Err(BillingError::Conflict(id)) if id == held.id));
    world.stop_interfering();
    world.billing.cancel(held.id).await.expect("cancelled");
    let state = world.latest(held.id).await.state;
    assert!(!matches!(state, State::Active { .. }), "{state:?}");
}

async fn a_payment_that_is_recorded_and_not_applied_says_so(world: World) {
    let held = world.subscriber_with("ada", world.now(), Mandate::manual()).await;
    world.interfere(held.id);
    let entered = world.billing.enter_payment(held.id, true, None).await.expect_err("overtaken");
    let payment = world.payments().await.remove(0);
    assert!(matches!(entered, EntryError::PaymentNotApplied(number) if number == payment.number));
    assert!(!entered.changes_nothing(), "{entered}");
    assert!(entered.to_string().contains("payment 1 is recorded"), "{entered}");
    world.stop_interfering();
    world.sweep().await;
    let payments = world.payments().await;
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0].status, PaymentStatus::Applied, "the sweep applies it");
}

async fn a_payment_whose_reader_has_subscribed_meanwhile_is_named(world: World) {
    let reader = world.reader("ada").await;
    let held = world.subscriber_with("ada", world.now(), Mandate::manual()).await;
    world.billing.cancel(held.id).await.expect("cancelled");
    world.interfere(held.id);
    let (price, how) = (&monthly().price, PaidHow::Already);
    let entered = world.billing.enter_subscription(&reader.email, price, how, None).await;
    let entered = entered.expect_err("overtaken");
    let payment = world.payments().await.remove(0);
    assert!(matches!(entered, EntryError::PaymentUnused(number) if number == payment.number));
    assert!(!entered.changes_nothing() && !entered.to_string().contains("subscription 0"));
    assert_eq!(payment.status, PaymentStatus::RefundPending, "staff decide about it");
}
