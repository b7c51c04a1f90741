//! The days of a calendar, and what is on each.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_editorial::Status;
use masthead_store::StoryEntry;
use serde::Serialize;

use super::super::{local_time::local_text, story::story_address};
use crate::words::DeskWords;

/// A day of a calendar.
#[derive(Default, Serialize)]
pub(super) struct CalendarDay {
    /// As in a form: `2026-11-24`.
    date: String,
    number: i8,
    /// The day of the week and the date in words.
    weekday: &'static str,
    label: String,
    /// The page of the day.
    to: String,
    is_today: bool,
    /// Whether it is in another month than the one that is shown.
    is_outside: bool,
    items: Vec<CalendarItem>,
    /// How many more there are.
    more: usize,
}

/// Something at a time.
#[derive(Clone, Default, Serialize)]
pub(super) struct CalendarItem {
    #[serde(skip)]
    day: Date,
    #[serde(skip)]
    moment: Timestamp,
    /// The clock of the publication: "09:00".
    time: String,
    headline: String,
    /// The article.
    to: String,
    number: u32,
    /// `published`, `scheduled`, `embargo` or `deadline`.
    kind: &'static str,
    /// The kind in words.
    label: &'static str,
    /// Whether it can be moved.
    is_movable: bool,
    /// The time as a form has it.
    at: String,
    /// What was on the page: the version of an article that is scheduled, or when an article is due.
    seen: i64,
}

impl CalendarItem {
    /// Makes it stay where it is.
    pub fn fix(&mut self) {
        self.is_movable = false;
    }
}

/// The kinds of a moment, and the names of their words.
const PUBLISHED: (&str, &str) = ("published", "calendar_published");
const SCHEDULED: (&str, &str) = ("scheduled", "calendar_scheduled");
const EMBARGO: (&str, &str) = ("embargo", "calendar_embargo");
const DEADLINE: (&str, &str) = ("deadline", "calendar_deadline");

/// Everything that has a time, in order.
pub(super) fn items(
    stories: &[StoryEntry],
    now: Timestamp,
    zone: &TimeZone,
    words: DeskWords,
) -> Vec<CalendarItem> {
    let mut all: Vec<CalendarItem> = Vec::new();
    for story in stories {
        let item = |(kind, label), moment: Timestamp, seen: Option<i64>| {
            let local = moment.to_zoned_datetime(zone.clone());
            CalendarItem {
                day: local.date(),
                moment,
                time: local.strftime("%H:%M").to_string(),
                headline: story.headline.clone(),
                to: story_address(story.id),
                number: story.id.0,
                label: words.text(label),
                is_movable: seen.is_some(),
                at: local_text(moment, zone),
                seen: seen.unwrap_or_default(),
                kind,
            }
        };
        if let Some(at) = story.published.filter(|_| story.status == Status::Published) {
            let is_scheduled = at > now;
            let seen = is_scheduled.then_some(story.version);
            all.push(item(if is_scheduled { SCHEDULED } else { PUBLISHED }, at, seen));
        }
        all.extend(story.embargo.map(|at| item(EMBARGO, at, None)));
        all.extend(story.deadline.map(|at| item(DEADLINE, at, Some(at.as_second()))));
    }
    all.sort_by_key(|item| (item.moment, item.number));
    all
}

impl CalendarDay {
    /// A day with at most `most` of its items.
    pub fn new(
        (day, to): (Date, String),
        items: &[CalendarItem],
        most: usize,
        words: DeskWords,
    ) -> Self {
        let own: Vec<&CalendarItem> = items.iter().filter(|item| item.day == day).collect();
        Self {
            date: day.to_string(),
            number: day.day(),
            weekday: weekdays(words)
                [usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)],
            label: words.day(day),
            to,
            more: own.len().saturating_sub(most),
            items: own.into_iter().take(most).cloned().collect(),
            ..Self::default()
        }
    }

    /// The same with what it is marked by.
    pub fn marked(self, is_today: bool, is_outside: bool) -> Self {
        Self { is_today, is_outside, ..self }
    }
}

/// The names of the days of the week, from Monday on.
pub(super) fn weekdays(words: DeskWords) -> Vec<&'static str> {
    const NAMES: [&str; 7] = [
        "weekday_monday",
        "weekday_tuesday",
        "weekday_wednesday",
        "weekday_thursday",
        "weekday_friday",
        "weekday_saturday",
        "weekday_sunday",
    ];
    NAMES.map(|name| words.text(name)).into()
}

/// The name of a month, from 1 on.
pub(super) fn month_name(month: i8, words: DeskWords) -> &'static str {
    const NAMES: [&str; 12] = [
        "month_january",
        "month_february",
        "month_march",
        "month_april",
        "month_may",
        "month_june",
        "month_july",
        "month_august",
        "month_september",
        "month_october",
        "month_november",
        "month_december",
    ];
    let index = usize::try_from(month - 1).unwrap_or_default();
    words.text(NAMES.get(index).unwrap_or(&NAMES[0]))
}

#[cfg(test)]
impl CalendarDay {
    pub fn sample() -> Self {
        let item = |kind, is_movable| CalendarItem {
            time: "09:00".into(),
            headline: "The bridge".into(),
            kind,
            label: "Scheduled",
            is_movable,
            ..CalendarItem::default()
        };
        Self {
            is_today: true,
            is_outside: true,
            items: vec![item("scheduled", true), item("embargo", false), CalendarItem::default()],
            more: 3,
            ..Self::default()
        }
    }
}
