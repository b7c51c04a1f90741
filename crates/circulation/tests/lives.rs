//! Properties of subscriptions under arbitrary sequences of events.

#![allow(clippy::expect_used)]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::Standing;
use masthead_circulation::{
    AccountId, Card, Channel, DueAction, Ending, Event, History, Introduction, Mandate, Money,
    State, Subscription, SubscriptionId, Terms, entitlement,
};
use proptest::prelude::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const GRACE: SignedDuration = SignedDuration::from_hours(14 * 24);

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse().expect("a currency"))
}

fn terms(introduction: Option<(u64, &str, bool)>) -> Terms {
    let introduction = introduction.map(|(amount, lasts, card)| Introduction {
        amount: usd(amount),
        lasts: lasts.parse().expect("a length"),
        card,
    });
    Terms {
        product: "web".into(),
        name: "Web".into(),
        channels: vec![Channel::Web],
        price: "web-monthly".into(),
        offer: None,
        introduction,
        amount: usd(900),
        every: "1 month".parse().expect("a length"),
    }
}

fn begun(terms: Terms, now: Timestamp) -> Subscription {
    let mandate = Mandate {
        processor: "sandbox".into(),
        reference: "card".into(),
        card: Some(Card { brand: "Visa".into(), last4: "4242".into(), year: 2030, month: 1 }),
    };
    Subscription::start(SubscriptionId(1), AccountId(1), terms, mandate, now, &TimeZone::UTC)
}

fn owed(terms: Terms, now: Timestamp) -> Subscription {
    Subscription::start_unpaid(SubscriptionId(1), AccountId(1), terms, now, GRACE, &TimeZone::UTC)
}

fn standing(subscription: &Subscription, now: Timestamp) -> Standing {
    entitlement::standing(std::slice::from_ref(subscription), now)
}

#[test]
fn a_late_first_invoice_is_only_sent_to_who_pays_by_invoice() {
    let begun_at = at("2026-04-01T00:00:00Z");
    let invoiced = owed(terms(None), begun_at);
    let late = |held: &Subscription| {
        held.with_late_first_invoice(begun_at + DAY * 20, GRACE, &TimeZone::UTC)
    };
    assert!(late(&invoiced).is_some());
    let mandate = begun(terms(None), begun_at).mandate;
    assert_eq!(late(&Subscription { mandate, ..invoiced }), None);
}

#[test]
fn a_trial_without_a_card_ends_and_the_reader_is_notified() {
    let now = at("2026-03-01T10:00:00Z");
    let trial = begun(terms(Some((0, "14 days", false))), now);
    let ends = at("2026-03-15T10:00:00Z");
    assert_eq!(standing(&trial, now), Standing::Trial { ends });
    assert_eq!(trial.due(&TimeZone::UTC), Some((ends - DAY * 3, DueAction::NotifyTrialEnding)));
    assert_eq!(standing(&trial, ends), Standing::TrialEnded { at: ends });
    let mut notified = trial;
    notified.notified.trial_ending = Some(ends);
    assert_eq!(notified.due(&TimeZone::UTC), Some((ends, DueAction::TimePassed)));
    let ended = notified.after(Event::TimePassed, ends).expect("legal");
    assert_eq!(ended.state, State::Ended { at: ends, why: Ending::TrialOver });
    assert_eq!(ended.due(&TimeZone::UTC), None);
}

#[test]
fn an_introduction_renews_at_the_price_and_the_reader_is_notified() {
    let now = at("2026-11-30T10:00:00Z");
    let first = begun(terms(Some((900, "3 months", true))), now);
    let end = at("2027-02-28T10:00:00Z");
    assert_eq!(first.state, State::Active { through: end });
    assert_eq!(first.paid.map(|paid| paid.amount), Some(usd(900)));
    // The amounts are equal here, so there is nothing to announce.
    assert_eq!(first.due(&TimeZone::UTC), Some((end, DueAction::Collect)));
    let cheap = begun(terms(Some((100, "3 months", true))), now);
    assert_eq!(cheap.due(&TimeZone::UTC), Some((end - DAY * 14, DueAction::NotifyRenewal)));
    let renewed = cheap.renewed(end, &TimeZone::UTC).expect("legal");
    // The day on which it began is the billing day.
    assert_eq!(renewed.state, State::Active { through: at("2027-03-30T10:00:00Z") });
    assert_eq!(renewed.due(&TimeZone::UTC).map(|(_, task)| task), Some(DueAction::Collect));
}

