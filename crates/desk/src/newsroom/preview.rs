//! A story as readers will see it, before they do.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use masthead_editorial::{Piece, draft::PublishDetails};
use masthead_publication::preview::{Preview, PreviewAs};
use masthead_store::Story;
use serde::{Deserialize, Serialize};

use super::Held;
use crate::{
    Desk,
    auth::{Inside, Insider},
    pages::{Said, framed},
    reader_view as why,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The name of a standing.
    #[serde(rename = "as")]
    standing: String,
    /// How many articles they have read.
    read: String,
}

impl Asked {
    fn standing(&self) -> &str {
        if self.standing.is_empty() { why::STANDINGS[0].0 } else { &self.standing }
    }

    fn read(&self) -> u32 {
        self.read.trim().parse().map_or(0, |read: u32| read.min(why::MOST_READ))
    }
}

#[derive(Serialize)]
struct Shown {
    number: u32,
    headline: String,
    standing: String,
    read: String,
    standings: Vec<(&'static str, &'static str)>,
    sentence: String,
    trace: Vec<String>,
    page: String,
}

/// The question and the answer, with the page in two frames.
pub(crate) async fn page(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Query(asked): Query<Asked>,
) -> Response {
    let seen = match see(&desk, &insider, &story, &asked).await {
        Ok(seen) => seen,
        Err(answer) => return *answer,
    };
    let read = asked.read();
    let shown = Shown {
        number: story.line.id.0,
        headline: story.draft.headline.clone(),
        standing: asked.standing().to_owned(),
        read: read.to_string(),
        standings: why::STANDINGS.to_vec(),
        sentence: seen.sentence(),
        trace: seen.trace,
        page: format!(
            "/desk/articles/{}/preview/page?as={}&read={read}",
            story.line.id.0,
            masthead_web::form::encode_query(asked.standing())
        ),
    };
    desk.page(StatusCode::OK, Some(&insider), "preview.html", &shown)
}

/// The very page.
pub(crate) async fn seen(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Query(asked): Query<Asked>,
) -> Response {
    match see(&desk, &insider, &story, &asked).await {
        Ok(seen) => framed(seen.page),
        Err(answer) => *answer,
    }
}

async fn see(
    desk: &Desk,
    insider: &Insider,
    story: &Story,
    asked: &Asked,
) -> Result<Preview, Box<Response>> {
    let Some(guise) = why::made_up(asked.standing(), asked.read(), desk.now()) else {
        return Err(Box::new(desk.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_STORY)));
    };
    let viewer = PreviewAs::SimulatedReader(guise);
    let piece = as_published(desk, story);
    match desk.on.showroom.preview(story.line.id, piece, &viewer).await {
        Ok(Some(seen)) => Ok(seen),
        Ok(None) => Err(Box::new(desk.say(StatusCode::NOT_FOUND, Some(insider), &Said::NO_STORY))),
        Err(error) => Err(Box::new(desk.cannot(insider, "a preview could not be made", &error))),
    }
}

/// The piece as it would be, published now, whatever is still missing.
fn as_published(desk: &Desk, story: &Story) -> Piece {
    let sections = desk.on.showroom.sections();
    let now = desk.now();
    let published = story.line.published.filter(|at| *at <= now).unwrap_or(now);
    let wanted = story.draft.desired_slug();
    let slug = if wanted.is_empty() { "untitled".to_owned() } else { wanted };
    let how = PublishDetails { slug, published, correction: None };
    let mut piece = story.draft.publish(how, &sections, Some(&story.piece));
    if piece.headline.is_empty() {
        "No headline yet".clone_into(&mut piece.headline);
    }
    if piece.section.is_none() && !story.draft.is_page() {
        piece.section = sections.first().cloned();
    }
    piece
}
