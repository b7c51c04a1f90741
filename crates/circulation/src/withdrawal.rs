//! Withdrawing from a contract: for some days after it was concluded online a consumer may end it without a reason, and is paid back
//! (Directive 2011/83/EU, articles 9 to 16; the function that readers withdraw with is article 11a, from Directive (EU) 2023/2673).

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::{Ending, Event, State, Subscription, SubscriptionId, end_of_day};

/// For how many days readers may withdraw from a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawalPeriod {
    days: u16,
}

/// A declaration of withdrawal from a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// When it was declared.
    pub at: Timestamp,
    /// The name of the one who declared it.
    pub name: String,
    /// The email address that receipt was acknowledged to.
    pub email: String,
    /// How it reached the publication.
    pub way: WithdrawalWay,
}

/// How a withdrawal reached the publication. The law leaves the way to the reader (Directive 2011/83/EU, article 11).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum WithdrawalWay {
    /// The reader was signed in.
    SignedIn,
    /// The reader confirmed it by the link in an email.
    Link,
    /// It came by letter, email or phone, and staff entered it.
    Staff,
}

impl WithdrawalWay {
    /// Returns the name under which it is stored.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl WithdrawalPeriod {
    /// The fewest days, which the law sets.
    pub const MIN_DAYS: u16 = 14;
    /// The most days.
    pub const MAX_DAYS: u16 = 366;
    /// How many days later the period of a printed product is over: it begins when the first paper is delivered, which the
    /// publication does not see.
    pub const DELIVERY_DAYS: u16 = 14;

    /// Returns the period of this many days, or `None` if they are too few or too many.
    pub fn new(days: u16) -> Option<Self> {
        (Self::MIN_DAYS..=Self::MAX_DAYS).contains(&days).then_some(Self { days })
    }

    /// Returns its days.
    pub fn days(self) -> u16 {
        self.days
    }

    /// Returns when the period of a subscription is over, whether anybody can withdraw from it or not. The day of the contract is
    /// not counted, and a period that would end on a weekend ends on the Monday (Regulation 1182/71, article 3).
    pub fn end(self, subscription: &Subscription, zone: &TimeZone) -> Timestamp {
        let delivery = if subscription.terms.is_delivered() { Self::DELIVERY_DAYS } else { 0 };
        let days = i64::from(self.days) + i64::from(delivery);
        let begun = subscription.begun.to_zoned_datetime(zone.clone()).date();
        let last = working_day(begun.saturating_add(days.days()));
        end_of_day(last, zone).unwrap_or(Timestamp::MAX)
    }
}

impl Default for WithdrawalPeriod {
    fn default() -> Self {
        Self { days: Self::MIN_DAYS }
    }
}

/// The day itself, or the Monday after a weekend.
fn working_day(day: Date) -> Date {
    let later = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    day.saturating_add(later.days())
}

impl Subscription {
    /// Returns until when its reader may withdraw from the contract, if they may at `asked`: it has not ended, it is not a gift,
    /// and its period is not over.
    pub fn withdrawable_until(
        &self,
        period: WithdrawalPeriod,
        asked: Timestamp,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        self.is_withdrawable(asked).then(|| period.end(self, zone)).filter(|end| asked < *end)
    }

    /// Returns `true` if its reader can withdraw from the contract within its period: it has not ended, and it is not a gift.
    pub fn is_withdrawable(&self, now: Timestamp) -> bool {
        !self.terms.amount.is_zero() && self.after(Event::Withdrawn, now).is_ok()
    }

