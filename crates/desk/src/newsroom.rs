//! The newsroom: what is written, by whom, and when readers get it.
//!
//! Everything works as plain pages and forms. The script of the editor sends the same form, and asks for the answer as
//! JSON.

mod clock;
pub(crate) mod compare;
pub(crate) mod deeds;
pub(crate) mod list;
pub(crate) mod pictures;
pub(crate) mod preview;
pub(crate) mod publication;
pub(crate) mod revisions;
pub(crate) mod saving;
mod sheet;
pub(crate) mod story;

use axum::response::Response;
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use masthead_editorial::{Section, Status, draft::Work};
use masthead_store::{Line, Story};

use crate::{
    Desk,
    gate::Insider,
    pages::Said,
    words::{minute, short},
};

/// Where a story is written.
pub(crate) fn address(id: ArticleId) -> String {
    format!("/desk/articles/{}", id.0)
}

impl Desk {
    /// The story with this number, if it is there and theirs; or what to answer.
    async fn story(&self, insider: &Insider, number: &str) -> Result<Story, Box<Response>> {
        let found = match number.parse().map(ArticleId) {
            Ok(id) => self.on.store.story(id).await,
            Err(_) => Ok(None),
        };
        match found {
            Ok(Some(story)) if may_open(insider, &story.line) => Ok(story),
            Ok(Some(_)) => {
                Err(Box::new(self.say(StatusCode::FORBIDDEN, Some(insider), &Said::NOT_THEIRS)))
            }
            Ok(None) => {
                Err(Box::new(self.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_STORY)))
            }
            Err(error) => Err(Box::new(self.failed(&error))),
        }
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
        (Work::Spiked, _) => "Spiked",
        (Work::Review, Status::Draft) => "In review",
        (Work::Review, Status::Published | Status::Withdrawn) => "changes in review",
        (Work::Writing, Status::Published | Status::Withdrawn) => "changes not published",
        (Work::Writing | Work::None, Status::Draft) => "Draft",
        (Work::None, Status::Published | Status::Withdrawn) => "",
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
