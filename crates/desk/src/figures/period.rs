//! Periods of days, and the parts of one that a chart shows.

use std::ops::Range;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_store::Days;

use crate::words::DeskWords;

/// The periods to choose from, in days.
pub(crate) const PERIODS: [u16; 4] = [7, 30, 91, 365];
/// A chart of more days than this shows weeks.
const MAX_DAYS: usize = 100;

/// The label of a period.
pub(super) fn label(days: u16, words: DeskWords) -> String {
    match days {
        365 => words.count("length_year", 1_u64),
        91 => words.count("length_week", days / 7),
        _ => words.count("length_day", days),
    }
}

/// The `days` up to and including `last`.
fn period(last: Date, days: u16) -> Days {
    let back = (i64::from(days) - 1).days();
    last.checked_sub(back).unwrap_or(last)..=last
}

/// The `days` up to and including `last`, and as many before them.
pub(crate) fn periods(last: Date, days: u16) -> (Days, Days) {
    let now = period(last, days);
    let before = period(now.start().yesterday().unwrap_or(*now.start()), days);
    (now, before)
}

/// The number of days in each part of a chart of this many days: 1 or 7.
pub(crate) fn days_of_part(days: usize) -> usize {
    if days > MAX_DAYS { 7 } else { 1 }
}

/// The parts of a chart: days or weeks. The last may be shorter.
pub(crate) fn parts(days: &Days) -> Vec<Days> {
    let all: Vec<Date> = days.start().series(1.day()).take_while(|day| day <= days.end()).collect();
    let chunks = all.chunks(days_of_part(all.len()));
    chunks.filter_map(|some| Some(*some.first()?..=*some.last()?)).collect()
}

/// The instants at which some days begin and end in a zone.
pub(crate) fn instants(days: &Days, zone: &TimeZone) -> Range<Timestamp> {
    let begin =
        |day: Date| day.to_zoned_datetime(zone.clone()).map_or(Timestamp::MAX, |at| at.timestamp());
    begin(*days.start())..days.end().tomorrow().map_or(Timestamp::MAX, begin)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_in_the_zone_of_the_publication() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let day = date(2026, 11, 24);
        let instants = instants(&(day..=day), &zone);
        assert_eq!(instants.start.to_string(), "2026-11-23T15:00:00Z");
        assert_eq!(instants.end.to_string(), "2026-11-24T15:00:00Z");
    }

    #[test]
    fn periods_adjoin_and_a_year_is_shown_by_weeks() {
        let last = date(2026, 3, 1);
        let (now, before) = periods(last, 7);
        assert_eq!((*now.start(), *now.end()), (date(2026, 2, 23), last));
        assert_eq!((*before.start(), *before.end()), (date(2026, 2, 16), date(2026, 2, 22)));
        assert_eq!(parts(&now).len(), 7);
        let year = parts(&periods(last, 365).0);
        assert_eq!(year.len(), 53);
        assert_eq!(year[0], date(2025, 3, 2)..=date(2025, 3, 8));
        assert_eq!(year[52], last..=last);
    }
}
