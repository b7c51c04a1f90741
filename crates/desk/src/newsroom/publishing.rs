//! `/desk/articles/{number}/publication`: what is missing, when readers get the article, and what they are told about a
//! correction. Also withdrawing it.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use masthead_editorial::{
    Correction, Piece, Section, SlugScript, Status,
    draft::{self, Draft, Embargoed, MAX_PICTURES, Obstacle, ObstacleKind, PublishDetails},
    paths::readable,
};
use masthead_store::{Attribution, LibraryPicture, StoreError, Story, StoryChange, Written};
use serde::Serialize;

use super::{
    editor::{EditorNotice, after_change},
    local_time::{local_text, parse_local, zone_in_words, zone_name, zone_of_form},
    pictures::rights,
    story::{EditableStory, section_name, story_address},
    workflow::WorkflowForm,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    http::see_other,
    settings::save::FormFault,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct PublishingForm {
    /// The version that was on the page.
    version: i64,
    /// `now`, or `at`.
    when: String,
    /// In the time zone of the form.
    at: String,
    /// A time in the past that was pointed out, and is sent again if it is meant.
    past: String,
    /// `open` if readers are told about a correction.
    note: String,
    /// What was wrong.
    correction: String,
    /// The correction notes that readers have, as they are to be; an empty one goes.
    earlier: Vec<String>,
    /// The publication date of what readers have, in the time zone of the form.
    published: String,
    /// The name of the time zone of the form.
    time_zone: String,
}

impl PublishingForm {
    fn sent(fields: &Fields) -> Self {
        Self {
            version: fields.text("version").parse().unwrap_or_default(),
            when: fields.text("when"),
            at: fields.text("at"),
            past: fields.text("past"),
            note: fields.text("note"),
            correction: fields.text("correction"),
            earlier: fields.all("earlier"),
            published: fields.text("published"),
            time_zone: fields.text("time_zone"),
        }
    }
}

#[derive(Default, Serialize)]
struct PublishingPage {
    number: u32,
    version: i64,
    headline: String,
    section: String,
    address: String,
    /// What has to be done first.
    obstacles: Vec<ObstacleRow>,
    /// Whether readers have it now, so that this is a correction.
    is_out: bool,
    /// When readers got it, or will.
    published: String,
    sponsor: String,
    disclosure: String,
    zone: String,
    form: PublishingForm,
    /// The dates of the correction notes that readers have.
    note_dates: Vec<String>,
    fault: String,
    /// The field of `fault`; empty if it is about the whole form.
    at: String,
}

impl Page for PublishingPage {
    const TEMPLATE: &'static str = "publication.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

#[derive(Default, Serialize)]
struct ObstacleRow {
    part: &'static str,
    remedy: String,
}

/// `GET /desk/articles/{number}/publication`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
) -> Handled {
    let scheduled = story.entry.published.filter(|at| *at > desk.now());
    let zone = desk.publication().zone;
    let at = scheduled.map(|at| local_text(at, &zone)).unwrap_or_default();
    let when = if at.is_empty() { "now" } else { "at" }.to_owned();
    let notes = for_readers(&story).map(|piece| piece.corrections.as_slice()).unwrap_or_default();
    let form = PublishingForm {
        version: story.entry.version,
        when,
        at,
        earlier: notes.iter().map(|note| note.text.clone()).collect(),
        published: story.entry.published.map(|at| local_text(at, &zone)).unwrap_or_default(),
        time_zone: zone_name(&zone),
        ..PublishingForm::default()
    };
    let at = scheduled.unwrap_or_else(|| desk.now());
    show(&desk, &staff, story, (form, at), FormFault::default()).await
}

/// The page, with what prevents publishing at a time.
async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: Story,
    (form, at): (PublishingForm, Timestamp),
    fault: FormFault,
) -> Handled {
    let (zone, words) = (desk.publication().zone, staff.words);
    let sections = desk.snapshot().sections();
    let before = for_readers(&story);
    let obstacles = obstacles(desk, staff, &story.draft, before).await?;
    let row = |Obstacle { part, kind }| ObstacleRow { part, remedy: remedy(&kind, words) };
    let expired = expired_pictures(desk, &story, at).await?;
    let rights = expired.iter().map(|picture| rights_row(picture, words));
    let slugs = desk.publication().slugs;
    let how = PublishDetails {
        slug: story.draft.desired_slug(slugs),
        published: desk.now(),
        correction: None,
        slugs,
    };
    let page = PublishingPage {
        number: story.entry.id.0,
        version: form.version,
        section: section_name(&sections, &story.draft.section),
        address: readable(&story.draft.publish(how, &sections, before).address()).into_owned(),
        obstacles: obstacles.into_iter().map(row).chain(rights).collect(),
        is_out: is_out(&story, desk.now()),
        published: story.entry.published.map(|at| words.date_time(at, &zone)).unwrap_or_default(),
        zone: zone_in_words(&zone_of_form(&form.time_zone, &zone)),
        note_dates: before
            .map(|piece| piece.corrections.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|note| words.day(note.date))
            .collect(),
        headline: story.draft.headline.clone(),
        sponsor: story.draft.sponsor,
        disclosure: story.draft.disclosure,
        form,
        fault: fault.text,
        at: fault.field,
    };
    Ok(desk.page(staff, &page))
}

