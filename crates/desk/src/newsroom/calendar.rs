//! `/desk/calendar`: what is published, scheduled, under embargo and due, by month, week and day.

mod days;
mod moving;
mod query;

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::tz::TimeZone;
use masthead_circulation::staff::Permission;
use masthead_store::{PlannedStories, StoreError, StoryEntry};
use serde::Serialize;

pub(crate) use self::moving::change;
use self::{
    days::{CalendarDay, CalendarItem, items},
    query::{CalendarQuery, View},
};
use super::local_time::{zone_in_words, zone_name};
use crate::{
    error::Handled, form::form_status, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

#[derive(Default, Serialize)]
#[allow(clippy::struct_excessive_bools)] // what the page shows or not
struct CalendarPage {
    /// The name of the view.
    view: &'static str,
    /// Name, label and address of each view.
    views: Vec<(&'static str, &'static str, String)>,
    /// What is shown: a month, a week or a day.
    period: String,
    /// Where the links to other times lead.
    previous: String,
    next: String,
    today: String,
    /// The names of the days of the week.
    weekdays: Vec<&'static str>,
    /// The days that are shown, a week in each row.
    weeks: Vec<Vec<CalendarDay>>,
    /// The time zone of the publication.
    zone: String,
    /// Its name, which the forms send back.
    time_zone: String,
    /// The query of this page, to return to.
    back: String,
    /// What is left out if there are more articles than are shown; otherwise empty.
    left_out: &'static str,
    /// Whether only their own articles are shown.
    own: bool,
    /// Whether they can move what is scheduled or due.
    may_edit: bool,
    /// What was just moved, and to when; empty if nothing was.
    told: String,
    fault: String,
    /// The page on which an article can be published at once, if that is what may be meant; otherwise empty.
    publish: String,
}

impl Page for CalendarPage {
    const TEMPLATE: &'static str = "calendar.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/calendar`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<CalendarQuery>,
) -> Handled {
    Ok(show(&desk, &staff, &query, Fault::default()).await?)
}

/// What is wrong with a form that was sent.
#[derive(Default)]
struct Fault {
    text: String,
    /// See [`CalendarPage::publish`].
    publish: String,
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    query: &CalendarQuery,
    fault: Fault,
) -> Result<Response, StoreError> {
    let (words, zone) = (staff.words, desk.publication().zone);
    let today = desk.now().to_zoned_datetime(zone.clone()).date();
    let shown = query.shown(today);
    let may_edit = staff.may(Permission::Edit);
    let writer = (!may_edit).then_some(staff.account.id);
    let stories = match shown.times(&zone) {
        Some(times) => desk.store.calendar(times, writer, desk.now()).await?,
        None => PlannedStories::default(),
    };
    let mut all = items(&stories.entries, desk.now(), &zone, words);
    if !may_edit {
        all.iter_mut().for_each(CalendarItem::fix);
    }
    let page = CalendarPage {
        view: shown.view.name(),
        views: View::ALL.map(|view| (view.name(), view.label(words), shown.with_view(view))).into(),
        period: shown.in_words(words),
        previous: shown.previous(),
        next: shown.next(),
        today: shown.at(today),
        weekdays: days::weekdays(words),
        weeks: shown.weeks(&all, today, words),
        zone: zone_in_words(&zone),
        time_zone: zone_name(&zone),
        back: shown.text(),
        own: !may_edit,
        left_out: if stories.is_cut { words.text("calendar_cut") } else { "" },
        told: told(query, &stories.entries, &zone, words),
        fault: fault.text,
        publish: fault.publish,
        may_edit,
    };
    Ok(desk.page(staff, &page))
}

/// In the address after something was moved, before its number: what is scheduled, and what is due.
const MOVED: &str = "moved-";
const MOVED_DEADLINE: &str = "due-";

/// Says what was moved, and to when, if the page shows it.
fn told(query: &CalendarQuery, shown: &[StoryEntry], zone: &TimeZone, words: DeskWords) -> String {
    let (number, is_deadline) = match query.told.strip_prefix(MOVED) {
        Some(number) => (number, false),
        None => match query.told.strip_prefix(MOVED_DEADLINE) {
            Some(number) => (number, true),
            None => return String::new(),
        },
    };
    let entry = shown.iter().find(|entry| number.parse() == Ok(entry.id.0));
    let at = entry.and_then(|entry| if is_deadline { entry.deadline } else { entry.published });
    let (Some(entry), Some(at)) = (entry, at) else {
        return words.text("calendar_moved").to_owned();
    };
    let no_headline = words.text("no_headline");
    let headline = if entry.headline.is_empty() { no_headline } else { &entry.headline };
    let name = if is_deadline { "calendar_moved_deadline" } else { "calendar_moved_article" };
    words.fill(name, &[("headline", &headline), ("time", &words.date_time(at, zone))])
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for CalendarPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                view: "month",
                views: vec![("month", "Month", "/desk/calendar".into())],
                weekdays: vec!["Monday"],
                weeks: vec![vec![CalendarDay::sample(), CalendarDay::default()]],
                own: true,
                left_out: "The others",
                may_edit: true,
                told: "It was moved.".into(),
                fault: "Wrong".into(),
                publish: "/desk/articles/1/publication".into(),
                ..Self::default()
            };
            let day =
                Self { view: "day", weeks: vec![vec![CalendarDay::sample()]], ..Self::default() };
            let empty = vec![vec![CalendarDay::default()]];
            vec![Self::default(), day, Self { view: "day", weeks: empty, ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<CalendarPage>();
    }
}
