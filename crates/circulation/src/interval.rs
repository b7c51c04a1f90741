//! Billing intervals as people write them: "14 days", "3 months", "1 year".

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// The unit of an interval.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Unit {
    /// Calendar days.
    Day,
    /// Seven calendar days.
    Week,
    /// Calendar months. One month after January 31 is the last day of February.
    Month,
    /// Calendar years.
    Year,
}

/// A number of days, weeks, months or years. At least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BillingInterval {
    /// The number of units.
    pub count: u16,
    /// The unit.
    pub unit: Unit,
}

/// The error for a text that is not an interval.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a length of time; write one such as \"14 days\", \"4 weeks\", \"3 months\" or \"1 year\", up to ten years"
)]
pub struct ParseIntervalError(String);

impl Unit {
    /// The English name in the singular.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl BillingInterval {
    const MAX_DAYS: u32 = 3660;

    /// An interval of one unit.
    pub const fn one(unit: Unit) -> Self {
        Self { count: 1, unit }
    }

    /// The approximate number of days, for comparisons.
    pub fn days(self) -> u32 {
        u32::from(self.count)
            * match self.unit {
                Unit::Day => 1,
                Unit::Week => 7,
                Unit::Month => 30,
                Unit::Year => 365,
            }
    }

    /// How often something happens once in each interval, in English: "a month", "every 3 months".
    pub fn each(self) -> String {
        match self.count {
            1 => format!("a {}", self.unit.name()),
            _ => format!("every {self}"),
        }
    }

    /// Returns the time `times` intervals after `from`, at the same time of day in `zone`. Months
    /// are counted from `from`, so that a period that starts on a 31st returns to the 31st. [`Timestamp::MAX`] is returned if it is
    /// later than that.
    pub fn after(self, from: Timestamp, times: u32, zone: &TimeZone) -> Timestamp {
        let count = i64::from(self.count) * i64::from(times);
        let span = match self.unit {
            Unit::Day => Span::new().try_days(count),
            Unit::Week => Span::new().try_weeks(count),
            Unit::Month => Span::new().try_months(count),
            Unit::Year => Span::new().try_years(count),
        };
        let there = span.and_then(|span| from.to_zoned_datetime(zone.clone()).checked_add(span));
        there.map_or(Timestamp::MAX, |there| there.timestamp())
    }

    /// Returns the time from which periods of this length are counted after an introduction that began at `begun` and lasts for `first`:
    /// the end of the introduction, or a time before that is on the day of the month on which it began. An introduction of a month
    /// from January 31 ends on the last day of February, and the periods after that return to the 31st.
    pub fn anchor_after(self, first: Self, begun: Timestamp, zone: &TimeZone) -> Timestamp {
        let end = first.after(begun, 1, zone);
        let (Some(first), Some(every)) = (first.months(), self.months()) else { return end };
        let begun = begun.to_zoned_datetime(zone.clone());
        let mut earlier = (0..=12).filter_map(|times| {
            begun.checked_add(Span::new().try_months(first - times * every).ok()?).ok()
        });
        earlier
            .find(|there| there.day() == begun.day() && there.time() == begun.time())
            .map_or(end, |time| time.timestamp())
    }

    /// The number of months, or `None` if it is counted in days.
    fn months(self) -> Option<i64> {
        match self.unit {
            Unit::Day | Unit::Week => None,
            Unit::Month => Some(i64::from(self.count)),
            Unit::Year => Some(i64::from(self.count) * 12),
        }
    }

    /// Returns how far apart the ends of the same period can be in two time zones: their clocks do not change on the same
    /// days, and an evening in one is the next day in the other.
    fn zone_tolerance(self) -> SignedDuration {
        SignedDuration::from_hours(48.min(i64::from(self.days()) * 6))
    }

    /// Returns the end of the period that follows the one that ended at `from`. If the publication has another time zone
    /// now, `from` may be some hours before or after an end there: no period is as short as that.
    pub fn following_end(self, anchor: Timestamp, from: Timestamp, zone: &TimeZone) -> Timestamp {
        let settled = from.checked_add(self.zone_tolerance()).unwrap_or(from);
        self.next_end(anchor, settled, zone)
    }

    /// Returns the first end of a period, counted from `anchor`, that is after `instant`, or [`Timestamp::MAX`] if there is none.
    pub fn next_end(self, anchor: Timestamp, instant: Timestamp, zone: &TimeZone) -> Timestamp {
        let passed = instant.duration_since(anchor).as_hours().max(0) / 24;
        // An estimate that is too low: the unit counts 30 days a month, and months have up to 31.
        let mut times = u32::try_from(passed * 9 / 10).unwrap_or_default() / self.days().max(1);
        loop {
            let end = self.after(anchor, times, zone);
            if end > instant || end == Timestamp::MAX {
                return end;
            }
            times += 1;
        }
    }
}

impl FromStr for BillingInterval {
    type Err = ParseIntervalError;

    fn from_str(text: &str) -> Result<Self, ParseIntervalError> {
        let error = || ParseIntervalError(text.to_owned());
        let (count, unit) = text.trim().split_once(' ').ok_or_else(error)?;
        let singular = unit.trim().strip_suffix('s').unwrap_or(unit.trim());
        let unit = singular.parse().map_err(|_| error())?;
        let length = Self { count: count.parse().map_err(|_| error())?, unit };
        let fits = length.count > 0 && length.days() <= Self::MAX_DAYS;
        if fits { Ok(length) } else { Err(error()) }
    }
}

impl fmt::Display for BillingInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count, self.unit.name())
    }
}

impl TryFrom<String> for BillingInterval {
    type Error = ParseIntervalError;

    fn try_from(text: String) -> Result<Self, ParseIntervalError> {
        text.parse()
    }
}

