//! Periods that are over before they were collected.

#![allow(clippy::expect_used)]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    AccountId, Channel, Event, Introduction, Mandate, Money, State, Subscription, SubscriptionId,
    Terms,
};
use proptest::prelude::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse().expect("a currency"))
}

fn begun(every: &str, trial: bool) -> Subscription {
    let terms = Terms {
        product: "web".into(),
        name: "Web".into(),
        channels: vec![Channel::Web],
        price: "web".into(),
        offer: None,
        introduction: trial.then(|| Introduction {
            amount: usd(0),
            lasts: "14 days".parse().expect("a length"),
            card: true,
        }),
        amount: usd(900),
        every: every.parse().expect("a length"),
    };
    let mandate = Mandate { processor: "sandbox".into(), reference: "card".into(), card: None };
    let now = at("2026-03-01T10:00:00Z");
    Subscription::start(SubscriptionId(1), AccountId(1), terms, mandate, now, &TimeZone::UTC)
}

/// Collects whatever may be collected at `now`, as the renewals do. Returns how often.
fn collect_all(held: &mut Subscription, last: &mut Option<Timestamp>, now: Timestamp) -> usize {
    let zone = TimeZone::UTC;
    for collected in 0..1000 {
        *held = held.after(Event::TimePassed, now).expect("legal");
        let is_due = held.renews_at().is_some_and(|due| due <= now);
        if !is_due || held.collectable_from(*last, now, &zone) > now {
            return collected;
        }
        if let Some(moved) = held.without_missed_periods(now, &zone) {
            *held = moved;
        }
        *held = held.renewed(now, &zone).expect("legal");
        *last = Some(now);
    }
    unreachable!("it never ends")
}

#[test]
fn a_period_that_is_not_over_is_collected_as_it_is() {
    let held = begun("1 month", false);
    let zone = TimeZone::UTC;
    let late = at("2026-05-01T09:59:59Z");
    assert_eq!(held.without_missed_periods(late, &zone), None);
    let over = late + SignedDuration::from_secs(1);
    let moved = held.without_missed_periods(over, &zone).expect("it is over");
    let next = moved.next_payment(&zone);
    assert_eq!((next.from, next.through), (over, at("2026-06-01T10:00:00Z")));
    // A refused payment leaves a whole period to pay for.
    let refused = moved.after(Event::PaymentFailed { grace: DAY * 14 }, over).expect("legal");
    assert_eq!(refused.next_payment(&zone), next);
}

#[test]
fn who_was_asked_to_pay_is_not_asked_for_another_period() {
    let held = begun("1 week", false);
    let due = at("2026-03-08T10:00:00Z");
    let refused = held.after(Event::PaymentFailed { grace: DAY * 70 }, due).expect("legal");
    assert_eq!(refused.without_missed_periods(due + DAY * 60, &TimeZone::UTC), None);
}

#[test]
fn a_collection_that_is_still_to_come_stops_nothing() {
    let held = begun("1 month", false);
    let (zone, now) = (TimeZone::UTC, at("2026-04-01T10:00:00Z"));
    assert_eq!(held.collectable_from(None, now, &zone), now);
    assert_eq!(held.collectable_from(Some(now + DAY * 800), now, &zone), now);
    assert_eq!(held.collectable_from(Some(now - DAY * 16), now, &zone), now);
    assert_eq!(held.collectable_from(Some(now - DAY * 2), now, &zone), now + DAY * 13);
}

proptest! {
    /// However far the clock jumps, a reader pays once, and gets one period from then.
    #[test]
    fn a_jump_collects_once(
        every in prop::sample::select(vec!["1 day", "1 week", "1 month", "3 months", "1 year"]),
        trial in any::<bool>(),
        hours in 24 * 400..24 * 4000_i64,
    ) {
        let (mut held, mut last) = (begun(every, trial), None);
        let now = held.begun + HOUR * i32::try_from(hours).expect("a number");
        prop_assert!(collect_all(&mut held, &mut last, now) <= 1);
        if let State::Active { through } = held.state {
            prop_assert!(through > now);
            // Never much more than was paid for either.
            prop_assert!(through <= held.terms.every.after(now, 1, &TimeZone::UTC));
        }
        // The clock is corrected: nothing is collected until what is paid for is over.
        let corrected = held.begun + DAY;
        prop_assert_eq!(collect_all(&mut held, &mut last, corrected), 0);
        let through = held.renews_at().expect("it goes on");
        let then = held.collectable_from(last, through, &TimeZone::UTC);
        prop_assert_eq!(collect_all(&mut held, &mut last, then), 1);
    }

    /// Wherever the clock goes, no two collections are closer than half a period by that clock.
    #[test]
    fn collections_keep_their_distance(
        every in prop::sample::select(vec!["1 week", "1 month"]),
        steps in prop::collection::vec(1..60 * 24_i32, 1..60),
    ) {
        let (mut held, mut last) = (begun(every, false), None::<Timestamp>);
        let half = DAY * if every == "1 week" { 3 } else { 14 };
        let mut now = held.begun;
        for step in steps {
            now += HOUR * step;
            let before = last;
            let collected = collect_all(&mut held, &mut last, now);
            prop_assert!(collected <= 1);
            if let (1, Some(before)) = (collected, before) {
                prop_assert!(now.duration_since(before) >= half, "{before} and {now}");
            }
        }
    }
}

#[test]
fn a_period_that_an_invoice_was_sent_for_is_not_left_out() {
    let active = begun("7 days", false).renewed(at("2026-03-08T10:00:00Z"), &TimeZone::UTC);
    let mut held = active.expect("legal");
    held.mandate = Mandate::manual();
    let late = at("2026-05-01T10:00:00Z");
    assert!(held.without_missed_periods(late, &TimeZone::UTC).is_some());
    held.notified.renewal = held.renews_at();
    assert_eq!(held.without_missed_periods(late, &TimeZone::UTC), None);
}
