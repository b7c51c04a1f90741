//! Publishing: what is still to be done, when readers get it, and what they are told of a mistake. And taking it
//! away from them again.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use jiff::{Timestamp, tz::TimeZone};
use masthead_editorial::{
    Correction, Piece, Section, Status,
    draft::{self, Obstacle, PublishDetails},
};
use masthead_store::{Story, StoryChange};
use masthead_web::form::see_other;
use serde::{Deserialize, Serialize};

use super::{Held, local_time, section_name, workflow};
use crate::{
    Desk,
    auth::{Inside, Insider},
    form::{Filled, form_status},
    format::minute,
};

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Sent {
    /// The version that was looked at.
    version: i64,
    /// `now`, or `at`.
    when: String,
    /// On the publication's clock.
    at: String,
    /// `open` where readers are told of a mistake.
    note: String,
    /// What was wrong.
    correction: String,
}

#[derive(Serialize)]
struct Shown {
    number: u32,
    version: i64,
    headline: String,
    section: String,
    address: String,
    /// What is to be done first: the part, and how.
    obstacles: Vec<Obstructed>,
    /// Whether readers have it now, so that this is a correction.
    is_out: bool,
    /// When they got it, or will.
    published: String,
    sponsor: String,
    disclosure: String,
    zone: String,
    sent: Sent,
    fault: String,
}

#[derive(Serialize)]
struct Obstructed {
    part: &'static str,
    remedy: String,
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
) -> Response {
    let scheduled = story.line.published.filter(|at| *at > desk.now());
    let at = scheduled.map(|at| local_time::written(at, &desk.imprint().zone)).unwrap_or_default();
    let when = if at.is_empty() { "now" } else { "at" }.to_owned();
    let sent = Sent { version: story.line.version, when, at, ..Sent::default() };
    show(&desk, &insider, &story, sent, "")
}

fn show(desk: &Desk, insider: &Insider, story: &Story, sent: Sent, fault: &str) -> Response {
    let zone = desk.imprint().zone;
    let sections = desk.on.showroom.sections();
    let obstacles = story.draft.obstacles(&sections, before(story));
    let obstructed = |Obstacle { part, remedy }| Obstructed { part, remedy };
    let how = PublishDetails {
        slug: story.draft.desired_slug(),
        published: desk.now(),
        correction: None,
    };
    let shown = Shown {
        number: story.line.id.0,
        version: sent.version,
        headline: story.draft.headline.clone(),
        section: section_name(&sections, &story.draft.section),
        address: story.draft.publish(how, &sections, before(story)).address(),
        obstacles: obstacles.into_iter().map(obstructed).collect(),
        is_out: is_out(story, desk.now()),
        published: story.line.published.map(|at| minute(at, &zone)).unwrap_or_default(),
        sponsor: story.draft.sponsor.clone(),
        disclosure: story.draft.disclosure.clone(),
        zone: zone.iana_name().unwrap_or("UTC").replace('_', " "),
        sent,
        fault: fault.to_owned(),
    };
    let status = form_status(fault);
    desk.page(status, Some(insider), "publication.html", &shown)
}

pub(crate) async fn publish(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    let zone = desk.imprint().zone;
    let sections = desk.on.showroom.sections();
    let (now, by) = (desk.now(), insider.account.id);
    let piece = match made(&story, &sent, &sections, (now, &zone)) {
        Ok(piece) => piece,
        Err(fault) => return show(&desk, &insider, &story, sent, &fault),
    };
    let change = match piece.published {
        Some(at) if at > now => StoryChange::Scheduled,
        _ if is_out(&story, now) => StoryChange::Corrected,
        _ => StoryChange::Published,
    };
    let (store, id) = (&desk.on.store, story.line.id);
    let written = store.publish_story(id, sent.version, piece, (change, by, now)).await;
    desk.on.showroom.refresh().await;
    workflow::answer(&desk, &insider, story.line.id, written).await
}

/// The piece that readers get; or what is to be done first.
fn made(
    story: &Story,
    sent: &Sent,
    sections: &[Section],
    (now, zone): (Timestamp, &TimeZone),
) -> Result<Piece, String> {
    let obstacles = story.draft.obstacles(sections, before(story));
    if !obstacles.is_empty() {
        return Err("Nothing was published: something is still to be done.".to_owned());
    }
    let out = is_out(story, now);
    let published = match (&story.line.published, sent.when.as_str()) {
        // What readers have keeps the time at which they got it.
        (Some(at), _) if out => *at,
        (_, "at") => {
            local_time::instant(&sent.at, zone).map_err(|why| why.words(&sent.at, zone))?
        }
        // What was withdrawn comes back where it stood.
        (Some(at), _) if *at <= now => *at,
        (_, _) => now,
    };
    if let Some(embargo) = story.draft.embargo.filter(|embargo| published.max(now) < *embargo) {
        return Err(format!(
            "This is under embargo until {}. Choose a time from then on, or take the embargo out of the story.",
            minute(embargo, zone)
        ));
    }
    let text = sent.correction.trim();
    let correction = match (out, sent.note.as_str(), text) {
        (true, "open", "") => {
            return Err("Write what was wrong, for those who have read it.".to_owned());
        }
        (true, "open", text) => Some(Correction {
            date: now.to_zoned_datetime(zone.clone()).date(),
            text: text.to_owned(),
        }),
        (_, _, _) => None,
    };
    let slug = story.draft.desired_slug();
    let slug = if slug.is_empty() { format!("article-{}", story.line.id.0) } else { slug };
    let how = PublishDetails { slug, published, correction };
    let before = before(story);
    let mut piece = story.draft.publish(how, sections, before);
    if let Some(before) = before {
        piece.updated = draft::updated(&piece, before, now);
    }
    Ok(piece)
}

/// Takes it away from readers.
pub(crate) async fn withdraw(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    if story.line.status != Status::Published {
        return see_other(&super::address(story.line.id), &[]);
    }
    let when = (insider.account.id, desk.now());
    let written = desk.on.store.withdraw_story(story.line.id, sent.version, when).await;
    desk.on.showroom.refresh().await;
    workflow::answer(&desk, &insider, story.line.id, written).await
}

/// What readers have or had of it.
fn before(story: &Story) -> Option<&Piece> {
    (story.line.status != Status::Draft).then_some(&story.piece)
}

fn is_out(story: &Story, now: Timestamp) -> bool {
    story.line.status == Status::Published && story.line.published.is_some_and(|at| at <= now)
}
