//! The page on which a story is written.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use masthead_editorial::{Section, Status};
use masthead_store::Story;
use serde::Serialize;

use super::{Held, stands, story_form::Sheet};
use crate::{
    Desk,
    auth::{Inside, Insider},
    form::form_status,
};

#[derive(Serialize)]
struct Shown {
    number: u32,
    version: i64,
    sheet: Sheet,
    stands: String,
    /// Where readers have it; empty where they do not.
    on_site: String,
    sections: Vec<(String, String)>,
    /// Names that were used before.
    authors: Vec<String>,
    topics: Vec<String>,
    products: Vec<(String, String)>,
    may_edit: bool,
    /// The names of what is done with it, and of what readers have.
    work: &'static str,
    status: &'static str,
    fault: String,
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
) -> Response {
    shown(&desk, &insider, &story, "")
}

/// The page as it stands now, with what was wrong about what was last sent.
pub(super) async fn show(desk: &Desk, insider: &Insider, id: ArticleId, fault: &str) -> Response {
    match desk.story(insider, id).await {
        Ok(story) => shown(desk, insider, &story, fault),
        Err(answer) => *answer,
    }
}

fn shown(desk: &Desk, insider: &Insider, story: &Story, fault: &str) -> Response {
    let (now, zone) = (desk.now(), desk.imprint().zone);
    let line = &story.line;
    let is_out = line.status == Status::Published && line.published.is_some_and(|at| at <= now);
    let showroom = &desk.on.showroom;
    let (authors, topics) = showroom.names();
    let mut sections: Vec<(String, String)> = showroom.sections().into_iter().map(named).collect();
    let gone = story.piece.section.clone().filter(|gone| sections.iter().all(|s| s.0 != gone.slug));
    if let Some(Section { slug, name }) = gone {
        sections.push((slug, format!("{name} (no longer a section)")));
    }
    let shown = Shown {
        number: line.id.0,
        version: line.version,
        sheet: Sheet::of(&story.draft, &zone),
        stands: stands(line, now, &zone),
        on_site: if is_out { story.piece.address() } else { String::new() },
        sections,
        authors,
        topics,
        products: showroom.products(),
        may_edit: insider.staff.role.may(Permission::Edit),
        work: line.work.name(),
        status: line.status.name(),
        fault: fault.to_owned(),
    };
    let status = form_status(fault);
    desk.page(status, Some(insider), "article.html", &shown)
}

fn named(section: Section) -> (String, String) {
    (section.slug, section.name)
}
