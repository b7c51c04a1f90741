//! Changing to another price during a paid period.

#![allow(clippy::expect_used)]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    AccountId, AgreedChange, Channel, CollectedPayment, Currency, Mandate, Money, Subscription,
    SubscriptionId, SwitchRefused, Terms,
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
    let switch =
        monthly.switch(&yearly, &[], start() + days(15), &TimeZone::UTC).expect("a switch");
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
    let switch = ahead.switch(&yearly, &[], half, &TimeZone::UTC).expect("a switch");
    assert_eq!(switch.credit.minor(), 600 + 1200);
    let later = ahead.switch(&yearly, &[], half + days(1), &TimeZone::UTC).expect("a switch");
    assert!(later.credit.minor() < switch.credit.minor(), "{later:?}");
}

#[test]
fn the_rest_of_a_year_prolongs_the_month() {
    let yearly = begun(terms("yearly", 3650, "USD", "1 year"));
    let monthly = terms("monthly", 300, "USD", "1 month");
    let switch = yearly.switch(&monthly, &[], start() + days(5), &TimeZone::UTC).expect("a switch");
    assert_eq!((switch.credit.minor(), switch.today.minor()), (3600, 0));
    // Worth twelve months, of thirty days and of thirty-one.
    assert_eq!(switch.through.to_string(), "2027-04-06T00:00:00Z");
}

#[test]
fn ten_months_are_ten_months_whichever_month_is_the_first() {
    let yearly = begun(terms("yearly", 12000, "USD", "1 year"));
    let monthly = terms("monthly", 1200, "USD", "1 month");
    let through = yearly.switch(&monthly, &[], start(), &TimeZone::UTC).expect("a switch").through;
    assert_eq!(through.to_string(), "2027-02-01T00:00:00Z");
    // What is left of a month is a part of the one that follows.
    let half = terms("monthly", 1600, "USD", "1 month");
    let through = yearly.switch(&half, &[], start(), &TimeZone::UTC).expect("a switch").through;
    assert_eq!(through.to_string(), "2026-11-16T00:00:00Z");
}

#[test]
fn a_credit_pays_for_ten_years_at_most() {
    let yearly = begun(terms("yearly", 8000, "USD", "1 year"));
    let monthly = |price| {
        let terms = terms("monthly", price, "USD", "1 month");
        yearly.switch(&terms, &[], start(), &TimeZone::UTC)
    };
    assert!(monthly(80).expect("100 months").through < start() + days(3660));
    for price in [60, 1] {
        assert_eq!(monthly(price), Err(SwitchRefused::TooLong), "{price}");
    }
}

#[test]
fn some_changes_are_refused() {
    let monthly = begun(terms("monthly", 900, "USD", "1 month"));
    let no = |terms: &Terms| monthly.switch(terms, &[], start(), &TimeZone::UTC).err();
    assert_eq!(no(&terms("monthly", 900, "USD", "1 month")), Some(SwitchRefused::Same));
    assert_eq!(no(&terms("yearly", 9000, "EUR", "1 year")), Some(SwitchRefused::Currency));
    let cancelled = monthly.after(masthead_circulation::Event::Cancelled, start()).expect("legal");
    let yearly = terms("yearly", 9000, "USD", "1 year");
    assert_eq!(
        cancelled.switch(&yearly, &[], start(), &TimeZone::UTC).err(),
        Some(SwitchRefused::NotActive)
    );
}

