//! The newsroom: what is written, by whom, and when readers get it.
//!
//! Everything works as plain pages and forms. The script of the editor sends the same form, and asks for the answer as
//! JSON.

pub(crate) mod articles;
pub(crate) mod autosave;
mod diff;
pub(crate) mod editor;
mod local_time;
pub(crate) mod preview;
pub(crate) mod publishing;
pub(crate) mod revisions;
mod story_form;
pub(crate) mod uploads;
pub(crate) mod workflow;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{FromRequestParts, Path},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use jiff::{Timestamp, tz::TimeZone};
use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use masthead_editorial::{Section, Status, draft::WorkflowState};
use masthead_store::{Line, Story};

use crate::{
    Desk,
    auth::{Inside, Insider},
    format::{minute, short},
    pages::Said,
};

/// Where a story is written.
pub(crate) fn address(id: ArticleId) -> String {
    format!("/desk/articles/{}", id.0)
}

impl Desk {
    /// A story as it stands now, if it is there and theirs; or what to answer.
    async fn story(&self, insider: &Insider, id: ArticleId) -> Result<Story, Box<Response>> {
        match self.on.store.story(id).await {
            Ok(Some(story)) if may_open(insider, &story.line) => Ok(story),
            Ok(Some(_)) => {
                Err(Box::new(self.say(StatusCode::FORBIDDEN, Some(insider), &Said::NOT_THEIRS)))
            }
            Ok(None) => Err(Box::new(self.no_story(insider))),
            Err(error) => Err(Box::new(self.failed(&error))),
        }
    }

    fn no_story(&self, insider: &Insider) -> Response {
        self.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_STORY)
    }
}

/// The story whose number an address ends with, of somebody who may open it.
pub(crate) struct Held(pub Story);

impl FromRequestParts<Arc<Desk>> for Held {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Response> {
        let insider = Inside::from_request_parts(parts, desk).await;
        let Extension(insider) = insider.map_err(IntoResponse::into_response)?;
        let number = Path::<u32>::from_request_parts(parts, desk).await;
        let Path(number) = number.map_err(|_| desk.no_story(&insider))?;
        desk.story(&insider, ArticleId(number)).await.map(Self).map_err(|answer| *answer)
    }
}

/// Whether somebody may write in a story: whose it is, and whoever edits everybody's.
fn may_open(insider: &Insider, line: &Line) -> bool {
    insider.staff.role.may(Permission::Edit) || line.writers.contains(&insider.account.id)
}

/// The name of the section with this slug.
fn section_name(sections: &[Section], slug: &str) -> String {
    let known = sections.iter().find(|section| section.slug == slug);
    known.map_or(slug, |section| &section.name).to_owned()
}

/// Where a story stands, in a few words.
pub(crate) fn stands(line: &Line, now: Timestamp, zone: &TimeZone) -> String {
    let at = line.published.map(|at| short(at, now, zone)).unwrap_or_default();
    let scheduled = line.published.is_some_and(|at| at > now);
    let readers = match line.status {
        Status::Draft => "",
        Status::Published if scheduled => "Scheduled",
        Status::Published => "Published",
        Status::Withdrawn => "Withdrawn",
    };
    let work = match (line.work, line.status) {
        (WorkflowState::Spiked, _) => "Spiked",
        (WorkflowState::Review, Status::Draft) => "In review",
        (WorkflowState::Review, Status::Published | Status::Withdrawn) => "changes in review",
        (WorkflowState::Writing, Status::Published | Status::Withdrawn) => "changes not published",
        (WorkflowState::Writing | WorkflowState::None, Status::Draft) => "Draft",
        (WorkflowState::None, Status::Published | Status::Withdrawn) => "",
    };
    let embargo = line.embargo.filter(|at| *at > now);
    let embargo = embargo.map(|at| format!("embargoed until {}", minute(at, zone)));
    let dated = if line.status == Status::Published {
        format!("{readers} {at}")
    } else {
        readers.to_owned()
    };
    let all = [dated, work.to_owned(), embargo.unwrap_or_default()];
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
