//! A clock that was ahead, and servers that were down: no reader pays for time that is over.

use std::sync::atomic::Ordering;

use jiff::SignedDuration;
use masthead_circulation::State;

use crate::{
    on_both_engines,
    world::{World, usd},
};

on_both_engines!(
    a_clock_that_is_ahead_charges_once,
    no_two_renewals_are_collected_within_half_a_period,
    an_order_that_was_given_is_settled_before_periods_are_left_out,
);

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn run(world: &World) {
    for _ in 0..3 {
        world.billing.renew_due().await.expect("attended to");
    }
}

async fn a_clock_that_is_ahead_charges_once(world: World) {
    let held = world.subscriber("ahead", world.now()).await;
    world.pass(DAY * 800);
    run(&world).await;
    let payments = world.payments().await;
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!((payments[0].amount, payments[0].from), (usd(1200), world.now()));
    let State::Active { through } = world.latest(held.id).await.state else { panic!("active") };
    assert!(through > world.now() && through <= world.now() + DAY * 31);
    assert_eq!(payments[0].through, through);
    assert_eq!(world.bank.charges().len(), 1);
    // The clock is corrected, and comes there again by itself.
    world.pass(-DAY * 800);
    run(&world).await;
    assert_eq!(world.payments().await.len(), 1);
    world.pass(through.duration_since(world.now()));
    run(&world).await;
    assert_eq!(world.payments().await.len(), 2, "renewals go on");
    world.assert_accounted_for().await;
}

async fn no_two_renewals_are_collected_within_half_a_period(world: World) {
    let held = world.subscriber("late", world.now()).await;
    let begun = world.now();
    // No server ran for most of the period.
    world.pass(DAY * 29);
    run(&world).await;
    assert_eq!(world.payments().await.len(), 1);
    world.pass(DAY * 2);
    run(&world).await;
    assert_eq!(world.payments().await.len(), 1, "two days later");
    assert!(matches!(world.latest(held.id).await.state, State::Active { .. }), "they read on");
    world.pass(DAY * 14);
    run(&world).await;
    let payments = world.payments().await;
    assert_eq!(payments.len(), 2);
    assert_eq!(
        payments[1].from, payments[0].through,
        "no period is lost, and no billing day moves"
    );
    assert_eq!(payments[0].from, begun);
    world.assert_accounted_for().await;
}

async fn an_order_that_was_given_is_settled_before_periods_are_left_out(world: World) {
    let held = world.subscriber("pending", world.now()).await;
    world.bank.undecided.store(true, Ordering::SeqCst);
    run(&world).await;
    assert!(world.payments().await.is_empty());
    world.pass(DAY * 90);
    run(&world).await;
    let latest = world.latest(held.id).await;
    assert_eq!(latest.anchor, held.anchor, "the bank has not decided");
    assert!(world.payments().await.is_empty());
    // It decides: that order is paid, and no other is given beside it.
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.pass(SignedDuration::from_hours(2));
    run(&world).await;
    assert_eq!(world.payments().await.len(), 1);
    assert_eq!(world.bank.charges().len(), 1);
}
