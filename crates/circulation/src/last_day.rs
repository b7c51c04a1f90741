//! The last day of a trial, a subscription or a paid period, whose end is stored as the first instant after it.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

/// Returns the last day of what ends before `end`: the day before if `end` is midnight.
pub fn last_day(end: Timestamp, zone: &TimeZone) -> Date {
    let last = end.checked_sub(1.nanosecond()).unwrap_or(end);
    last.to_zoned_datetime(zone.clone()).date()
}

/// Returns the first instant after a day.
///
/// # Errors
///
/// Fails if the day is the last that there is.
pub fn end_of_day(day: Date, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
    Ok(day.tomorrow()?.to_zoned_datetime(zone.clone())?.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_last_day_is_the_one_that_was_asked_for() {
        // In Beirut a day begins at one o'clock when summer time begins.
        for zone in ["UTC", "America/New_York", "Asia/Tokyo", "Asia/Beirut"] {
            let zone = TimeZone::get(zone).expect("a zone");
            for day in [date(2026, 12, 20), date(2026, 12, 31), date(2026, 3, 28)] {
                let end = end_of_day(day, &zone).expect("a day follows");
                assert_eq!(last_day(end, &zone), day);
            }
        }
    }

    #[test]
    fn what_ends_in_the_middle_of_a_day_ends_on_that_day() {
        let end = "2026-12-20T09:00:00Z".parse().expect("a time");
        assert_eq!(last_day(end, &TimeZone::UTC), date(2026, 12, 20));
    }
}
