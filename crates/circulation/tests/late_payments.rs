//! Paying late moves no billing day, and neither loses nor doubles a period.

#![allow(clippy::expect_used, clippy::panic)]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    AccountId, Channel, Ending, Event, Mandate, Money, State, Subscription, SubscriptionId, Terms,
};
use proptest::prelude::*;

const GRACE: SignedDuration = SignedDuration::from_hours(14 * 24);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse().expect("a currency"))
}

fn begun(every: &str, zone: &TimeZone) -> Subscription {
    let terms = Terms {
        product: "web".into(),
        name: "Web".into(),
        channels: vec![Channel::Web],
        price: "web".into(),
        offer: None,
        introduction: None,
        amount: usd(300),
        every: every.parse().expect("a length"),
    };
    let now = "2026-01-31T10:00:00Z".parse().expect("a time");
    let (id, reader) = (SubscriptionId(1), AccountId(1));
    Subscription::start(id, reader, terms, Mandate::manual(), now, zone)
}

fn through(subscription: &Subscription) -> Timestamp {
    subscription.renews_at().expect("it goes on")
}

/// As it is once nobody has paid for the next period, `delay` after it began.
fn unpaid(
    before: &Subscription,
    delay: SignedDuration,
    zone: &TimeZone,
) -> (Subscription, Timestamp) {
    let now = through(before) + delay;
    let grace = before.time_to_pay(GRACE, now, zone);
    let after = before.after(Event::PaymentFailed { grace }, now).expect("it can fail");
    let State::Grace { ends, .. } = after.state else { panic!("{:?}", after.state) };
    (after, ends)
}

fn every() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("1 day"), Just("1 week"), Just("2 weeks"), Just("1 month"), Just("1 year")]
}

/// Parts of 1000, one for each period.
fn parts() -> impl Strategy<Value = Vec<i32>> {
    prop::collection::vec(0..1000, 1..20)
}

fn part(of: SignedDuration, part: i32) -> SignedDuration {
    SignedDuration::from_secs(of.as_secs() * i64::from(part) / 1000)
}

proptest! {
    #[test]
    fn readers_who_pay_in_time_pay_for_each_period_once(
        every in every(),
        late in parts(),
        delay in 0_i64..600,
    ) {
        let zone = TimeZone::get("Europe/London").expect("a zone");
        let mut held = begun(every, &zone);
        let anchor = held.anchor;
        for (number, late) in (2..).zip(late) {
            let (owing, ends) = unpaid(&held, SignedDuration::from_secs(delay), &zone);
            let failed = through(&held) + SignedDuration::from_secs(delay);
            let paid_at = failed + part(ends.duration_since(failed), late);
            let next = owing.next_payment(&zone);
            prop_assert_eq!(next.from, through(&held), "no period is left out or paid twice");
            let paid = owing.renewed(paid_at, &zone).expect("it can be paid");
            prop_assert_eq!(through(&paid), held.terms.every.after(anchor, number, &zone));
            prop_assert!(through(&paid) > paid_at, "what is paid for is still to come");
            held = paid;
        }
    }

    #[test]
    fn a_payment_after_the_end_pays_for_the_rest_of_its_period_or_for_nothing(
        every in every(),
        late in 0_i32..3000,
    ) {
        let zone = TimeZone::get("Europe/London").expect("a zone");
        let held = begun(every, &zone);
        let (owing, ends) = unpaid(&held, SignedDuration::ZERO, &zone);
        let ended = owing.after(Event::TimePassed, ends).expect("time passes");
        prop_assert_eq!(ended.state, State::Ended { at: ends, why: Ending::Unpaid });
        let period = owing.next_payment(&zone);
        let paid_at = ends + part(period.through.duration_since(period.from), late);
        match ended.renewed(paid_at, &zone) {
            Ok(paid) => {
                prop_assert_eq!(through(&paid), period.through);
                prop_assert!(paid_at < period.through);
            }
            Err(_) => prop_assert!(paid_at >= period.through || ends >= period.through),
        }
    }
}

#[test]
fn the_time_to_pay_a_week_is_the_week() {
    let zone = TimeZone::UTC;
    let week = begun("1 week", &zone);
    let (_, ends) = unpaid(&week, SignedDuration::from_mins(5), &zone);
    assert_eq!(ends, "2026-02-14T10:00:00Z".parse().expect("a time"));
    // No server ran for six days.
    let (_, ends) = unpaid(&week, SignedDuration::from_hours(6 * 24), &zone);
    assert_eq!(ends, "2026-02-20T10:00:00Z".parse().expect("a time"));
    let month = begun("1 month", &zone);
    let (_, ends) = unpaid(&month, SECOND, &zone);
    assert_eq!(ends, through(&month) + SECOND + GRACE);
}
