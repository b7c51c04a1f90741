//! Readers who pay by invoice pay late, again and again. No billing day moves, and each period is paid for once.

use jiff::{SignedDuration, tz::TimeZone};
use masthead_billing::staff_actions::EntryError;
use masthead_circulation::{
    Mandate, NotificationsSent, PaidTime, State, Subscription, SubscriptionId,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    on_both_engines,
    world::{World, terms, usd},
};

on_both_engines!(
    paying_late_moves_no_billing_day_and_loses_or_doubles_no_period,
    a_period_that_is_over_is_not_sold_afterwards,
);

const PERIODS: u32 = 12;
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A reader whose first period ends now, and who pays by invoice.
async fn reader(world: &World, every: &str) -> Subscription {
    reader_with(world, every, Mandate::manual()).await
}

/// The same, who pays in this way.
pub async fn reader_with(world: &World, every: &str, mandate: Mandate) -> Subscription {
    let account = world.reader(&every.replace(' ', "-")).await.id;
    let (terms, now) = (terms("late", 300, every), world.now());
    let begun = now - SignedDuration::from_hours(24 * i64::from(terms.every.days()));
    let held = Subscription {
        id: SubscriptionId::UNSTORED,
        account,
        terms,
        begun,
        anchor: now,
        paid: Some(PaidTime { amount: usd(300), from: begun, through: now }),
        refunds_deducted: 0,
        state: State::Active { through: now },
        mandate,
        notified: NotificationsSent::default(),
        version: 0,
    };
    world.store.import_subscriptions(&[(held, Some(now))]).await.expect("taken in");
    world.store.subscriptions_of(account).await.expect("read").remove(0)
}

/// Does what is due until the reader has to pay.
async fn until_it_is_due(world: &World, id: SubscriptionId) -> SignedDuration {
    for _ in 0..5 {
        let held = world.latest(id).await;
        if let State::Grace { ends, .. } = held.state {
            return ends.duration_since(world.now());
        }
        if let State::Active { through } = held.state
            && through > world.now()
        {
            world.pass(through.duration_since(world.now()));
        }
        world.billing.renew_due().await.expect("attended to");
    }
    panic!("{:?}", world.latest(id).await.state);
}

async fn paying_late_moves_no_billing_day_and_loses_or_doubles_no_period(world: World) {
    let mut rng = StdRng::seed_from_u64(9);
    for every in ["1 day", "1 week", "2 weeks", "1 month"] {
        let held = reader(&world, every).await;
        let mut paid_through = held.anchor;
        for number in 1..=PERIODS {
            let time_to_pay = until_it_is_due(&world, held.id).await;
            // Between at once and a second before the end, and as often at either.
            let part = [0, 1000, rng.random_range(0..=1000)][rng.random_range(0..3)];
            world.pass(SignedDuration::from_secs((time_to_pay.as_secs() - 1) * part / 1000));
            world.billing.renew_due().await.expect("attended to");
            let entered = world.billing.enter_payment(held.id, false, None).await;
            let paid = entered.unwrap_or_else(|error| panic!("{every}, {number}: {error}"));
            let State::Active { through } = paid.state else { panic!("{:?}", paid.state) };
            let expected = held.terms.every.after(held.anchor, number, &TimeZone::UTC);
            assert_eq!(through, expected, "{every}, {number}: the billing day");
            assert!(through > world.now(), "{every}, {number}: the time is still to come");
            let payments = world.store.payments_of(held.account).await.expect("read");
            assert_eq!(payments.len(), usize::try_from(number).expect("a number"));
            assert_eq!((payments[0].from, payments[0].through), (paid_through, through));
            paid_through = through;
        }
    }
}

async fn a_period_that_is_over_is_not_sold_afterwards(world: World) {
    let held = reader(&world, "1 week").await;
    let time_to_pay = until_it_is_due(&world, held.id).await;
    world.pass(time_to_pay);
    world.billing.renew_due().await.expect("attended to");
    assert!(matches!(world.latest(held.id).await.state, State::Ended { .. }));
    world.pass(SignedDuration::from_hours(24));
    let refused = world.billing.enter_payment(held.id, false, None).await;
    assert!(matches!(refused, Err(EntryError::NotPossible { .. })), "{refused:?}");
    assert!(world.payments().await.is_empty());
}