/// What prevents publishing a draft in place of `before`, found on a thread that serves no requests: its text may be long.
pub(crate) async fn obstacles(
    desk: &DeskState,
    staff: &CurrentStaff,
    draft: &Draft,
    before: Option<&Piece>,
) -> Result<Vec<Obstacle>, DeskError> {
    let (draft, before) = (draft.clone(), before.cloned());
    let (sections, slugs) = (desk.snapshot().sections(), desk.publication().slugs);
    let find = move || draft.obstacles(&sections, before.as_ref(), slugs);
    let found = desk.media.work_on_text(staff.work_owner(), find).await;
    found.map_err(|error| DeskError::failed("publishing: find obstacles", error))
}

/// The pictures of an article that may not be used any more when it is published. What readers have already is left out.
async fn expired_pictures(
    desk: &DeskState,
    story: &Story,
    at: Timestamp,
) -> Result<Vec<LibraryPicture>, StoreError> {
    let before = is_out(story, desk.now()).then_some(&story.piece);
    rights::expired(desk, &story.draft, before, at).await
}

/// What to do about a picture that may not be used any more.
fn rights_row(picture: &LibraryPicture, words: DeskWords) -> ObstacleRow {
    ObstacleRow { part: "body", remedy: rights_remedy(picture, words) }
}

/// What to do about a picture that may not be used any more, in words.
pub(crate) fn rights_remedy(picture: &LibraryPicture, words: DeskWords) -> String {
    let facts = &picture.facts;
    let name = if facts.file_name.is_empty() { &picture.name } else { &facts.file_name };
    let date = facts.expires.map(|day| words.day(day)).unwrap_or_default();
    words.fill("obstacle_rights", &[("name", name), ("date", &date)])
}

/// `POST /desk/articles/{number}/publication`
pub(crate) async fn publish(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let form = PublishingForm::sent(&fields);
    let now = desk.now();
    let publication = desk.publication();
    let zone = zone_of_form(&form.time_zone, &publication.zone);
    let clock = PublishingClock { now, zone, slugs: publication.slugs, words: staff.words };
    if !obstacles(&desk, &staff, &story.draft, for_readers(&story)).await?.is_empty() {
        let fault = FormFault::of_form(staff.words.text("publish_fault_obstacles"));
        return show(&desk, &staff, story, (form, now), fault).await;
    }
    let piece = match to_publish(&story, &form, &desk.snapshot().sections(), &clock) {
        Ok(piece) => piece,
        Err(fault) => return show(&desk, &staff, story, (form, now), fault).await,
    };
    let at = piece.published.unwrap_or(now);
    if !expired_pictures(&desk, &story, at).await?.is_empty() {
        let fault = FormFault::of_form(staff.words.text("publish_fault_obstacles"));
        return show(&desk, &staff, story, (form, at), fault).await;
    }
    let change = match piece.published {
        Some(at) if at > now => StoryChange::Scheduled,
        _ if is_out(&story, now) => StoryChange::Corrected,
        _ => StoryChange::Published,
    };
    let (id, attribution) = (story.entry.id, Attribution { by: staff.account.id, at: now });
    let written = desk.store.publish_story(id, form.version, piece, change, attribution).await?;
    refresh(&desk).await;
    match (written, change) {
        (Written::Done(_), StoryChange::Scheduled) => {
            Ok(see_other(&EditorNotice::Scheduled.address(id)))
        }
        (Written::Done(_), _) => Ok(see_other(&EditorNotice::Published.address(id))),
        (written, _) => after_change(&desk, &staff, id, written).await,
    }
}

