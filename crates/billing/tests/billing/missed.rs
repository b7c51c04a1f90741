//! A clock that was ahead, and servers that were down: no reader pays for time that is over.

use std::sync::atomic::Ordering;

use jiff::SignedDuration;
use masthead_circulation::State;

use crate::{
    bank::mandate,
    late::reader_with,
    on_both_engines,
    world::{World, usd},
};

on_both_engines!(
    a_clock_that_is_ahead_charges_once,
    no_two_renewals_are_collected_within_half_a_period,
    an_order_that_was_given_is_settled_before_periods_are_left_out,
    answers_that_take_days_leave_no_period_out,
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

async fn answers_that_take_days_leave_no_period_out(world: World) {
    for (every, answer_after) in [("1 week", 5), ("1 month", 20)] {
        let held = reader_with(&world, every, mandate("card")).await;
        let (begun, mut ordered) = (world.now(), Vec::new());
        let mut open_since = None;
        // A little more than ten periods, in steps of six hours.
        for _ in 0..held.terms.every.days() * 43 {
            let is_over = open_since.is_some_and(|since| world.now() >= since + DAY * answer_after);
            world.bank.undecided.store(!is_over, Ordering::SeqCst);
            run(&world).await;
            let open = world.store.open_charges(world.now() + DAY, 9).await.expect("read");
            match (open.is_empty(), open_since) {
                (false, None) => {
                    open_since = Some(world.now());
                    ordered.push(world.now());
                }
                (true, Some(_)) => open_since = None,
                _ => {}
            }
            world.pass(DAY / 4);
        }
        let mut payments = world.store.payments_of(held.account).await.expect("read");
        payments.reverse();
        assert!(payments.len() >= 10, "{every}: {payments:?}");
        assert_eq!(payments[0].from, begun);
        for (number, pair) in payments.windows(2).enumerate() {
            assert_eq!(pair[1].from, pair[0].through, "{every}: after period {number}");
        }
        let half = payments[0].through.duration_since(begun) / 2 - DAY * 2;
        for pair in ordered.windows(2) {
            assert!(pair[1].duration_since(pair[0]) >= half, "{every}: {ordered:?}");
        }
        // Nobody but the next reader is due.
        world.billing.cancel(held.id).await.expect("cancelled");
    }
}
