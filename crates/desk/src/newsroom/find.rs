//! `GET /desk/articles/find`: the articles that the search for pages and articles offers (Ctrl+K).

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    response::IntoResponse,
};
use masthead_circulation::staff::Permission;
use masthead_store::{StoryFilter, StoryQuery};
use serde::{Deserialize, Serialize};

use super::story::{status_in_words, story_address};
use crate::{error::Handled, staff::CurrentStaff, state::DeskState};

/// Articles that are offered at once.
const MAX_OFFERED: u64 = 8;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FindQuery {
    /// Words of a headline, a byline or a topic.
    q: String,
}

#[derive(Serialize)]
struct Found {
    articles: Vec<FoundArticle>,
}

#[derive(Serialize)]
struct FoundArticle {
    name: String,
    /// Its status.
    hint: String,
    /// The address of its editor.
    to: String,
}

/// Answers with articles that the person may open, the latest first. Without words there are none.
pub(crate) async fn find(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<FindQuery>,
) -> Handled {
    if query.q.trim().is_empty() {
        return Ok(Json(Found { articles: Vec::new() }).into_response());
    }
    let wanted = StoryQuery {
        filter: StoryFilter::All,
        words: query.q,
        writer: (!staff.may(Permission::Edit)).then_some(staff.account.id),
        most: MAX_OFFERED,
        ..StoryQuery::default()
    };
    let (now, zone) = (desk.now(), desk.publication().zone);
    let articles = desk.store.stories(&wanted, now).await?.into_iter().map(|story| FoundArticle {
        hint: status_in_words(&story, now, &zone, staff.words),
        to: story_address(story.id),
        name: story.headline,
    });
    Ok(Json(Found { articles: articles.collect() }).into_response())
}
