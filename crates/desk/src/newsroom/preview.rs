//! `/desk/articles/{number}/preview`: a story as readers will see it.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_editorial::{Piece, draft::PublishDetails};
use masthead_publication::preview::{Preview, PreviewAs};
use masthead_store::Story;
use serde::{Deserialize, Serialize};

use super::story::{EditableStory, story_address};
use crate::{
    error::{DeskError, Handled},
    http::{framed_page, with_query},
    notice::Notice,
    reader_view::{
        explanation,
        simulated::{MAX_READ, STANDINGS, simulate, standings},
    },
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PreviewQuery {
    /// The name of a simulated reader.
    #[serde(rename = "as")]
    standing: String,
    /// How many articles they have read.
    read: String,
}

impl PreviewQuery {
    fn standing(&self) -> &str {
        if self.standing.is_empty() { STANDINGS[0].0 } else { &self.standing }
    }

    fn read(&self) -> u32 {
        self.read.trim().parse().map_or(0, |read: u32| read.min(MAX_READ))
    }
}

#[derive(Default, Serialize)]
struct PreviewPage {
    number: u32,
    headline: String,
    standing: String,
    read: String,
    standings: Vec<(&'static str, &'static str)>,
    sentence: String,
    trace: Vec<String>,
    /// Whether there is a message, which is brought into view.
    has_message: bool,
    /// The address of the page as the reader sees it.
    page: String,
}

impl Page for PreviewPage {
    const TEMPLATE: &'static str = "preview.html";
}

/// `GET /desk/articles/{number}/preview`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Query(query): Query<PreviewQuery>,
) -> Handled {
    let (standing, read) = (query.standing().to_owned(), query.read().to_string());
    let seen = look(&desk, &staff, &story, &query).await?;
    let page = PreviewPage {
        number: story.entry.id.0,
        page: with_query(
            &format!("{}/preview/page", story_address(story.entry.id)),
            &[("as", &standing), ("read", &read)],
        ),
        headline: story.draft.headline,
        standing,
        read,
        standings: standings(staff.words),
        sentence: explanation::sentence(&seen.decision, staff.words),
        has_message: !seen.placements.is_empty(),
        trace: explanation::steps(&seen.decision, &desk.settings().policy, staff.words),
    };
    Ok(desk.page(&staff, &page))
}

/// `GET /desk/articles/{number}/preview/page`: the page itself.
pub(crate) async fn framed(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Query(query): Query<PreviewQuery>,
) -> Handled {
    Ok(framed_page(look(&desk, &staff, &story, &query).await?.page))
}

async fn look(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    query: &PreviewQuery,
) -> Result<Preview, DeskError> {
    let reader = simulate(query.standing(), query.read(), desk.now()).ok_or(Notice::NoArticle)?;
    let (piece, viewer) =
        (as_published(desk, story, staff.words), PreviewAs::SimulatedReader(reader));
    let seen = desk.previews.of_piece(story.entry.id, piece, (&viewer, staff.work_owner())).await;
    let seen = seen.map_err(|error| DeskError::failed("preview: render draft", error))?;
    Ok(seen.ok_or(Notice::NoArticle)?)
}

/// The article as it would be if it were published now, whatever is still missing.
fn as_published(desk: &DeskState, story: &Story, words: DeskWords) -> Piece {
    let sections = desk.snapshot().sections();
    let now = desk.now();
    let published = story.entry.published.filter(|at| *at <= now).unwrap_or(now);
    let slugs = desk.publication().slugs;
    let wanted = story.draft.desired_slug(slugs);
    let slug = if wanted.is_empty() { "untitled".to_owned() } else { wanted };
    let how = PublishDetails { slug, published, correction: None, slugs };
    let mut piece = story.draft.publish(how, &sections, Some(&story.piece));
    if piece.headline.is_empty() {
        words.text("no_headline").clone_into(&mut piece.headline);
    }
    if piece.section.is_none() && !story.draft.is_page() {
        piece.section = sections.first().cloned();
    }
    piece
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for PreviewPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                standings: standings(DeskWords::default()),
                trace: vec!["Why".into()],
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<PreviewPage>();
    }
}
