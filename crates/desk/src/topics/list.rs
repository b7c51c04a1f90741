//! `/desk/topics`: every topic, with the number of its articles.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_editorial::{Topic, paths::encoded};
use serde::{Deserialize, Serialize};

use crate::{error::Handled, staff::CurrentStaff, state::DeskState, templates::Page};

/// Topics that are listed at once.
const PER_PAGE: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TopicsQuery {
    /// Words to find in names.
    q: String,
    /// The page, from 1; 0 for the first.
    page: usize,
}

#[derive(Default, Serialize)]
struct TopicsPage {
    q: String,
    topics: Vec<TopicRow>,
    /// How many were found.
    found: String,
    newer: String,
    older: String,
}

#[derive(Default, Serialize)]
struct TopicRow {
    to: String,
    name: String,
    articles: String,
    description: String,
}

impl Page for TopicsPage {
    const TEMPLATE: &'static str = "topics.html";
}

/// `GET /desk/topics`: those with the most articles first.
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<TopicsQuery>,
) -> Handled {
    let (wanted, snapshot, words) = (query.q.trim().to_lowercase(), desk.snapshot(), staff.words);
    let mut topics = snapshot.edition.topics(usize::MAX);
    topics.retain(|topic| topic.name.to_lowercase().contains(&wanted));
    let row = |topic: &Topic| TopicRow {
        to: topic_address(&topic.slug),
        name: topic.name.clone(),
        articles: words.count("authors_articles", snapshot.edition.on_topic(&topic.slug).len()),
        description: description(&desk, &topic.slug),
    };
    let number = query.page.max(1);
    let first = (number - 1).saturating_mul(PER_PAGE);
    let address = |number: usize| {
        let q = serde_urlencoded::to_string([("q", &query.q)]).unwrap_or_default();
        format!("/desk/topics?{q}&page={number}")
    };
    let has_more = first.saturating_add(PER_PAGE) < topics.len();
    let page = TopicsPage {
        topics: topics.iter().skip(first).take(PER_PAGE).map(row).collect(),
        found: words.count("topics_found", topics.len()),
        newer: if number > 1 { address(number - 1) } else { String::new() },
        older: if has_more { address(number + 1) } else { String::new() },
        q: query.q,
    };
    Ok(desk.page(&staff, &page))
}

/// The page of a topic at the desk.
pub(super) fn topic_address(slug: &str) -> String {
    format!("/desk/topics/{}", encoded(slug))
}

/// What readers see about a topic.
fn description(desk: &DeskState, slug: &str) -> String {
    let snapshot = desk.snapshot();
    if let Some(text) = snapshot.edition.topic_description(slug) {
        return text.to_owned();
    }
    from_file(desk, slug)
}

/// What the configuration file says about a topic.
pub(super) fn from_file(desk: &DeskState, slug: &str) -> String {
    let settings = desk.settings();
    let topic = settings.topics.iter().find(|topic| topic.slug == slug);
    topic.map(|topic| topic.description.clone()).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for TopicsPage {
        fn samples() -> Vec<Self> {
            let row = TopicRow { description: "About it.".into(), ..TopicRow::default() };
            let (newer, older) = ("/desk/topics?page=1".into(), "/desk/topics?page=3".into());
            let topics = vec![row, TopicRow::default()];
            vec![Self::default(), Self { topics, newer, older, ..Self::default() }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<TopicsPage>();
    }
}