proptest! {
    /// After any number of changes back and forth, what was paid equals what was used plus what is
    /// left, up to one minor unit and one second per change.
    #[test]
    fn changing_back_and_forth_gains_nothing(
        currency in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        prices in (1000_u64..5000, 1000_u64..50_000),
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
            let switch = held.switch(to, &[], now, &TimeZone::UTC).expect("a switch");
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

/// A payment with what goes back of it.
fn collected(minor: u64, refunded: u64) -> CollectedPayment {
    let money = |minor| Money::of(minor, "USD".parse().expect("a currency"));
    CollectedPayment { amount: money(minor), refunded: money(refunded), inquired: money(0) }
}

/// What is credited after half of a month for $9 if this was collected, the latest first.
fn credit_at_half(held: &Subscription, payments: &[CollectedPayment]) -> u64 {
    let yearly = terms("yearly", 9000, "USD", "1 year");
    let half = start() + days(15);
    held.switch(&yearly, payments, half, &TimeZone::UTC).expect("a switch").credit.minor()
}

#[test]
fn what_is_refunded_is_not_credited_as_well() {
    let monthly = begun(terms("monthly", 900, "USD", "1 month"));
    let credit = |payments: &[CollectedPayment]| credit_at_half(&monthly, payments);
    assert_eq!(credit(&[collected(900, 0)]), 450);
    assert_eq!(credit(&[collected(900, 900)]), 0, "all");
    assert_eq!(credit(&[collected(900, 450)]), 0, "the unused half");
    assert_eq!(credit(&[collected(900, 100)]), 350, "a part of the unused half");
    // What was refunded of earlier periods has nothing to do with it.
    assert_eq!(credit(&[collected(900, 0), collected(900, 900)]), 450);
    // What was paid before Masthead kept the books.
    assert_eq!(credit(&[]), 450);
}

#[test]
fn what_a_bank_asks_about_is_only_credited_if_it_was_agreed_before() {
    let monthly = begun(terms("monthly", 900, "USD", "1 month"));
    let (yearly, zone) = (terms("yearly", 9000, "USD", "1 year"), TimeZone::UTC);
    let asked = start() + days(15);
    let ordered = monthly.switch(&yearly, &[collected(900, 0)], asked, &zone).expect("a switch");
    let inquiry = [CollectedPayment { inquired: ordered.credit, ..collected(900, 0) }];
    assert_eq!(credit_at_half(&monthly, &inquiry), 0);
    let agreed = AgreedChange { terms: ordered.terms.clone(), credit: ordered.credit, asked };
    let now = asked + days(3);
    let made = |payments: &[CollectedPayment]| {
        monthly.switch_as_agreed(&agreed, ordered.today, payments, now, &zone).expect("a switch")
    };
    assert_eq!(made(&inquiry).credit, ordered.credit);
    assert_eq!(made(&inquiry).through, yearly.every.after(now, 1, &zone));
    assert_eq!(made(&[collected(900, 900)]).credit.minor(), 0, "it was taken");
}

#[test]
fn what_was_taken_off_once_is_not_taken_off_again() {
    let yearly = begun(terms("yearly", 8000, "USD", "1 year"));
    let (weekly, monthly) =
        (terms("weekly", 200, "USD", "1 week"), terms("monthly", 800, "USD", "1 month"));
    let paid = [collected(8000, 5000)];
    let first = yearly.switch(&monthly, &paid, start(), &TimeZone::UTC).expect("a switch");
    assert_eq!((first.credit.minor(), first.today.minor()), (3000, 0));
    let held = yearly.switched(&first, start());
    let second = held.switch(&weekly, &paid, start(), &TimeZone::UTC).expect("a switch");
    assert_eq!(second.credit.minor(), 3000);
    // What is refunded after the change is.
    let more = [collected(8000, 6000)];
    let second = held.switch(&weekly, &more, start(), &TimeZone::UTC).expect("a switch");
    assert_eq!(second.credit.minor(), 2000);
    let all = [collected(8000, 8000)];
    let second = held.switch(&weekly, &all, start(), &TimeZone::UTC).expect("a switch");
    assert_eq!(second.credit.minor(), 0);
}

#[test]
fn of_several_payments_the_earliest_is_used_first() {
    let yearly = begun(terms("yearly", 12000, "USD", "1 year"));
    let dear = terms("dear", 9000, "USD", "1 month");
    let late = start() + days(292);
    let first = [collected(12000, 0)];
    let switch = yearly.switch(&dear, &first, late, &TimeZone::UTC).expect("a switch");
    assert_eq!((switch.credit.minor(), switch.today.minor()), (2400, 6600));
    let held = yearly.switched(&switch, late);
    let back = |payments: &[CollectedPayment]| {
        let yearly = terms("yearly", 12000, "USD", "1 year");
        held.switch(&yearly, payments, late, &TimeZone::UTC).expect("a switch").credit.minor()
    };
    assert_eq!(back(&[collected(6600, 0), collected(12000, 0)]), 9000);
    // Most of the first payment was used; what was left of it is gone.
    assert_eq!(back(&[collected(6600, 0), collected(12000, 12000)]), 6600);
    assert_eq!(back(&[collected(6600, 6600), collected(12000, 0)]), 2400);
    assert_eq!(back(&[collected(6600, 6600), collected(12000, 12000)]), 0);
}

proptest! {
    /// Whatever is paid, refunded and changed in whichever order: what is credited was collected and not refunded, and what is refunded
    /// reduces it.
    #[test]
    fn a_credit_is_never_more_than_was_collected_and_not_refunded(
        prices in (1000_u64..5000, 1000_u64..50_000),
        steps in prop::collection::vec((0_i64..20, 0_usize..4, 0_u64..=100, prop::bool::ANY), 1..12),
    ) {
        let (monthly, yearly) = (
            terms("monthly", prices.0, "USD", "1 month"),
            terms("yearly", prices.1, "USD", "1 year"),
        );
        let mut held = begun(monthly.clone());
        let mut payments = vec![collected(prices.0, 0)];
        let mut now = start();
        for (pass, which, percent, renews) in steps {
            let until = held.paid.expect("paid").through;
            now += days(i32::try_from(pass).expect("few")).min(until.duration_since(now));
            let index = which % payments.len();
            let left = payments[index].amount.minor() - payments[index].refunded.minor();
            let refunded = payments[index].refunded.minor() + left * percent / 100;
            payments[index] = collected(payments[index].amount.minor(), refunded);
            if renews {
                held = held.renewed(now, &TimeZone::UTC).expect("legal");
                payments.insert(0, collected(held.terms.amount.minor(), 0));
                continue;
            }
            let to = if held.terms.price == monthly.price { &yearly } else { &monthly };
            let switched = |payments: &[_]| held.switch(to, payments, now, &TimeZone::UTC);
            if switched(&[]) == Err(SwitchRefused::TooLong) {
                // Renewals long before they are due add up.
                break;
            }
            let switch = switched(&payments).expect("a switch");
            let kept: u64 = payments
                .iter()
                .map(|payment| payment.amount.minor() - payment.refunded.minor())
                .sum();
            prop_assert!(switch.credit.minor() <= kept, "{switch:?} of {payments:?}");
            let untouched: Vec<_> =
                payments.iter().map(|payment| collected(payment.amount.minor(), 0)).collect();
            let without = switched(&untouched).expect("a switch");
            prop_assert!(switch.credit.minor() <= without.credit.minor());
            let all: Vec<_> = payments
                .iter()
                .map(|payment| collected(payment.amount.minor(), payment.amount.minor()))
                .collect();
            let none = switched(&all).expect("a switch");
            prop_assert_eq!(none.credit.minor(), 0);
            held = held.switched(&switch, now);
            if !switch.today.is_zero() {
                payments.insert(0, collected(switch.today.minor(), 0));
            }
        }
    }
}

proptest! {
    /// Whenever the bank decides, the reader gets the time that what they paid and what is left of their credit pay for: all of it
    /// if nothing was refunded since they ordered the change.
    #[test]
    fn a_change_is_made_as_it_was_agreed(
        ordered in 1..29_i32,
        delay in 0..400_i32,
        refunded in prop_oneof![Just(0), 1..=900_u64],
    ) {
        let monthly = begun(terms("monthly", 900, "USD", "1 month"));
        let yearly = terms("yearly", 9000, "USD", "1 year");
        let zone = TimeZone::UTC;
        let paid = |refunded| {
            let usd = |minor| Money::of(minor, monthly.terms.amount.currency());
            [CollectedPayment { amount: usd(900), refunded: usd(refunded), inquired: usd(0) }]
        };
        let asked = start() + days(ordered);
        let switch = monthly.switch(&yearly, &paid(0), asked, &zone).expect("a switch");
        let agreed = AgreedChange { terms: switch.terms.clone(), credit: switch.credit, asked };
        let now = asked + days(delay);
        let made = monthly.switch_as_agreed(&agreed, switch.today, &paid(refunded), now, &zone);
        let made = made.expect("a switch");
        let credit = switch.credit.minor();
        prop_assert_eq!(made.credit.minor(), credit - credit.min(refunded));
        let whole = yearly.every.after(now, 1, &zone).duration_since(now).as_secs();
        let time = made.through.duration_since(now).as_secs();
        let spent = made.today.minor() + made.credit.minor();
        let share = (i128::from(whole) * i128::from(spent) + 8999) / 9000;
        prop_assert_eq!(i128::from(time), share);
        let after = monthly.switched(&made, now);
        prop_assert_eq!(after.paid.map(|paid| paid.amount.minor()), Some(spent));
        prop_assert_eq!(after.refunds_deducted, refunded);
    }
}
