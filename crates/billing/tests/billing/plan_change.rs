//! Changes to another price.

use std::sync::{Arc, atomic::Ordering};

use jiff::SignedDuration;
use masthead_billing::{plan_change::PlanChange, webhooks::WebhookStatus};
use masthead_circulation::{Actor, PaymentStatus, StaffActor, Subscription};
use masthead_payments::{WebhookMessage, WebhookSubject};

use crate::{bank::NAME, on_both_engines, world::World};

on_both_engines!(
    a_declined_change_can_be_tried_again_with_the_same_card,
    an_answer_for_one_price_is_never_taken_for_another,
    a_change_that_the_bank_has_not_decided_is_made_when_it_pays,
    a_change_that_staff_have_ordered_is_theirs_also_if_it_is_paid_later,
    a_change_is_collected_once_from_many_tabs,
);

async fn half_paid(world: &World) -> Subscription {
    let through = world.now() + SignedDuration::from_hours(15 * 24);
    world.subscriber("ada", through).await
}

async fn change(world: &World, held: &Subscription, price: &str) -> PlanChange {
    world.billing.change_price(held, price, 100_000).await.expect("no failure")
}

async fn a_declined_change_can_be_tried_again_with_the_same_card(world: World) {
    let held = half_paid(&world).await;
    world.bank.declines.store(true, Ordering::SeqCst);
    assert_eq!(change(&world, &held, "web-yearly").await, PlanChange::Refused);
    assert_eq!(change(&world, &held, "web-yearly").await, PlanChange::Refused);
    assert_eq!(world.latest(held.id).await, held);
    world.bank.declines.store(false, Ordering::SeqCst);
    assert_eq!(change(&world, &held, "web-yearly").await, PlanChange::Done);
    assert_eq!(world.latest(held.id).await.terms.price, "web-yearly");
    assert_eq!(world.bank.charges().len(), 1);
    world.assert_accounted_for().await;
}

async fn an_answer_for_one_price_is_never_taken_for_another(world: World) {
    let held = half_paid(&world).await;
    world.bank.lose.store(1, Ordering::SeqCst);
    assert_eq!(change(&world, &held, "web-yearly").await, PlanChange::Unanswered);
    // The first order is asked for again and applied; the second is not given.
    assert_eq!(change(&world, &held, "web-plus").await, PlanChange::Busy);
    assert_eq!(world.latest(held.id).await.terms.price, "web-yearly");
    assert_eq!(world.bank.charges().len(), 1);
    world.assert_accounted_for().await;
}

async fn a_change_that_the_bank_has_not_decided_is_made_when_it_pays(world: World) {
    let held = half_paid(&world).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    assert_eq!(change(&world, &held, "web-yearly").await, PlanChange::Pending);
    let later = world.now() + SignedDuration::from_hours(2);
    let key = world.store.open_charges(later, 9).await.expect("read")[0].source.to_string();
    world.bank.undecided.store(false, Ordering::SeqCst);
    let message = WebhookMessage { id: "evt_1".into(), subject: WebhookSubject::Order(key) };
    for _ in 0..2 {
        let handled = world.billing.handle_webhook(NAME, &message).await.expect("no failure");
        assert_eq!(handled, WebhookStatus::Done);
    }
    assert_eq!(world.latest(held.id).await.terms.price, "web-yearly");
    world.assert_accounted_for().await;
}

async fn a_change_that_staff_have_ordered_is_theirs_also_if_it_is_paid_later(world: World) {
    let held = half_paid(&world).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    let staff = StaffActor { by: None, reason: "By phone".to_owned() };
    let ordered = world.billing.change_price_for(&held, "web-yearly", 100_000, Some(staff.clone()));
    assert_eq!(ordered.await.expect("no failure"), PlanChange::Pending);
    let later = world.now() + SignedDuration::from_hours(2);
    let key = world.store.open_charges(later, 9).await.expect("read")[0].source.to_string();
    world.bank.undecided.store(false, Ordering::SeqCst);
    let message = WebhookMessage { id: "evt_1".into(), subject: WebhookSubject::Order(key) };
    world.billing.handle_webhook(NAME, &message).await.expect("no failure");
    let audit = world.store.audit_of(held.id).await.expect("read");
    let last = audit.iter().find(|entry| entry.what == "switched").expect("a change");
    assert_eq!(last.actor, Actor::Staff(Some(staff)));
    world.assert_accounted_for().await;
}

async fn a_change_is_collected_once_from_many_tabs(world: World) {
    let held = half_paid(&world).await;
    *world.bank.delay.lock().expect("a delay") = std::time::Duration::from_millis(20);
    let tabs = (0..6).map(|tab| {
        let (billing, held) = (Arc::clone(&world.billing), held.clone());
        world.pass(SignedDuration::from_mins(tab));
        tokio::spawn(async move { billing.change_price(&held, "web-yearly", 100_000).await })
    });
    let mut outcomes = Vec::new();
    for tab in tabs.collect::<Vec<_>>() {
        outcomes.push(tab.await.expect("joined").expect("no failure"));
    }
    assert!(outcomes.contains(&PlanChange::Done), "{outcomes:?}");
    assert_eq!(world.bank.charges().len(), 1);
    let payments = world.payments().await;
    assert!(payments.iter().all(|payment| payment.status == PaymentStatus::Applied));
    world.assert_accounted_for().await;
}