    /// Returns `true` if its reader has withdrawn from the contract.
    pub fn is_withdrawn(&self) -> bool {
        matches!(self.state, State::Ended { why: Ending::Withdrawn, .. })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{AccountId, Channel, Introduction, Mandate, Money, Terms};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn usd(minor: u64) -> Money {
        Money::of(minor, "USD".parse().expect("a currency"))
    }

    fn terms(amount: u64, channels: &[Channel]) -> Terms {
        Terms {
            product: "web".into(),
            name: "Web".into(),
            channels: channels.to_vec(),
            price: "web".into(),
            offer: None,
            introduction: None,
            amount: usd(amount),
            every: "1 month".parse().expect("a length"),
        }
    }

    fn begun(terms: Terms, now: Timestamp) -> Subscription {
        let mandate = Mandate { processor: "sandbox".into(), reference: "x".into(), card: None };
        let (id, reader) = (SubscriptionId(1), AccountId(1));
        Subscription::start(id, reader, terms, mandate, now, &TimeZone::UTC)
    }

    fn until(held: &Subscription, days: u16, asked: Timestamp) -> Option<Timestamp> {
        let period = WithdrawalPeriod::new(days).expect("days");
        held.withdrawable_until(period, asked, &TimeZone::UTC)
    }

    #[test]
    fn a_period_has_at_least_the_days_that_the_law_sets() {
        assert_eq!(WithdrawalPeriod::new(13), None);
        assert_eq!(WithdrawalPeriod::new(367), None);
        assert_eq!(WithdrawalPeriod::new(14), Some(WithdrawalPeriod::default()));
        assert_eq!(WithdrawalPeriod::new(30).map(WithdrawalPeriod::days), Some(30));
    }

    #[test]
    fn the_day_of_the_contract_is_not_counted_and_the_last_day_is_whole() {
        // 2 March 2026 is a Monday, and so is the 16th.
        let held = begun(terms(900, &[Channel::Web]), at("2026-03-02T22:00:00Z"));
        let end = at("2026-03-17T00:00:00Z");
        assert_eq!(until(&held, 14, held.begun), Some(end));
        assert_eq!(until(&held, 14, end - SignedDuration::from_secs(1)), Some(end));
        assert_eq!(until(&held, 14, end), None);
        assert_eq!(until(&held, 15, end), Some(at("2026-03-18T00:00:00Z")));
    }

    #[test]
    fn days_are_those_of_the_publication() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let held = begun(terms(900, &[Channel::Web]), at("2026-03-03T03:00:00Z"));
        // It is still 2 March in New York, where summer time begins within the period.
        let end = WithdrawalPeriod::default().end(&held, &zone);
        assert_eq!(end, at("2026-03-17T04:00:00Z"));
    }

    #[test]
    fn a_period_that_would_end_on_a_weekend_ends_on_the_monday() {
        for (day, last) in [("2026-03-06", "2026-03-20"), ("2026-03-07", "2026-03-23")] {
            let held = begun(terms(900, &[Channel::Web]), at(&format!("{day}T10:00:00Z")));
            let end = WithdrawalPeriod::default().end(&held, &TimeZone::UTC);
            assert_eq!(crate::last_day(end, &TimeZone::UTC).to_string(), last);
        }
    }

    #[test]
    fn a_printed_product_has_time_to_arrive() {
        let now = at("2026-03-02T10:00:00Z");
        let held = begun(terms(900, &[Channel::Web, Channel::Print]), now);
        assert_eq!(until(&held, 14, now), Some(at("2026-03-31T00:00:00Z")));
    }

    #[test]
    fn every_contract_that_has_not_ended_can_be_withdrawn_from_but_no_gift() {
        let now = at("2026-03-02T10:00:00Z");
        let later = now + SignedDuration::from_hours(48);
        let active = begun(terms(900, &[Channel::Web]), now);
        let pause = Event::Paused { until: later + SignedDuration::from_hours(480) };
        let paused = active.after(pause, later).expect("legal");
        let cancelled = active.after(Event::Cancelled, later).expect("legal");
        let free = Introduction {
            amount: usd(0),
            lasts: "14 days".parse().expect("a length"),
            card: true,
        };
        let trial = Terms { introduction: Some(free), ..terms(900, &[Channel::Web]) };
        let (id, reader) = (SubscriptionId(1), AccountId(1));
        let invoice = terms(900, &[Channel::Web]);
        let grace = SignedDuration::from_hours(240);
        let owed = Subscription::start_unpaid(id, reader, invoice, now, grace, &TimeZone::UTC);
        for held in [active.clone(), paused, cancelled, begun(trial, now), owed] {
            assert!(until(&held, 14, later).is_some(), "{held:?}");
            let ended = held.after(Event::Withdrawn, later).expect("legal");
            assert_eq!(ended.state, State::Ended { at: later, why: Ending::Withdrawn });
            assert!(ended.is_withdrawn());
            assert_eq!(until(&ended, 14, later), None, "once");
            let paid = Event::Paid { through: later + SignedDuration::from_hours(900) };
            assert!(ended.after(paid, later).is_err(), "a late payment begins nothing");
        }
        assert_eq!(until(&begun(terms(0, &[Channel::Web]), now), 14, later), None, "a gift");
    }
}
