//! The period that an allowance covers.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::reads::{Read, Reads};

/// The period after which the meter resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The calendar month. Resets at local midnight on the 1st.
    Month,
    /// The calendar week. Resets at local midnight on Monday (ISO 8601).
    Week,
    /// A rolling period: each read stops counting this many times 24 hours after it happened.
    Days(u16),
}

/// The error for a text that is not a window.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no window \"{0}\"; use month, week, or days:N with N from 1 to 366")]
pub struct ParseWindowError(String);

impl FromStr for Window {
    type Err = ParseWindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || ParseWindowError(text.to_owned());
        match text {
            "month" => Ok(Self::Month),
            "week" => Ok(Self::Week),
            other => {
                let days = other.strip_prefix("days:").ok_or_else(unknown)?;
                match days.parse() {
                    Ok(days @ 1..=366) => Ok(Self::Days(days)),
                    _ => Err(unknown()),
                }
            }
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month => f.write_str("month"),
            Self::Week => f.write_str("week"),
            Self::Days(days) => write!(f, "days:{days}"),
        }
    }
}

impl Window {
    /// Returns the first second, since the Unix epoch, whose reads count at `now`.
    pub fn opens(self, now: Timestamp, zone: &TimeZone) -> i64 {
        let today = || now.to_zoned_datetime(zone.clone()).date();
        match self {
            Self::Month => midnight(today().first_of_month(), zone),
            Self::Week => midnight(monday(today()), zone),
            Self::Days(days) => now.as_second() - i64::from(days) * 86_400 + 1,
        }
    }

    /// Returns the first day of the next month or week; `None` for a rolling period, and if it is out of range.
    fn next_start(self, now: Timestamp, zone: &TimeZone) -> Option<Date> {
        let today = || now.to_zoned_datetime(zone.clone()).date();
        match self {
            Self::Month => today().last_of_month().tomorrow().ok(),
            Self::Week => monday(today()).checked_add(jiff::Span::new().days(7)).ok(),
            Self::Days(_) => None,
        }
    }

    /// Returns the local date on which a reader with these reads has more left than now: the start
    /// of the next month or week, or the day on which the oldest counted read leaves a rolling
    /// window.
    ///
    /// Returns `None` for a rolling window without counted reads.
    pub fn resets_on(self, reads: &Reads, now: Timestamp, zone: &TimeZone) -> Option<Date> {
        match self {
            Self::Month | Self::Week => self.next_start(now, zone),
            Self::Days(days) => {
                let opens = self.opens(now, zone);
                let oldest = reads.iter().map(Read::second).filter(|at| *at >= opens).min()?;
                let leaves = Timestamp::from_second(oldest)
                    .ok()?
                    .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
                    .ok()?;
                Some(leaves.to_zoned_datetime(zone.clone()).date())
            }
        }
    }
}

/// What is the same about a [`Window`] for a whole month or week, so that it need not be looked up in the time zone for each
/// request.
#[derive(Clone, Copy, Debug)]
pub struct CurrentWindow {
    window: Window,
    /// When the month or week begins, and when the next one does, in seconds since the Unix epoch. Empty for a rolling period,
    /// and if the next one is out of range.
    opens: i64,
    closes: i64,
    resets_on: Option<Date>,
}

impl CurrentWindow {
    /// The window at `now`.
    pub fn new(window: Window, now: Timestamp, zone: &TimeZone) -> Self {
        let (opens, resets_on) = (window.opens(now, zone), window.next_start(now, zone));
        let closes = resets_on.map_or(i64::MIN, |date| midnight(date, zone));
        Self { window, opens, closes, resets_on }
    }

    /// See [`Window::opens`]. It is the same, at any time.
    pub fn opens(&self, now: Timestamp, zone: &TimeZone) -> i64 {
        if self.holds(now) { self.opens } else { self.window.opens(now, zone) }
    }

    /// See [`Window::resets_on`]. It is the same, at any time.
    pub fn resets_on(&self, reads: &Reads, now: Timestamp, zone: &TimeZone) -> Option<Date> {
        if self.holds(now) { self.resets_on } else { self.window.resets_on(reads, now, zone) }
    }

    fn holds(&self, now: Timestamp) -> bool {
        (self.opens..self.closes).contains(&now.as_second())
    }
}

fn monday(date: Date) -> Date {
    let past = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(jiff::Span::new().days(past)).unwrap_or(date)
}