#[test]
fn a_prolonged_trial_is_followed_by_whole_periods() {
    let now = at("2026-11-30T10:00:00Z");
    let zone = TimeZone::UTC;
    let trial = begun(terms(Some((0, "14 days", true))), now);
    let prolonged = Event::Prolonged { ends: at("2027-01-11T00:00:00Z") };
    let longer = trial.after(prolonged, now).expect("legal");
    let cancelled = trial.after(Event::Cancelled, now).and_then(|it| it.after(prolonged, now));
    let undone = cancelled.and_then(|it| it.after(Event::Uncancelled, now)).expect("legal");
    for trial in [longer, undone] {
        let ends = trial.renews_at().expect("it renews");
        let first = trial.renewed(ends, &zone).expect("legal");
        assert_eq!(first.state, State::Active { through: at("2027-02-11T00:00:00Z") });
        let second = first.renewed(at("2027-02-11T00:00:00Z"), &zone).expect("legal");
        assert_eq!(second.state, State::Active { through: at("2027-03-11T00:00:00Z") });
    }
    // What is paid for cannot be prolonged in this way.
    assert!(begun(terms(None), now).after(prolonged, now).is_err());
}

#[test]
fn an_extended_complimentary_subscription_is_never_charged() {
    let now = at("2026-11-30T10:00:00Z");
    let free = begun(Terms { amount: usd(0), ..terms(None) }, now);
    let given = Subscription { state: State::Cancelling { ends: now + DAY, trial: false }, ..free };
    let extended = given.given_until(now + DAY * 40, now).expect("longer");
    assert_eq!(extended.state.ends(), Some(now + DAY * 40));
    assert_eq!(extended.renews_at(), None);
    assert!(extended.after(Event::Uncancelled, now).is_err());
}

#[test]
fn a_failed_card_leaves_access_during_grace_and_three_attempts() {
    let now = at("2026-03-01T10:00:00Z");
    let active = begun(terms(None), now);
    let due = at("2026-04-01T10:00:00Z");
    let mut failing = active.after(Event::PaymentFailed { grace: GRACE }, due).expect("legal");
    let ends = due + GRACE;
    assert_eq!(standing(&failing, due), Standing::Grace { ends });
    let mut tries = vec![];
    while let Some((when, DueAction::Collect)) = failing.due(&TimeZone::UTC) {
        tries.push(when);
        failing = failing.after(Event::PaymentFailed { grace: GRACE }, when).expect("legal");
    }
    assert_eq!(tries, [at("2026-04-06T02:00:00Z"), at("2026-04-10T18:00:00Z")]);
    assert_eq!(failing.due(&TimeZone::UTC), Some((ends, DueAction::TimePassed)));
    assert_eq!(standing(&failing, ends - SignedDuration::from_secs(1)), Standing::Grace { ends });
    assert_eq!(standing(&failing, ends), Standing::SubscriptionEnded { at: ends });
    // Paid late: the period is the one that was due, so that the reader does not get less.
    let recovered = failing.renewed(ends - DAY, &TimeZone::UTC).expect("legal");
    assert_eq!(recovered.state, State::Active { through: at("2026-05-01T10:00:00Z") });
    // If the payment comes after the grace period, what is paid for is delivered.
    let ended = failing.after(Event::TimePassed, ends).expect("legal");
    let late = ended.renewed(ends + DAY, &TimeZone::UTC).expect("legal");
    assert_eq!(late.state, State::Active { through: at("2026-05-01T10:00:00Z") });
}

#[test]
fn an_invoice_is_sent_at_once_and_pays_from_the_start() {
    let now = at("2026-03-01T10:00:00Z");
    let owed = owed(terms(Some((100, "3 months", true))), now);
    // The reader is a subscriber until it is due, and reminded from then on.
    let (invoice_due, over) = (now + GRACE, now + GRACE + GRACE);
    let before = invoice_due - SignedDuration::from_secs(1);
    assert_eq!(standing(&owed, now), Standing::Subscribed { ends: None });
    assert_eq!(standing(&owed, before), Standing::Subscribed { ends: None });
    assert_eq!(standing(&owed, invoice_due), Standing::Grace { ends: over });
    assert_eq!(owed.due(&TimeZone::UTC), Some((now, DueAction::NotifyRenewal)));
    let mut sent = owed.clone();
    sent.notified.renewal = owed.payment_ahead();
    assert_eq!(sent.due(&TimeZone::UTC), Some((invoice_due, DueAction::Collect)));
    let end = at("2026-06-01T10:00:00Z");
    let first = owed.next_payment(&TimeZone::UTC);
    assert_eq!((first.amount, first.from, first.through), (usd(100), now, end));
    let paid = owed.renewed(now + DAY * 10, &TimeZone::UTC).expect("legal");
    assert_eq!(paid.state, State::Active { through: end });
    let next = paid.next_payment(&TimeZone::UTC);
    assert_eq!((next.amount, next.from, next.through), (usd(900), end, at("2026-07-01T10:00:00Z")));
    assert_eq!(paid.due(&TimeZone::UTC), Some((end - DAY * 14, DueAction::NotifyRenewal)));
    assert!(entitlement::may_pay_by_invoice(std::slice::from_ref(&owed)));
    let ended = owed.after(Event::TimePassed, over).expect("legal");
    assert!(!entitlement::may_pay_by_invoice(&[ended]));
    // A reader cannot read for free by cancelling and subscribing again.
    let cancelled = owed.after(Event::Cancelled, now + DAY * 13).expect("legal");
    assert!(!entitlement::may_pay_by_invoice(&[cancelled]));
    let cancelling = paid.after(Event::Cancelled, now + DAY * 20).expect("legal");
    let over = cancelling.after(Event::TimePassed, end).expect("legal");
    assert!(entitlement::may_pay_by_invoice(&[over]));
}