/// What to do about an obstacle.
fn remedy(kind: &ObstacleKind, words: DeskWords) -> String {
    let name = match kind {
        ObstacleKind::NoHeadline => "obstacle_headline",
        ObstacleKind::NoSection => "obstacle_section",
        ObstacleKind::NoText => "obstacle_text",
        ObstacleKind::NoLeadAlt => "obstacle_lead_alt",
        ObstacleKind::NoAlt => "obstacle_alt",
        ObstacleKind::TooManyPictures => {
            let most = words.number(MAX_PICTURES as u64);
            return words.fill("obstacle_pictures", &[("most", &most)]);
        }
        ObstacleKind::TrackedChanges(number) => return words.count("obstacle_tracked", *number),
        ObstacleKind::Placeholders => "obstacle_placeholders",
        ObstacleKind::NoDisclosure => "obstacle_disclosure",
        ObstacleKind::NoSponsor => "obstacle_sponsor",
        ObstacleKind::UnknownDesign(name) => {
            return words.fill("obstacle_design", &[("name", name)]);
        }
        ObstacleKind::UnknownTier(name) => return words.fill("obstacle_tier", &[("name", name)]),
        ObstacleKind::InvalidSlug(better) => {
            return words.fill("obstacle_slug", &[("slug", better)]);
        }
        ObstacleKind::InvalidCanonical => "obstacle_canonical",
        ObstacleKind::ReservedSlug => "obstacle_reserved",
    };
    words.text(name).to_owned()
}

/// The time at which something is published, and how its publisher writes times and addresses.
struct PublishingClock {
    now: Timestamp,
    zone: TimeZone,
    slugs: SlugScript,
    words: DeskWords,
}

impl PublishingClock {
    /// Parses what was entered in a field.
    fn parse(&self, field: &str, text: &str) -> Result<Timestamp, FormFault> {
        parse_local(text, &self.zone)
            .map_err(|error| FormFault::at(field, error.in_words(text, &self.zone, self.words)))
    }

    fn fault(&self, field: &str, word: &str) -> FormFault {
        FormFault::at(field, self.words.text(word))
    }
}

/// The article that readers get, if there are no [`obstacles`].
///
/// # Errors
///
/// What to correct in the form.
fn to_publish(
    story: &Story,
    form: &PublishingForm,
    sections: &[Section],
    clock: &PublishingClock,
) -> Result<Piece, FormFault> {
    let before = for_readers(story);
    let published = publishing_time(story, form, clock)?;
    let correction = correction(story, form, clock)?;
    let slugs = clock.slugs;
    let slug = story.draft.desired_slug(slugs);
    let slug = if slug.is_empty() { format!("article-{}", story.entry.id.0) } else { slug };
    let how = PublishDetails { slug, published, correction, slugs };
    let mut piece = story.draft.publish(how, sections, before);
    change_notes(&mut piece.corrections, &form.earlier);
    if let Some(before) = before {
        piece.updated = draft::updated(&piece, before, clock.now);
    }
    Ok(piece)
}

/// Changes the notes that readers have already: each that was sent replaces one, and an empty one is removed.
fn change_notes(notes: &mut Vec<Correction>, earlier: &[String]) {
    for (note, text) in notes.iter_mut().zip(earlier) {
        note.text.clone_from(text);
    }
    notes.retain(|note| !note.text.is_empty());
}

/// The publication date of what readers have, which may be corrected.
fn corrected_date(
    at: Timestamp,
    form: &PublishingForm,
    clock: &PublishingClock,
) -> Result<Timestamp, FormFault> {
    let zone = &clock.zone;
    // The form has no seconds: a date that was not changed stays as it is.
    if form.published.is_empty() || form.published == local_text(at, zone) {
        return Ok(at);
    }
    let changed = clock.parse("published", &form.published)?;
    if changed > clock.now {
        return Err(clock.fault("published", "publish_fault_future"));
    }
    Ok(changed)
}

