//! The list of stories: the day's plan, and the archive.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use masthead_circulation::staff::Permission;
use masthead_editorial::draft::Draft;
use masthead_store::{Line, StoryFilter, StoryQuery};
use masthead_web::form;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{address, section_name, stands};
use crate::{
    Desk,
    auth::Inside,
    format::{colleague, short},
};

/// Stories on one page.
const PER_PAGE: u64 = 50;

/// Articles that are looked for by their text: a word that more have is no help.
const MOST_BY_TEXT: usize = 300;

/// The shelves: the name in the address, and what it is called.
const SHELVES: [(&str, &str, StoryFilter); 7] = [
    ("", "All", StoryFilter::All),
    ("writing", "Being written", StoryFilter::Writing),
    ("review", "In review", StoryFilter::Review),
    ("scheduled", "Scheduled", StoryFilter::Scheduled),
    ("published", "Published", StoryFilter::Published),
    ("withdrawn", "Withdrawn", StoryFilter::Withdrawn),
    ("spiked", "On the spike", StoryFilter::Spiked),
];

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sought {
    shelf: String,
    section: String,
    q: String,
    page: String,
}

#[derive(Serialize)]
struct Listed {
    shelves: Vec<(&'static str, &'static str, String)>,
    shelf: String,
    sections: Vec<(String, String)>,
    section: String,
    q: String,
    stories: Vec<Row>,
    newer: String,
    older: String,
    /// Whether only their own are listed.
    own: bool,
}

#[derive(Serialize)]
struct Row {
    to: String,
    headline: String,
    section: String,
    byline: String,
    stands: String,
    saved: String,
}

pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Query(sought): Query<Sought>,
) -> Response {
    let number: u64 = sought.page.parse().unwrap_or(1).clamp(1, 1_000_000);
    let own = !insider.staff.role.may(Permission::Edit);
    let shelf = SHELVES.iter().find(|(name, ..)| *name == sought.shelf).unwrap_or(&SHELVES[0]);
    let wanted = StoryQuery {
        shelf: shelf.2,
        section: sought.section.clone(),
        words: sought.q.clone(),
        in_text: if sought.q.trim().is_empty() {
            Vec::new()
        } else {
            desk.on.showroom.written_with(&sought.q, MOST_BY_TEXT).await
        },
        writer: own.then_some(insider.account.id),
        skip: (number - 1) * PER_PAGE,
        most: PER_PAGE + 1,
    };
    let now = desk.now();
    let store = &desk.on.store;
    let found = match store.stories(&wanted, now).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let everybody = match store.all_staff().await {
        Ok(everybody) => everybody,
        Err(error) => return desk.failed(&error),
    };
    let zone = desk.imprint().zone;
    let sections = desk.on.showroom.sections();
    let row = |line: &Line| Row {
        to: address(line.id),
        headline: line.headline.clone(),
        section: section_name(&sections, &line.section),
        byline: line.byline.clone(),
        stands: stands(line, now, &zone),
        saved: line
            .saved
            .map(|saved| {
                let who = colleague(&everybody, saved.by);
                let who = who.as_deref().unwrap_or("Somebody who has left");
                format!("{who}, {}", short(saved.at, now, &zone))
            })
            .unwrap_or_default(),
    };
    let on_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let here = |name: &str, number: u64| address_of(name, &sought, number);
    let listed = Listed {
        shelves: SHELVES.iter().map(|(name, called, _)| (*name, *called, here(name, 1))).collect(),
        newer: if number > 1 { here(shelf.0, number - 1) } else { String::new() },
        older: if found.len() > on_page { here(shelf.0, number + 1) } else { String::new() },
        stories: found.iter().take(on_page).map(row).collect(),
        shelf: shelf.0.to_owned(),
        sections: sections.iter().map(|s| (s.slug.clone(), s.name.clone())).collect(),
        section: sought.section.clone(),
        q: sought.q.clone(),
        own,
    };
    desk.page(StatusCode::OK, Some(&insider), "articles.html", &listed)
}

fn address_of(shelf: &str, sought: &Sought, number: u64) -> String {
    let number = if number > 1 { number.to_string() } else { String::new() };
    let parts =
        [("shelf", shelf), ("section", &sought.section), ("q", &sought.q), ("page", &number)];
    let query: Vec<String> = parts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", form::encode_query(value)))
        .collect();
    if query.is_empty() {
        "/desk/articles".to_owned()
    } else {
        format!("/desk/articles?{}", query.join("&"))
    }
}

/// Begins a story, with whoever begins it in the byline.
pub(crate) async fn begin(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    let name = insider.account.name.clone();
    let authors = if name.is_empty() { Vec::new() } else { vec![name] };
    let draft = Draft { authors, ..Draft::default() };
    let slug = format!("draft-{:016x}", rand::rng().random::<u64>());
    let begun = desk.on.store.begin_story(&slug, &draft, insider.account.id, desk.now()).await;
    match begun {
        Ok(id) => form::see_other(&address(id), &[]),
        Err(error) => desk.failed(&error),
    }
}