#[test]
fn a_pause_keeps_the_paid_days() {
    let now = at("2026-03-01T10:00:00Z");
    let active = begun(terms(None), now);
    let (gone, back) = (at("2026-03-11T10:00:00Z"), at("2026-05-11T10:00:00Z"));
    let resting = active.after(Event::Paused { until: back }, gone).expect("legal");
    assert_eq!(standing(&resting, gone), Standing::Registered);
    let paused = std::slice::from_ref(&resting);
    assert_eq!(entitlement::paused_until(paused, gone), Some(back));
    assert_eq!(entitlement::paused_until(paused, back), None);
    assert_eq!(
        entitlement::paused_products(paused, gone).collect::<Vec<_>>(),
        [&resting.terms.product]
    );
    assert_eq!(resting.renews_at(), Some(back + DAY * 21));
    let awake = resting.after(Event::TimePassed, back).expect("legal");
    assert_eq!(awake.state, State::Active { through: back + DAY * 21 });
    assert_eq!(standing(&resting, back), Standing::Subscribed { ends: None });
    let renewed = awake.renewed(back + DAY * 21, &TimeZone::UTC).expect("legal");
    assert_eq!(renewed.state, State::Active { through: at("2026-07-01T10:00:00Z") });
    let early = resting.after(Event::Resumed, gone + DAY).expect("legal");
    assert_eq!(early.state, State::Active { through: gone + DAY * 22 });
}

#[test]
fn cancelling_keeps_the_paid_time_and_can_be_undone() {
    let now = at("2026-03-01T10:00:00Z");
    let active = begun(terms(None), now);
    let ends = at("2026-04-01T10:00:00Z");
    let cancelled = active.after(Event::Cancelled, now + DAY).expect("legal");
    assert_eq!(standing(&cancelled, now + DAY), Standing::Subscribed { ends: Some(ends) });
    let undone = cancelled.after(Event::Uncancelled, now + DAY * 2).expect("legal");
    assert_eq!(undone, active);
    assert!(cancelled.after(Event::Uncancelled, ends).is_err());
    assert_eq!(standing(&cancelled, ends), Standing::SubscriptionEnded { at: ends });
}

#[test]
fn the_best_of_several_subscriptions_counts() {
    let now = at("2026-03-01T10:00:00Z");
    let trial = begun(terms(Some((0, "14 days", false))), now - DAY * 60);
    let mut paper = begun(terms(None), now);
    paper.terms.channels = vec![Channel::Print];
    let both = [trial.clone(), paper];
    assert!(matches!(entitlement::standing(&both, now), Standing::TrialEnded { .. }));
    assert_eq!(entitlement::products(&both, now).count(), 0);
    let all = [trial.clone(), begun(terms(None), now)];
    assert_eq!(entitlement::standing(&all, now), Standing::Subscribed { ends: None });
    assert!(entitlement::products(&all, now).eq(["web"]));
    assert_eq!(entitlement::history(&all, false, now), History::Live);
    assert_eq!(entitlement::history(std::slice::from_ref(&trial), false, now), History::Lapsed);
    assert_eq!(entitlement::history(&[trial], false, now - DAY * 59), History::InTrial);
    assert_eq!(entitlement::history(&[], false, now), History::New);
    assert_eq!(entitlement::history(&[], true, now), History::Lapsed, "with another account");
}

#[test]
fn an_expiring_card_is_announced_once() {
    let now = at("2026-03-01T10:00:00Z");
    let mut active = begun(terms(None), now);
    active.mandate.card =
        Some(Card { brand: "Visa".into(), last4: "4242".into(), year: 2026, month: 3 });
    let through = at("2026-04-01T10:00:00Z");
    assert_eq!(active.due(&TimeZone::UTC), Some((through - DAY * 14, DueAction::NotifyCardExpiry)));
    active.notified.card = Some(through);
    assert_eq!(active.due(&TimeZone::UTC), Some((through, DueAction::Collect)));
}

