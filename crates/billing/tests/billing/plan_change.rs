//! Changes to another price.

use std::sync::{Arc, atomic::Ordering};

use jiff::{SignedDuration, tz::TimeZone};
use masthead_billing::{plan_change::PlanChange, webhooks::WebhookStatus};
use masthead_circulation::{
    Actor, DisputeStatus, Payment, PaymentStatus, StaffActor, State, Subscription,
};
use masthead_payments::{WebhookMessage, WebhookSubject};

use crate::{
    bank::NAME,
    disputes::{say, send},
    late::DAY,
    on_both_engines,
    refunds::staff,
    world::World,
};

on_both_engines!(
    a_declined_change_can_be_tried_again_with_the_same_card,
    an_answer_for_one_price_is_never_taken_for_another,
    a_change_that_the_bank_has_not_decided_is_made_when_it_pays,
    a_change_that_staff_have_ordered_is_theirs_also_if_it_is_paid_later,
    a_change_is_collected_once_from_many_tabs,
    what_is_refunded_before_the_bank_has_decided_is_not_credited,
    an_inquiry_before_the_bank_has_decided_shortens_nothing,
    a_bank_that_takes_days_costs_the_reader_nothing,
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

/// A reader who has paid a month half a month ago, and whose change to a year the bank has not decided about.
async fn ordered(world: &World, number: usize) -> Subscription {
    let held = world.subscriber(&format!("slow{number}"), world.now()).await;
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.billing.renew_due().await.expect("renewed");
    world.pass(DAY * 15);
    let held = world.latest(held.id).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    assert_eq!(change(world, &held, "web-yearly").await, PlanChange::Pending);
    held
}

/// The bank decides after so many days. Returns the payment, and the subscription as it is then.
async fn decided(world: &World, held: &Subscription, days: i32) -> (Payment, Subscription) {
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.pass(DAY * days);
    world.billing.sweep_orders().await.expect("swept");
    let payments = world.store.payments_of(held.account).await.expect("read");
    (payments[0].clone(), world.latest(held.id).await)
}

/// The time that is paid for now, in seconds, of a year that begins now.
fn of_a_year(world: &World, after: &Subscription) -> (i64, i64) {
    let State::Active { through } = after.state else { panic!("{:?}", after.state) };
    let year = after.terms.every.after(world.now(), 1, &TimeZone::UTC);
    let seconds = |end: jiff::Timestamp| end.duration_since(world.now()).as_secs();
    (seconds(through), seconds(year))
}

async fn what_is_refunded_before_the_bank_has_decided_is_not_credited(world: World) {
    for (number, (refund, lost)) in [(None, 1200), (Some("3"), 300)].into_iter().enumerate() {
        let held = ordered(&world, number).await;
        let month = world.store.payments_of(held.account).await.expect("read").remove(0);
        world.billing.refund_number(month.number, refund, staff()).await.expect("refunded");
        let (paid, after) = decided(&world, &held, 1).await;
        assert_eq!(after.terms.price, "web-yearly");
        let credit = 12000 - paid.amount.minor();
        assert!((550..=650).contains(&credit), "half a month: {credit}");
        // What was paid, and what is left of the credit, buys its share of the year.
        let spent = 12000 - credit.min(lost);
        assert_eq!(after.paid.map(|paid| paid.amount.minor()), Some(spent));
        let (time, year) = of_a_year(&world, &after);
        let share = (i128::from(year) * i128::from(spent) + 11_999) / 12000;
        assert_eq!(i128::from(time), share, "of {year}");
        assert_eq!(paid.through.duration_since(paid.from).as_secs(), time);
        let audit = world.store.audit_of(held.id).await.expect("read");
        assert!(audit.iter().any(|entry| entry.what == "switched-after-refund"), "{audit:?}");
        // Nothing of it is credited again.
        let collected = world.store.collected_for(held.id).await.expect("read");
        let back = world.billing.price_changes(&after, &collected);
        let back = back.iter().find(|(price, _)| price == "web-monthly").expect("a change");
        assert_eq!(back.1.credit.minor(), spent);
    }
    world.assert_accounted_for().await;
}

/// Nothing is taken by then, and nothing would restore the time when the inquiry is closed.
async fn an_inquiry_before_the_bank_has_decided_shortens_nothing(world: World) {
    let held = ordered(&world, 0).await;
    let month = world.store.payments_of(held.account).await.expect("read").remove(0);
    say(&world, &month, DisputeStatus::Inquiry);
    send(&world, "evt_1").await;
    let (_, after) = decided(&world, &held, 1).await;
    let (time, year) = of_a_year(&world, &after);
    assert_eq!(time, year);
    assert_eq!(after.paid.map(|paid| paid.amount.minor()), Some(12000));
    let audit = world.store.audit_of(held.id).await.expect("read");
    assert!(audit.iter().any(|entry| entry.what == "switched"), "{audit:?}");
    world.assert_accounted_for().await;
}

async fn a_bank_that_takes_days_costs_the_reader_nothing(world: World) {
    let held = ordered(&world, 0).await;
    let (paid, after) = decided(&world, &held, 9).await;
    let (time, year) = of_a_year(&world, &after);
    assert_eq!(time, year, "what was credited when it was ordered counts");
    assert_eq!(after.paid.map(|paid| paid.amount.minor()), Some(12000));
    assert_eq!((paid.from, paid.through.duration_since(paid.from).as_secs()), (world.now(), year));
    let audit = world.store.audit_of(held.id).await.expect("read");
    assert!(audit.iter().any(|entry| entry.what == "switched"), "{audit:?}");
    world.assert_accounted_for().await;
}
