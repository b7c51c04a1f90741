//! `POST /desk/calendar/move`: another time for what is scheduled, or due.

use std::sync::Arc;

use axum::extract::State;
use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::Assignment;
use masthead_editorial::draft::Draft;
use masthead_store::{Assigned, Rescheduled};

use super::{
    super::{
        local_time::{parse_local, zone_of_form},
        pictures::rights,
        publishing::refresh,
        story::{find_story, story_address},
    },
    CalendarQuery, Fault, MOVED, MOVED_DEADLINE, show,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm},
    http::{see_other, with_query},
    staff::CurrentStaff,
    state::DeskState,
};

/// What is moved where.
struct Move {
    id: ArticleId,
    /// What was on the page, see [`CalendarItem`](super::CalendarItem).
    seen: i64,
    /// The time as it was entered.
    text: String,
    /// The name of the time zone that it was entered in.
    time_zone: String,
}

/// `POST /desk/calendar/move`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let back = serde_urlencoded::from_str::<CalendarQuery>(&fields.text("back"));
    let back = CalendarQuery { told: String::new(), ..back.unwrap_or_default() };
    let wanted = Move {
        id: ArticleId(fields.text("number").parse().unwrap_or_default()),
        seen: fields.text("seen").parse().unwrap_or_default(),
        text: fields.text("at"),
        time_zone: fields.text("time_zone"),
    };
    let (moved, told) = match fields.text("kind").as_str() {
        "deadline" => (move_deadline(&desk, &staff, &wanted).await?, MOVED_DEADLINE),
        _ => (reschedule(&desk, &staff, &wanted).await?, MOVED),
    };
    match moved {
        Ok(()) => {
            let query = CalendarQuery { told: format!("{told}{}", wanted.id.0), ..back };
            Ok(see_other(&with_query("/desk/calendar", &query)))
        }
        Err(fault) => Ok(show(&desk, &staff, &back, fault).await?),
    }
}

/// Publishes a scheduled article at another time.
async fn reschedule(
    desk: &DeskState,
    staff: &CurrentStaff,
    wanted: &Move,
) -> Result<Result<(), Fault>, DeskError> {
    let story = find_story(desk, staff, wanted.id).await?;
    let headline = story.entry.headline.clone();
    let at = match time(desk, staff, wanted) {
        Ok(at) => at,
        Err(text) => return Ok(Err(Fault { text, ..Fault::default() })),
    };
    if at <= desk.now() {
        let text = fault(desk, staff, "calendar_fault_past", at, &headline);
        let publish = format!("{}/publication", story_address(wanted.id));
        return Ok(Err(Fault { text, publish }));
    }
    let scheduled = Draft::of(&story.piece);
    if !rights::expired(desk, &scheduled, None, at).await?.is_empty() {
        let text = fault(desk, staff, "calendar_fault_rights", at, &headline);
        return Ok(Err(Fault { text, ..Fault::default() }));
    }
    let attribution = desk.attribution(staff);
    let moved = {
        let clock = || desk.now();
        desk.store.reschedule_story(wanted.id, wanted.seen, at, attribution, clock).await?
    };
    let text = match moved {
        Rescheduled::Done => {
            refresh(desk).await;
            return Ok(Ok(()));
        }
        Rescheduled::Behind => fault(desk, staff, "calendar_fault_behind", at, &headline),
        Rescheduled::NotScheduled => fault(desk, staff, "calendar_fault_out", at, &headline),
        Rescheduled::Embargoed { until } => {
            fault(desk, staff, "calendar_fault_embargo", until, &headline)
        }
    };
    Ok(Err(Fault { text, ..Fault::default() }))
}

/// Changes by when an article is due, if that is still what was on the page.
async fn move_deadline(
    desk: &DeskState,
    staff: &CurrentStaff,
    wanted: &Move,
) -> Result<Result<(), Fault>, DeskError> {
    let entry = find_story(desk, staff, wanted.id).await?.entry;
    let refuse = |text: String| Ok(Err(Fault { text, ..Fault::default() }));
    let at = match time(desk, staff, wanted) {
        Ok(at) => at,
        Err(text) => return refuse(text),
    };
    if at <= desk.now() {
        return refuse(fault(desk, staff, "calendar_fault_due", at, &entry.headline));
    }
    let seen = entry.assignment();
    let is_seen = seen.deadline.map(Timestamp::as_second) == Some(wanted.seen);
    let due = Assignment { deadline: Some(at), ..seen.clone() };
    let assigned = if is_seen {
        desk.store.assign(wanted.id, &seen, &due, desk.attribution(staff)).await?
    } else {
        Assigned::Behind
    };
    match assigned {
        Assigned::Done => Ok(Ok(())),
        Assigned::Behind | Assigned::Refused(_) => {
            refuse(fault(desk, staff, "calendar_fault_behind", at, &entry.headline))
        }
    }
}

/// The time that was entered, or what is wrong with it.
fn time(desk: &DeskState, staff: &CurrentStaff, wanted: &Move) -> Result<Timestamp, String> {
    let zone = zone_of_form(&wanted.time_zone, &desk.publication().zone);
    parse_local(&wanted.text, &zone)
        .map_err(|error| error.in_words(&wanted.text, &zone, staff.words))
}

fn fault(
    desk: &DeskState,
    staff: &CurrentStaff,
    name: &str,
    at: Timestamp,
    headline: &str,
) -> String {
    let words = staff.words;
    let headline = if headline.is_empty() { words.text("no_headline") } else { headline };
    let time = words.date_time(at, &desk.publication().zone);
    words.fill(name, &[("headline", &headline), ("time", &time)])
}