/// Returns the first instant of `date` in a time zone, in seconds since the Unix epoch: 01:00 if midnight is skipped, and the earlier one if it happens twice. If the date is out
/// of range, returns `i64::MIN`, so that every read counts.
fn midnight(date: Date, zone: &TimeZone) -> i64 {
    date.to_zoned_datetime(zone.clone())
        .and_then(|day| day.start_of_day())
        .map_or(i64::MIN, |start| start.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn opens(window: Window, now: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).expect("a zone");
        let second = window.opens(at(now), &zone);
        Timestamp::from_second(second).expect("in range").to_zoned_datetime(zone).to_string()
    }

    #[test]
    fn a_month_begins_at_local_midnight() {
        let tokyo = |now| opens(Window::Month, now, "Asia/Tokyo");
        assert_eq!(tokyo("2026-01-31T14:59:59Z"), "2026-01-01T00:00:00+09:00[Asia/Tokyo]");
        assert_eq!(tokyo("2026-01-31T15:00:00Z"), "2026-02-01T00:00:00+09:00[Asia/Tokyo]");
    }

    #[test]
    fn february_29_belongs_to_february() {
        let berlin = |now| opens(Window::Month, now, "Europe/Berlin");
        assert_eq!(berlin("2028-02-29T22:59:59Z"), "2028-02-01T00:00:00+01:00[Europe/Berlin]");
        assert_eq!(berlin("2028-02-29T23:00:00Z"), "2028-03-01T00:00:00+01:00[Europe/Berlin]");
    }

    #[test]
    fn a_skipped_midnight_begins_at_one() {
        // Cuba skipped 00:00 to 01:00 on Sunday 2026-03-08.
        let havana = opens(Window::Week, "2026-03-08T12:00:00Z", "America/Havana");
        assert_eq!(havana, "2026-03-02T00:00:00-05:00[America/Havana]");
        // Paraguay skipped midnight on Sunday 2017-10-01, the first of a month.
        let asuncion = opens(Window::Month, "2017-10-15T12:00:00Z", "America/Asuncion");
        assert_eq!(asuncion, "2017-10-01T01:00:00-03:00[America/Asuncion]");
    }

    #[test]
    fn a_week_begins_on_monday_across_daylight_saving() {
        let berlin = opens(Window::Week, "2026-03-29T21:59:59Z", "Europe/Berlin");
        assert_eq!(berlin, "2026-03-23T00:00:00+01:00[Europe/Berlin]");
        let next = opens(Window::Week, "2026-03-29T22:00:00Z", "Europe/Berlin");
        assert_eq!(next, "2026-03-30T00:00:00+02:00[Europe/Berlin]");
    }

    #[test]
    fn a_rolling_read_expires_after_exactly_its_days() {
        let read = at("2026-03-01T10:00:00Z");
        let window = Window::Days(7);
        let counts = |now: &str| read.as_second() >= window.opens(at(now), &TimeZone::UTC);
        assert!(counts("2026-03-08T09:59:59Z"));
        assert!(!counts("2026-03-08T10:00:00Z"));
    }

    #[test]
    fn the_meter_says_when_it_resets() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let mut reads = Reads::default();
        let now = at("2026-12-31T14:00:00Z");
        let date = |window: Window, reads: &Reads| {
            window.resets_on(reads, now, &zone).map(|date| date.to_string())
        };
        assert_eq!(date(Window::Month, &reads).as_deref(), Some("2027-01-01"));
        assert_eq!(date(Window::Week, &reads).as_deref(), Some("2027-01-04"));
        assert_eq!(date(Window::Days(3), &reads), None);
        reads.insert(crate::ArticleId(1), at("2026-12-30T14:00:00Z"));
        assert_eq!(date(Window::Days(3), &reads).as_deref(), Some("2027-01-02"));
    }

    const ZONES: [&str; 10] = [
        "UTC",
        "Asia/Tokyo",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",
        "Asia/Beirut",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Asia/Kathmandu",
    ];

    proptest! {
        /// The window of an instant starts at or before it, on the local first of the month or
        /// Monday, and every instant between that start and now has the same window.
        #[test]
        fn windows_partition_time(
            second in 946_684_800_i64..2_840_140_800,
            zone in prop::sample::select(&ZONES[..]),
            window in prop::sample::select(&[Window::Month, Window::Week][..]),
            earlier in 0.0_f64..1.0,
        ) {
            let zone = TimeZone::get(zone).expect("a zone");
            let now = Timestamp::from_second(second).expect("in range");
            let opens = window.opens(now, &zone);
            prop_assert!(opens <= second);
            let opening = Timestamp::from_second(opens).expect("in range").to_zoned_datetime(zone.clone());
            match window {
                Window::Month => prop_assert_eq!(opening.day(), 1),
                _ => prop_assert_eq!(opening.weekday(), jiff::civil::Weekday::Monday),
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
            let between = opens + ((second - opens) as f64 * earlier) as i64;
            let between = Timestamp::from_second(between).expect("in range");
            prop_assert_eq!(window.opens(between, &zone), opens);
            // The second before the start belongs to another window.
            let before = Timestamp::from_second(opens - 1).expect("in range");
            prop_assert!(window.opens(before, &zone) < opens);
        }

        /// A window that was looked up at one time says the same as one that is looked up now.
        #[test]
        fn what_is_kept_of_a_window_is_what_would_be_looked_up(
            second in 946_684_800_i64..2_840_140_800,
            later in -3_000_000_i64..3_000_000,
            zone in prop::sample::select(&ZONES[..]),
            window in prop::sample::select(&[Window::Month, Window::Week, Window::Days(7)][..]),
        ) {
            let zone = TimeZone::get(zone).expect("a zone");
            let at = |second| Timestamp::from_second(second).expect("in range");
            let current = CurrentWindow::new(window, at(second), &zone);
            let mut reads = Reads::default();
            reads.insert(crate::ArticleId(1), at(second));
            let edges = [current.opens, current.closes].into_iter().filter(|edge| *edge > 0);
            for second in edges.flat_map(|edge| [edge - 1, edge]).chain([second, second + later]) {
                let now = at(second);
                prop_assert_eq!(current.opens(now, &zone), window.opens(now, &zone));
                let resets = current.resets_on(&reads, now, &zone);
                prop_assert_eq!(resets, window.resets_on(&reads, now, &zone));
            }
        }
    }
}
