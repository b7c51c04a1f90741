//! Tests of the statistics.

use jiff::{SignedDuration, tz::TimeZone};
use proptest::prelude::*;

use super::*;
use crate::{Channel, Ending, Mandate, Terms};

fn day(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("an instant")
        + SignedDuration::from_hours(24 * day)
}

fn subscription(id: u32, account: u32, price: &str, every: &str) -> Subscription {
    let terms = Terms {
        product: "web".to_owned(),
        name: "Web".to_owned(),
        channels: vec![Channel::Web],
        price: "web".to_owned(),
        offer: None,
        introduction: None,
        amount: Money::parse(price, "EUR".parse().expect("a currency")).expect("an amount"),
        every: every.parse().expect("a length"),
    };
    let (id, account) = (SubscriptionId(id), AccountId(account));
    Subscription::start(id, account, terms, Mandate::manual(), day(0), &TimeZone::UTC)
}

fn transition(id: u32, at: i64, before: &str, after: &str) -> StateTransition {
    StateTransition {
        subscription: SubscriptionId(id),
        at: day(at),
        before: before.to_owned(),
        after: after.to_owned(),
        replaced: false,
    }
}

fn of(
    subscriptions: &[Subscription],
    transitions: &[StateTransition],
    from: i64,
    to: i64,
) -> ProductFigures {
    let periods = [day(from)..day(to), day(2 * from - to)..day(from)];
    product_figures(subscriptions, transitions, &periods).remove(0)
}

#[test]
fn arrivals_and_departures_are_counted() {
    let subscriptions: Vec<_> = [(1, 1), (2, 2), (3, 2), (4, 3)]
        .into_iter()
        .map(|(id, account)| subscription(id, account, "9", "1 month"))
        .collect();
    let transitions = [
        // One subscribes, fails to pay, pays late, and stays.
        transition(1, 1, "", "active"),
        transition(1, 12, "active", "grace"),
        transition(1, 13, "grace", "active"),
        // One subscribes, ends, and subscribes again.
        transition(2, 2, "", "active"),
        transition(2, 11, "active", "cancelling"),
        transition(2, 14, "cancelling", "ended"),
        transition(3, 15, "", "active"),
        // One takes a trial and leaves.
        transition(4, 11, "", "trial"),
        transition(4, 18, "trial", "ended"),
    ];
    let figures = of(&subscriptions, &transitions, 10, 20);
    assert_eq!(
        figures.movements[0],
        Movement {
            new: 0,
            reactivated: 1,
            lapsed: 1,
            trials: 1,
            converted: 0,
            lost: 1,
            active_before: 2,
            active: 2,
        }
    );
    assert_eq!(figures.movements[0].churn(), Some(50.0));
    assert_eq!(figures.movements[0].conversion(), Some(0.0));
    assert_eq!((figures.movements[1].new, figures.movements[1].active), (2, 2));
    assert_eq!(Movement::default().churn(), None);
}

#[test]
fn a_trial_converts_by_payment_or_by_replacement() {
    let subscriptions: Vec<_> =
        (1..=3).map(|id| subscription(id, id / 2, "9", "1 month")).collect();
    let replaced = StateTransition { replaced: true, ..transition(2, 3, "trial", "ended") };
    let transitions = [
        transition(1, 1, "", "trial"),
        transition(1, 2, "trial", "grace"),
        transition(1, 3, "grace", "active"),
        transition(2, 1, "", "trial"),
        replaced,
        transition(3, 3, "", "active"),
    ];
    let movement = of(&subscriptions, &transitions, 0, 10).movements[0];
    assert_eq!((movement.trials, movement.converted, movement.lost), (2, 2, 0));
    assert_eq!((movement.new, movement.reactivated, movement.active), (2, 0, 2));
}

#[test]
fn revenue_is_converted_to_months() {
    let money = |subscription: &Subscription| monthly(subscription).minor();
    assert_eq!(money(&subscription(1, 1, "9.50", "1 month")), 950);
    assert_eq!(money(&subscription(1, 1, "9", "3 months")), 300);
    assert_eq!(money(&subscription(1, 1, "100", "1 year")), 833);
    assert_eq!(money(&subscription(1, 1, "2", "1 week")), 870);
    let mut rests = subscription(1, 1, "9", "1 month");
    rests.state = State::Paused { until: day(9), left: SignedDuration::from_hours(1) };
    let mut given = subscription(2, 2, "0", "1 month");
    given.state = State::Active { through: day(9) };
    let all =
        [rests, given, subscription(3, 3, "9", "1 month"), subscription(4, 4, "9", "1 month")];
    let figures = of(&all, &[], 0, 10);
    assert_eq!(figures.monthly.iter().map(|money| money.minor()).collect::<Vec<_>>(), [1800]);
    assert_eq!((figures.given, figures.trials, figures.movements[0].active), (1, 0, 3));
}

#[test]
fn imported_subscriptions_count_from_their_start() {
    let mut over = subscription(1, 1, "9", "1 month");
    over.state = State::Ended { at: day(5), why: Ending::Cancelled };
    let figures = of(&[over, subscription(2, 2, "9", "1 month")], &[], 1, 10);
    let movement = figures.movements[0];
    assert_eq!((movement.active_before, movement.lapsed, movement.active), (2, 1, 1));
}

proptest! {
    #[test]
    fn every_subscription_is_accounted_for(lives in proptest::collection::vec(
        proptest::collection::vec((0..40_i64, 0..5_usize), 1..8), 1..12), from in 1..30_i64)
    {
        let words = ["trial", "active", "grace", "cancelling", "ended"];
        let mut transitions = Vec::new();
        let mut subscriptions = Vec::new();
        for (life, id) in lives.into_iter().zip(1_u32..) {
            subscriptions.push(subscription(id, id % 5, "9", "1 month"));
            let mut life = life;
            life.sort_unstable();
            let mut before = "";
            for (at, after) in life {
                transitions.push(transition(id, at, before, words[after]));
                before = words[after];
            }
        }
        let figures = of(&subscriptions, &transitions, from, from + 10);
        let movement = figures.movements[0];
        prop_assert_eq!(
            movement.active + movement.lapsed,
            movement.active_before + movement.new + movement.reactivated
        );
        prop_assert_eq!(figures.movements[1].active, movement.active_before);
    }
}
