//! Changing to another price during a paid period.

#![allow(clippy::expect_used)]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    AccountId, Channel, Currency, Mandate, Money, Subscription, SubscriptionId, SwitchRefused,
    Terms,
};
use proptest::prelude::*;

fn terms(price: &str, minor: u64, currency: &str, every: &str) -> Terms {
    let currency: Currency = currency.parse().expect("a currency");
    Terms {
        product: "web".into(),
        name: "Web".into(),
        channels: vec![Channel::Web],
        price: price.into(),
        offer: None,
        introduction: None,
        amount: Money::of(minor, currency),
        every: every.parse().expect("a length"),
    }
}

fn begun(terms: Terms) -> Subscription {
    let mandate = Mandate { processor: "sandbox".into(), reference: "card".into(), card: None };
    let (id, account) = (SubscriptionId(1), AccountId(1));
    Subscription::start(id, account, terms, mandate, start(), &TimeZone::UTC)
}

fn start() -> Timestamp {
    "2026-04-01T00:00:00Z".parse().expect("a time")
}

fn days(days: i32) -> SignedDuration {
    SignedDuration::from_hours(24) * days
}

#[test]
fn half_a_month_left_is_half_the_price_off() {
    let monthly = begun(terms("monthly", 900, "USD", "1 month"));
    let yearly = terms("yearly", 9000, "USD", "1 year");
    let switch = monthly.switch(&yearly, start() + days(15), &TimeZone::UTC).expect("a switch");
    assert_eq!((switch.credit.minor(), switch.today.minor()), (450, 8550));
    assert_eq!(switch.through.to_string(), "2027-04-16T00:00:00Z");
    let after = monthly.switched(&switch, start() + days(15));
    assert_eq!(after.paid.map(|paid| paid.amount.minor()), Some(9000));
}

#[test]
fn paying_ahead_loses_nothing_by_changing() {
    let monthly = begun(terms("monthly", 1200, "USD", "1 month"));
    let yearly = terms("yearly", 12000, "USD", "1 year");
    let half = start() + days(15);
    let ahead = monthly.renewed(half, &TimeZone::UTC).expect("legal");
    let switch = ahead.switch(&yearly, half, &TimeZone::UTC).expect("a switch");
    assert_eq!(switch.credit.minor(), 600 + 1200);
    let later = ahead.switch(&yearly, half + days(1), &TimeZone::UTC).expect("a switch");
    assert!(later.credit.minor() < switch.credit.minor(), "{later:?}");
}

#[test]
fn the_rest_of_a_year_prolongs_the_month() {
    let yearly = begun(terms("yearly", 3650, "USD", "1 year"));
    let monthly = terms("monthly", 300, "USD", "1 month");
    let switch = yearly.switch(&monthly, start() + days(5), &TimeZone::UTC).expect("a switch");
    assert_eq!((switch.credit.minor(), switch.today.minor()), (3600, 0));
    // Worth twelve months, of thirty days and of thirty-one.
    assert_eq!(switch.through.to_string(), "2027-04-06T00:00:00Z");
}

#[test]
fn ten_months_are_ten_months_whichever_month_is_the_first() {
    let yearly = begun(terms("yearly", 12000, "USD", "1 year"));
    let monthly = terms("monthly", 1200, "USD", "1 month");
    let through = yearly.switch(&monthly, start(), &TimeZone::UTC).expect("a switch").through;
    assert_eq!(through.to_string(), "2027-02-01T00:00:00Z");
    // What is left of a month is a part of the one that follows.
    let half = terms("monthly", 1600, "USD", "1 month");
    let through = yearly.switch(&half, start(), &TimeZone::UTC).expect("a switch").through;
    assert_eq!(through.to_string(), "2026-11-16T00:00:00Z");
}

#[test]
fn some_changes_are_refused() {
    let monthly = begun(terms("monthly", 900, "USD", "1 month"));
    let no = |terms: &Terms| monthly.switch(terms, start(), &TimeZone::UTC).err();
    assert_eq!(no(&terms("monthly", 900, "USD", "1 month")), Some(SwitchRefused::Same));
    assert_eq!(no(&terms("yearly", 9000, "EUR", "1 year")), Some(SwitchRefused::Currency));
    let cancelled = monthly.after(masthead_circulation::Event::Cancelled, start()).expect("legal");
    let yearly = terms("yearly", 9000, "USD", "1 year");
    assert_eq!(
        cancelled.switch(&yearly, start(), &TimeZone::UTC).err(),
        Some(SwitchRefused::NotActive)
    );
}

proptest! {
    /// After any number of changes back and forth, what was paid equals what was used plus what is
    /// left, up to one minor unit and one second per change.
    #[test]
    fn changing_back_and_forth_gains_nothing(
        currency in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        prices in (100_u64..5000, 1000_u64..50_000),
        changes in prop::collection::vec(0_i64..20, 1..8),
    ) {
        let monthly = terms("monthly", prices.0, currency, "1 month");
        let yearly = terms("yearly", prices.1, currency, "1 year");
        let mut held = begun(monthly.clone());
        let (mut now, mut paid) = (start(), prices.0);
        let mut used = 0.0;
        for (index, pass) in changes.into_iter().enumerate() {
            let time = held.paid.expect("paid");
            let whole = time.through.duration_since(time.from).as_secs_f64();
            #[expect(clippy::cast_precision_loss)]
            let rate = time.amount.minor() as f64 / whole;
            let step = days(i32::try_from(pass).expect("few")).min(time.through.duration_since(now));
            now += step;
            used += rate * step.as_secs_f64();
            let to = if index % 2 == 0 { &yearly } else { &monthly };
            let switch = held.switch(to, now, &TimeZone::UTC).expect("a switch");
            paid += switch.today.minor();
            held = held.switched(&switch, now);
            let worth = held.paid.expect("paid").amount.minor();
            #[expect(clippy::cast_precision_loss)]
            let missing = paid as f64 - used - worth as f64;
            #[expect(clippy::cast_precision_loss)]
            let coins = 2.0 * (index + 1) as f64;
            prop_assert!(missing.abs() <= coins, "{missing} after {index} changes");
        }
    }
}
