//! `GET /desk/articles/links`: the published articles that the editor's script offers to link to.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    response::IntoResponse,
};
use masthead_store::{StoryFilter, StoryOrder, StoryQuery};
use serde::{Deserialize, Serialize};

use crate::{error::Handled, staff::CurrentStaff, state::DeskState};

/// Articles that are offered at once.
const MAX_OFFERED: u64 = 8;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct LinksQuery {
    /// Words of a headline, or an address.
    q: String,
}

#[derive(Serialize)]
struct Links {
    articles: Vec<ArticleLink>,
}

#[derive(Serialize)]
struct ArticleLink {
    headline: String,
    address: String,
}

/// Answers with the headlines as readers have them, the latest first. Without words there are none.
pub(crate) async fn links(
    State(desk): State<Arc<DeskState>>,
    _: CurrentStaff,
    Query(query): Query<LinksQuery>,
) -> Handled {
    let snapshot = desk.snapshot();
    if query.q.trim().is_empty() {
        return Ok(Json(Links { articles: Vec::new() }).into_response());
    }
    let wanted = StoryQuery {
        filter: StoryFilter::Published,
        words: query.q,
        most: MAX_OFFERED,
        order: StoryOrder::Published,
        ..StoryQuery::default()
    };
    let found = desk.store.stories(&wanted, desk.now()).await?;
    let articles = found.iter().filter_map(|story| snapshot.article(story.id));
    let link = |article: masthead_publication::listing::ArticleSummary| ArticleLink {
        headline: article.headline,
        address: article.address,
    };
    Ok(Json(Links { articles: articles.map(link).collect() }).into_response())
}