/// The states that an event may lead to from a state, if no other change is due.
#[expect(clippy::match_same_arms, reason = "one line for each event")]
fn leads_to(state: &str, event: &str) -> &'static [&'static str] {
    match (state, event) {
        (_, "time-passed") => &["trial", "active", "grace", "paused", "cancelling", "ended"],
        ("ended", "paid") => &["active"],
        ("ended", _) => &[],
        (_, "replaced" | "withdrawn") => &["ended"],
        ("trial" | "active" | "grace" | "paused", "paid") => &["active"],
        ("cancelling", "paid") => &["cancelling"],
        ("trial" | "active" | "grace", "payment-failed") => &["grace"],
        ("trial", "cancelled") => &["cancelling"],
        ("active", "cancelled") => &["cancelling", "ended"],
        ("grace", "cancelled") => &["ended"],
        ("paused", "cancelled") => &["cancelling"],
        ("cancelling", "uncancelled") => &["trial", "active"],
        ("active", "paused") => &["paused"],
        ("paused", "resumed") => &["active"],
        ("trial", "prolonged") => &["trial"],
        ("cancelling", "prolonged") => &["cancelling"],
        _ => &[],
    }
}

fn event() -> impl Strategy<Value = (u8, i64)> {
    (0_u8..10, 0_i64..40)
}

fn event_of(kind: u8, now: Timestamp, days: i64) -> Event {
    let then = now + SignedDuration::from_hours(24 * days + 1);
    match kind {
        0 => Event::Paid { through: then },
        1 => Event::PaymentFailed { grace: GRACE },
        2 => Event::Cancelled,
        3 => Event::Uncancelled,
        4 => Event::Paused { until: then },
        5 => Event::Resumed,
        6 => Event::Replaced,
        7 => Event::Prolonged { ends: then },
        8 => Event::Withdrawn,
        _ => Event::TimePassed,
    }
}

proptest! {
    #[test]
    fn no_sequence_of_events_gives_unpaid_access(
        trial in any::<bool>(),
        card in any::<bool>(),
        invoice in any::<bool>(),
        events in prop::collection::vec((event(), 0_i64..20), 0..40),
    ) {
        let mut now = at("2026-03-01T10:00:00Z");
        let terms = terms(trial.then_some((0, "14 days", card)));
        let mut subscription = if invoice { owed(terms, now) } else { begun(terms, now) };
        // The model: the end of the time that was granted by payments, trials, pauses and grace.
        let mut granted = match subscription.state {
            State::Grace { ends, .. } => ends,
            _ => subscription.next_payment(&TimeZone::UTC).from,
        };
        for ((kind, days), pass) in events {
            now += DAY * i32::try_from(pass).expect("few");
            let event = event_of(kind, now, days);
            let before = subscription.after(Event::TimePassed, now).expect("time is legal");
            let legal = leads_to(before.state.name(), event.name());
            match subscription.after(event, now) {
                Ok(after) => {
                    prop_assert!(legal.contains(&after.state.name()), "{before:?} {event:?} {after:?}");
                    subscription = after;
                    match event {
                        Event::Paid { through } | Event::Prolonged { ends: through } => {
                            granted = granted.max(through);
                        }
                        Event::Resumed => granted = granted.max(subscription.next_payment(&TimeZone::UTC).from),
                        Event::PaymentFailed { .. } => if let State::Grace { ends, .. } = subscription.state {
                            granted = granted.max(ends);
                        },
                        _ => {}
                    }
                    if let State::Paused { until, left } = subscription.state {
                        granted = granted.max(until + left);
                    }
                }
                Err(_) => {
                    let pause_over = matches!(event, Event::Paused { .. } | Event::Prolonged { .. });
                    let too_late = before.state.name() == "ended" && event.name() == "paid";
                    let cardless = matches!(before.state, State::Trial { renews: false, .. });
                    prop_assert!(legal.is_empty() || pause_over || too_late || cardless, "{before:?} {event:?}");
                }
            }
            // A subscription with access that was not granted must be due now.
            let open = matches!(
                standing(&subscription, now),
                Standing::Trial { .. } | Standing::Subscribed { .. } | Standing::Grace { .. }
            );
            let is_due = subscription.due(&TimeZone::UTC).is_some_and(|(when, _)| when <= now);
            prop_assert!(!open || now <= granted || is_due, "{subscription:?} at {now}, granted {granted}");
            prop_assert_eq!(subscription.due(&TimeZone::UTC).is_none(), matches!(subscription.state, State::Ended { .. }));
        }
    }
}
