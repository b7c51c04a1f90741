//! The story that a request is about, and how stories are described in lists.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use jiff::{Timestamp, tz::TimeZone};
use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use masthead_editorial::{Section, Status, draft::WorkflowState};
use masthead_store::{Story, StoryEntry};

use crate::{
    error::DeskError, notice::Notice, staff::CurrentStaff, state::DeskState, words::DeskWords,
};

/// The address at which a story is edited.
pub(crate) fn story_address(id: ArticleId) -> String {
    format!("/desk/articles/{}", id.0)
}

/// A story by its number.
///
/// # Errors
///
/// A notice if there is none, or if it belongs to somebody else.
pub(crate) async fn find_story(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
) -> Result<Story, DeskError> {
    let story = desk.store.story(id).await?.ok_or(Notice::NoArticle)?;
    if may_edit(staff, &story.entry) { Ok(story) } else { Err(Notice::NotYourArticle.into()) }
}

/// Whether somebody may edit a story: editors all of them, authors their own.
pub(super) fn may_edit(staff: &CurrentStaff, entry: &StoryEntry) -> bool {
    staff.may(Permission::Edit) || entry.writers.contains(&staff.account.id)
}

/// Extracts the story whose number is in the address, if the member of the staff may edit it.
pub(crate) struct EditableStory(pub Story);

impl FromRequestParts<Arc<DeskState>> for EditableStory {
    type Rejection = DeskError;

    async fn from_request_parts(
        parts: &mut Parts,
        desk: &Arc<DeskState>,
    ) -> Result<Self, DeskError> {
        let staff = CurrentStaff::from_request_parts(parts, desk).await?;
        let number = Path::<u32>::from_request_parts(parts, desk).await;
        let Path(number) = number.map_err(|_| Notice::NoArticle)?;
        find_story(desk, &staff, ArticleId(number)).await.map(Self)
    }
}

/// The name of the section with this slug; the slug itself if there is none.
pub(crate) fn section_name(sections: &[Section], slug: &str) -> String {
    let known = sections.iter().find(|section| section.slug == slug);
    known.map_or(slug, |section| &section.name).to_owned()
}

/// The status of a story in a few words: "Published 09:00, changes in review".
pub(crate) fn status_in_words(
    entry: &StoryEntry,
    now: Timestamp,
    zone: &TimeZone,
    words: DeskWords,
) -> String {
    let at = entry.published.map(|at| words.short_time(at, now, zone)).unwrap_or_default();
    let scheduled = entry.published.is_some_and(|at| at > now);
    let for_readers = match entry.status {
        Status::Draft => String::new(),
        Status::Published if scheduled => words.fill("status_scheduled", &[("time", &at)]),
        Status::Published => words.fill("status_published", &[("time", &at)]),
        Status::Withdrawn => words.text("status_withdrawn").to_owned(),
    };
    let work = match (entry.work, entry.status) {
        (WorkflowState::Archived, _) => words.text("status_archived"),
        (WorkflowState::Review, Status::Draft) => words.text("status_review"),
        (WorkflowState::Review, Status::Published | Status::Withdrawn) => {
            words.text("status_changes_review")
        }
        (WorkflowState::Writing, Status::Draft) if entry.returned.is_some() => {
            words.text("status_returned")
        }
        (WorkflowState::Writing, Status::Published | Status::Withdrawn)
            if entry.returned.is_some() =>
        {
            words.text("status_changes_returned")
        }
        (WorkflowState::Writing, Status::Published | Status::Withdrawn) => {
            words.text("status_changes")
        }
        (WorkflowState::Writing | WorkflowState::None, Status::Draft) => words.text("status_draft"),
        (WorkflowState::None, Status::Published | Status::Withdrawn) => "",
    };
    let embargo = entry.embargo.filter(|at| *at > now);
    let embargo =
        embargo.map(|at| words.fill("status_embargo", &[("time", &words.date_time(at, zone))]));
    let all =
        [for_readers, work.to_owned(), embargo.unwrap_or_default(), due(entry, now, zone, words)];
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// By when a story is due, until it is published. Empty if it has no deadline.
fn due(entry: &StoryEntry, now: Timestamp, zone: &TimeZone, words: DeskWords) -> String {
    let is_open = matches!(entry.work, WorkflowState::Writing | WorkflowState::Review);
    let is_open = is_open && entry.status == Status::Draft;
    let Some(at) = entry.deadline.filter(|_| is_open) else { return String::new() };
    let name = if at < now { "status_overdue" } else { "status_due" };
    words.fill(name, &[("time", &words.short_time(at, now, zone))])
}
