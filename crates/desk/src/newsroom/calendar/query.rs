//! Which days a calendar shows.

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use super::{
    super::articles::start_of,
    days::{CalendarDay, CalendarItem, month_name},
};
use crate::{http::with_query, words::DeskWords};

const CALENDAR: &str = "/desk/calendar";

/// The query of a calendar.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct CalendarQuery {
    pub view: String,
    pub date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub told: String,
}

/// How much a calendar shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    #[default]
    Month,
    Week,
    Day,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Month, Self::Week, Self::Day];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
        }
    }

    pub fn label(self, words: DeskWords) -> &'static str {
        words.text(match self {
            Self::Month => "calendar_month",
            Self::Week => "calendar_week",
            Self::Day => "calendar_day",
        })
    }

    fn span(self) -> Span {
        match self {
            Self::Month => 1.month(),
            Self::Week => 1.week(),
            Self::Day => 1.day(),
        }
    }
}

/// A view at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub view: View,
    pub date: Date,
}

impl CalendarQuery {
    /// What is shown; a date that cannot be read is today.
    pub(super) fn shown(&self, today: Date) -> Shown {
        let view = View::ALL.into_iter().find(|view| view.name() == self.view).unwrap_or_default();
        let date = self.date.parse().ok().filter(|date: &Date| (1900..2200).contains(&date.year()));
        Shown { view, date: date.unwrap_or(today) }
    }
}

impl Shown {
    /// The same view at another date.
    pub fn at(self, date: Date) -> String {
        with_query(CALENDAR, &Self { date, ..self }.query())
    }

    /// Another view at the same date.
    pub fn with_view(self, view: View) -> String {
        with_query(CALENDAR, &Self { view, ..self }.query())
    }

    /// The query as in the address.
    pub fn text(self) -> String {
        serde_urlencoded::to_string(self.query()).unwrap_or_default()
    }

    fn query(self) -> CalendarQuery {
        let (view, date) = (self.view.name().to_owned(), self.date.to_string());
        CalendarQuery { view, date, told: String::new() }
    }

    pub fn previous(self) -> String {
        self.at(self.date.checked_sub(self.view.span()).unwrap_or(self.date))
    }

    pub fn next(self) -> String {
        self.at(self.date.checked_add(self.view.span()).unwrap_or(self.date))
    }

    /// What is shown: "November 2026".
    pub fn in_words(self, words: DeskWords) -> String {
        match self.view {
            View::Month => {
                let month = month_name(self.date.month(), words);
                words.fill("calendar_month_of", &[("month", &month), ("year", &self.date.year())])
            }
            View::Week => words.fill("calendar_week_of", &[("day", &words.day(self.first()))]),
            View::Day => words.day(self.date),
        }
    }

    /// The first day that is shown. Weeks begin on Monday.
    fn first(self) -> Date {
        match self.view {
            View::Month => monday(self.date.first_of_month()),
            View::Week => monday(self.date),
            View::Day => self.date,
        }
    }

    /// The day after the last that is shown.
    fn end(self) -> Date {
        let after = |day: Date, span: Span| day.checked_add(span).unwrap_or(day);
        match self.view {
            View::Month => after(monday(self.date.last_of_month()), 1.week()),
            View::Week => after(self.first(), 1.week()),
            View::Day => after(self.date, 1.day()),
        }
    }

    /// From when to when it is, in the zone of the publication: a day may have 23 or 25 hours.
    pub fn times(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        Some((start_of(self.first(), zone)?, start_of(self.end(), zone)?))
    }

    /// The days that are shown, a week in each row.
    pub fn weeks(
        self,
        items: &[CalendarItem],
        today: Date,
        words: DeskWords,
    ) -> Vec<Vec<CalendarDay>> {
        let most = if self.view == View::Day { usize::MAX } else { MAX_ITEMS };
        let days = self.first().series(1.day()).take_while(|day| *day < self.end());
        let day = |day: Date| {
            let to = Self { view: View::Day, date: day }.at(day);
            let is_outside = self.view == View::Month && day.month() != self.date.month();
            CalendarDay::new((day, to), items, most, words).marked(day == today, is_outside)
        };
        let days: Vec<CalendarDay> = days.map(day).collect();
        let per_row = if self.view == View::Day { 1 } else { 7 };
        let mut rows = Vec::new();
        let mut days = days.into_iter().peekable();
        while days.peek().is_some() {
            rows.push(days.by_ref().take(per_row).collect());
        }
        rows
    }
}

/// Entries of a day in a month or a week; the page of the day has all.
const MAX_ITEMS: usize = 12;

/// The Monday of a week.
fn monday(day: Date) -> Date {
    let since = day.weekday().since(Weekday::Monday);
    day.checked_sub(i64::from(since).days()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(view: View, date: &str) -> Shown {
        Shown { view, date: date.parse().expect("a date") }
    }

    #[test]
    fn a_month_has_whole_weeks() {
        let november = shown(View::Month, "2026-11-28");
        assert_eq!(november.first().to_string(), "2026-10-26");
        assert_eq!(november.end().to_string(), "2026-12-07");
        let weeks = november.weeks(&[], november.date, DeskWords::default());
        assert!(weeks.len() == 6 && weeks.iter().all(|week| week.len() == 7));
        // One that begins on Monday and ends on Sunday has no other days.
        let february = shown(View::Month, "2027-02-10");
        assert_eq!(february.weeks(&[], february.date, DeskWords::default()).len(), 4);
        assert_eq!(november.in_words(DeskWords::default()), "November 2026");
    }

    #[test]
    fn the_days_on_which_the_clocks_change_are_whole() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-28", 24)] {
            let (from, until) = shown(View::Day, date).times(&zone).expect("times");
            assert_eq!(until.duration_since(from).as_hours(), hours, "{date}");
        }
        // There is no midnight on the day on which the clocks go forward at midnight.
        let zone = TimeZone::get("America/Santiago").expect("a zone");
        let (from, _) = shown(View::Day, "2026-09-06").times(&zone).expect("times");
        assert_eq!(from.to_string(), "2026-09-06T04:00:00Z");
    }

    #[test]
    fn links_lead_to_the_time_before_and_after() {
        let month = shown(View::Month, "2026-01-31");
        assert!(month.next().ends_with("view=month&date=2026-02-28"), "{}", month.next());
        let week = shown(View::Week, "2026-11-28");
        assert!(week.previous().ends_with("view=week&date=2026-11-21"), "{}", week.previous());
        let query = CalendarQuery { view: "year".into(), date: "x".into(), ..Default::default() };
        assert_eq!(query.shown(month.date), month);
    }
}