impl From<BillingInterval> for String {
    fn from(length: BillingInterval) -> Self {
        length.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_introduction_does_not_move_the_day() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let begun: Timestamp = "2027-01-31T10:00:00+01:00".parse().expect("a time");
        let day = |time: Timestamp| time.to_zoned_datetime(zone.clone()).date().to_string();
        for (first, every, ends) in [
            ("1 month", "1 month", ["2027-02-28", "2027-03-31", "2027-04-30"]),
            ("3 months", "1 month", ["2027-04-30", "2027-05-31", "2027-06-30"]),
            ("1 month", "3 months", ["2027-02-28", "2027-05-31", "2027-08-31"]),
            ("2 months", "3 months", ["2027-03-31", "2027-06-30", "2027-09-30"]),
            ("3 months", "1 year", ["2027-04-30", "2028-04-30", "2029-04-30"]),
            ("1 year", "1 month", ["2028-01-31", "2028-02-29", "2028-03-31"]),
            ("14 days", "1 month", ["2027-02-14", "2027-03-14", "2027-04-14"]),
            ("1 month", "4 weeks", ["2027-02-28", "2027-03-28", "2027-04-25"]),
        ] {
            let length = |text: &str| text.parse::<BillingInterval>().expect("a length");
            let (first, every) = (length(first), length(every));
            let anchor = every.anchor_after(first, begun, &zone);
            let mut end = first.after(begun, 1, &zone);
            for wanted in ends {
                assert_eq!(day(end), wanted, "{first}, then {every}");
                end = every.following_end(anchor, end, &zone);
            }
        }
        // Half past two does not exist on the night on which clocks are put forward.
        let begun: Timestamp = "2027-02-28T02:30:00+01:00".parse().expect("a time");
        let month = BillingInterval::one(Unit::Month);
        let anchor = month.anchor_after(month, begun, &zone);
        let first = month.after(begun, 1, &zone);
        assert_eq!(day(first), "2027-03-28");
        let second = month.following_end(anchor, first, &zone);
        assert_eq!(
            second.to_zoned_datetime(zone.clone()).to_string(),
            "2027-04-28T02:30:00+02:00[Europe/Berlin]"
        );
    }

    fn length(text: &str) -> BillingInterval {
        text.parse().expect("a length")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn intervals_round_trip_through_text() {
        for text in ["14 days", "1 week", "3 months", "1 year"] {
            assert_eq!(length(text).to_string(), text);
        }
        for text in
            ["", "3", "months", "0 days", "3 fortnights", "-1 days", "99 years", "1.5 months"]
        {
            assert!(text.parse::<BillingInterval>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_paid_in_each_interval_reads_as_english() {
        let each = |text: &str| length(text).each();
        assert_eq!(
            [each("1 month"), each("1 year"), each("1 day")],
            ["a month", "a year", "a day"]
        );
        assert_eq!([each("3 months"), each("2 weeks")], ["every 3 months", "every 2 weeks"]);
    }

    #[test]
    fn monthly_periods_return_to_the_day_they_started_on() {
        let zone = TimeZone::get("Europe/London").expect("a zone");
        let month = length("1 month");
        let begun = at("2026-01-31T10:00:00Z");
        let first = month.next_end(begun, begun, &zone);
        assert_eq!(first, at("2026-02-28T10:00:00Z"));
        // Summer time has started: 10:00 in London is 09:00 UTC.
        assert_eq!(month.next_end(begun, first, &zone), at("2026-03-31T09:00:00Z"));
        assert_eq!(
            month.next_end(begun, at("2036-01-01T00:00:00Z"), &zone),
            at("2036-01-31T10:00:00Z")
        );
    }

    #[test]
    fn another_time_zone_makes_no_period_of_a_few_hours() {
        let zone = |name| TimeZone::get(name).expect("a zone");
        // The summer time of London has begun, and Tokyo has none. And a day that is a month's last only in one of them.
        for anchor in ["2026-01-31T23:30:00Z", "2026-01-30T23:30:00Z", "2026-01-31T10:00:00Z"] {
            let anchor = at(anchor);
            for (before, after) in
                [("Europe/London", "Asia/Tokyo"), ("Asia/Tokyo", "Europe/London")]
            {
                for text in ["1 day", "1 week", "1 month", "1 year"] {
                    let length = length(text);
                    for times in 1..40 {
                        let from = length.after(anchor, times, &zone(before));
                        let through = length.following_end(anchor, from, &zone(after));
                        let hours = through.duration_since(from).as_hours();
                        let usual = i64::from(length.days()) * 24;
                        let slack = 72.min(usual / 3);
                        assert!(
                            (usual - slack..=usual + slack).contains(&hours),
                            "{text}: {hours} hours"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn there_is_an_end_of_every_period() {
        let ages = [Timestamp::UNIX_EPOCH, at("9998-12-31T00:00:00Z"), Timestamp::MAX];
        for text in ["1 day", "1 week", "1 month", "10 years"] {
            for (anchor, instant) in ages.iter().flat_map(|a| ages.iter().map(move |i| (*a, *i))) {
                let end = length(text).following_end(anchor, instant, &TimeZone::UTC);
                assert!(end > instant || end == Timestamp::MAX, "{text} {anchor} {instant}: {end}");
            }
        }
    }

    #[test]
    fn the_next_end_is_one_interval_later() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let anchor = at("2026-01-31T10:00:00Z");
        for text in ["1 day", "1 week", "1 month", "3 months", "1 year"] {
            let length = length(text);
            for times in 0..40 {
                let end = length.after(anchor, times, &zone);
                assert_eq!(
                    length.next_end(anchor, end, &zone),
                    length.after(anchor, times + 1, &zone),
                    "{text} {times}"
                );
            }
        }
    }
}