/// When readers get the article, or got it.
fn publishing_time(
    story: &Story,
    form: &PublishingForm,
    clock: &PublishingClock,
) -> Result<Timestamp, FormFault> {
    let published = match (&story.entry.published, form.when.as_str()) {
        // What readers have keeps the time at which they got it, unless that is corrected.
        (Some(at), _) if is_out(story, clock.now) => corrected_date(*at, form, clock)?,
        (_, "at") => chosen_time(form, clock)?,
        (before, _) if is_new_time(*before, form, &clock.zone) => {
            return Err(clock.fault("at", "publish_fault_now"));
        }
        // What was withdrawn returns to its place.
        (Some(at), _) if *at <= clock.now => *at,
        (_, _) => clock.now,
    };
    draft::check_embargo(story.draft.embargo, published, clock.now).map_err(
        |Embargoed { until }| {
            let time = clock.words.date_time(until, &clock.zone);
            FormFault::of_form(clock.words.fill("publish_fault_embargo", &[("time", &time)]))
        },
    )?;
    Ok(published)
}

/// The time that was chosen. One in the past is pointed out once.
fn chosen_time(form: &PublishingForm, clock: &PublishingClock) -> Result<Timestamp, FormFault> {
    let at = clock.parse("at", &form.at)?;
    if at < clock.now && form.past != form.at {
        return Err(clock.fault("at", "publish_fault_past"));
    }
    Ok(at)
}

/// Whether a time was entered, and is not the one that the form had from the beginning.
fn is_new_time(before: Option<Timestamp>, form: &PublishingForm, zone: &TimeZone) -> bool {
    let entered = form.at.trim();
    !entered.is_empty() && before.is_none_or(|at| local_text(at, zone) != entered)
}

/// The correction that readers are told about. Returns `None` if they do not have the article, or are not told.
fn correction(
    story: &Story,
    form: &PublishingForm,
    clock: &PublishingClock,
) -> Result<Option<Correction>, FormFault> {
    let text = form.correction.trim().to_owned();
    match (is_out(story, clock.now), form.note.as_str()) {
        (false, _) => return Ok(None),
        (true, "open") if text.is_empty() => {
            return Err(clock.fault("correction", "publish_fault_correction"));
        }
        (true, "open") => {}
        (true, _) if text.is_empty() => return Ok(None),
        // A note that was written would be lost.
        (true, _) => return Err(clock.fault("correction", "publish_fault_no_correction")),
    }
    Ok(Some(Correction { date: clock.now.to_zoned_datetime(clock.zone.clone()).date(), text }))
}

/// `POST /desk/articles/{number}/withdrawal`: takes the article away from readers.
pub(crate) async fn withdraw(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    let id = story.entry.id;
    if story.entry.status != Status::Published {
        return Ok(see_other(&story_address(id)));
    }
    let attribution = desk.attribution(&staff);
    let written = desk.store.withdraw_story(id, form.version, attribution).await?;
    refresh(&desk).await;
    after_change(&desk, &staff, id, written).await
}

/// Shows a change to readers at once.
pub(crate) async fn refresh(desk: &DeskState) {
    if let Err(error) = desk.live.refresh().await {
        tracing::warn!(%error, "publishing: refresh failed, the next one tries again");
    }
}

/// The article that readers have or had.
fn for_readers(story: &Story) -> Option<&Piece> {
    (story.entry.status != Status::Draft).then_some(&story.piece)
}

fn is_out(story: &Story, now: Timestamp) -> bool {
    story.entry.status == Status::Published && story.entry.published.is_some_and(|at| at <= now)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for PublishingPage {
        fn samples() -> Vec<Self> {
            let blocked = Self { obstacles: vec![ObstacleRow::default()], ..Self::default() };
            let full = Self {
                is_out: true,
                published: "24 November 2026, 09:00".into(),
                sponsor: "The Ropeworks".into(),
                disclosure: "Paid for".into(),
                form: PublishingForm {
                    when: "at".into(),
                    earlier: vec!["It was wrong.".into()],
                    ..PublishingForm::default()
                },
                note_dates: vec!["24 November 2026".into()],
                fault: "Wrong".into(),
                at: "correction".into(),
                ..Self::default()
            };
            vec![Self::default(), blocked, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<PublishingPage>();
    }
}
