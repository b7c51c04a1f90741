//! After the machine's clock has jumped, nothing is collected and nothing ends, for any caller.

use std::sync::{Arc, atomic::Ordering};

use jiff::SignedDuration;
use masthead_billing::{plan_change::PlanChange, webhooks::WebhookStatus};
use masthead_circulation::Mandate;
use masthead_payments::{WebhookMessage, WebhookSubject};

use crate::{bank::NAME, late::DAY, on_both_engines, world::World};

on_both_engines!(
    nothing_is_collected_while_the_clock_has_jumped,
    an_open_order_is_not_given_again_while_the_clock_has_jumped,
    nothing_happens_to_what_was_claimed_before_the_clock_jumped,
);

async fn nothing_happens_to_what_was_claimed_before_the_clock_jumped(world: World) {
    // By invoice, so that nothing is ordered at a processor, which checks the clock as well.
    let held = world.subscriber_with("ada", world.now(), Mandate::manual()).await;
    // It jumps while it is looked at to claim what is due, and to do it.
    for look in [1, 2] {
        let jumped = Arc::clone(&world.has_jumped);
        world.at_look(look, move || jumped.store(true, Ordering::SeqCst));
        world.billing.renew_due().await.expect("run");
        world.stop_interfering();
        assert!(world.has_jumped.swap(false, Ordering::SeqCst), "it has jumped");
        assert_eq!(world.latest(held.id).await, held, "nothing has happened");
        world.pass(SignedDuration::from_mins(3));
    }
    world.billing.renew_due().await.expect("run");
    assert_ne!(world.latest(held.id).await.state, held.state, "it is due, and done now");
}

/// A bank has not decided about an order when the clock goes back.
async fn an_open_order_is_not_given_again_while_the_clock_has_jumped(world: World) {
    let held = world.due_readers(1).await.remove(0);
    world.bank.undecided.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("run");
    let later = world.now() + DAY;
    let order = world.store.open_charges(later, 9).await.expect("read").remove(0);
    let asked = world.bank.questions.load(Ordering::SeqCst);
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.has_jumped.store(true, Ordering::SeqCst);
    let subject = WebhookSubject::Order(order.source.to_string());
    let message = WebhookMessage { id: "evt_1".into(), subject };
    let handled = world.billing.handle_webhook(NAME, &message).await.expect("no failure");
    assert_eq!(handled, WebhookStatus::SendAgain);
    world.pass(DAY);
    world.billing.sweep_orders().await.expect("swept");
    assert_eq!(world.bank.questions.load(Ordering::SeqCst), asked, "nobody has asked");
    assert!(world.payments().await.is_empty());
    world.has_jumped.store(false, Ordering::SeqCst);
    let handled = world.billing.handle_webhook(NAME, &message).await.expect("no failure");
    assert_eq!(handled, WebhookStatus::Done);
    assert_eq!(world.payments().await.len(), 1);
    assert_ne!(world.latest(held.id).await.paid, held.paid, "it goes on");
    world.assert_accounted_for().await;
}

async fn nothing_is_collected_while_the_clock_has_jumped(world: World) {
    let held = world.due_readers(2).await;
    let (one, other) = (&held[0], &held[1]);
    world.has_jumped.store(true, Ordering::SeqCst);
    // A message about the order of an earlier period.
    let subject = WebhookSubject::Order(format!("{}-{}-0", one.id.0, one.begun.as_second()));
    let message = WebhookMessage { id: "evt_1".into(), subject };
    let handled = world.billing.handle_webhook(NAME, &message).await.expect("no failure");
    assert_eq!(handled, WebhookStatus::Done);
    assert_eq!(world.billing.renew_due().await.expect("run"), 0);
    let change = world.billing.change_price(other, "web-yearly", 100_000).await;
    assert_eq!(change.expect("no failure"), PlanChange::Waiting);
    assert!(world.bank.charges().is_empty());
    for held in &held {
        assert_eq!(world.latest(held.id).await, *held, "nothing has happened");
    }
    // What is refused ends nothing either.
    world.bank.declines.store(true, Ordering::SeqCst);
    world
        .billing
        .handle_webhook(NAME, &WebhookMessage { id: "evt_2".into(), ..message.clone() })
        .await
        .expect("no failure");
    assert_eq!(world.latest(one.id).await, *one);
    world.bank.declines.store(false, Ordering::SeqCst);
    world.has_jumped.store(false, Ordering::SeqCst);
    let again = WebhookMessage { id: "evt_3".into(), ..message };
    world.billing.handle_webhook(NAME, &again).await.expect("no failure");
    assert_eq!(world.bank.charges().len(), 1, "the message collects what is due");
    world.pass(DAY);
    world.billing.renew_due().await.expect("run");
    assert_eq!(world.bank.charges().len(), 2);
    world.assert_accounted_for().await;
}
