//! `/desk/pages`: the publication's own pages, such as its terms, and those that readers and the law expect and that there are not.

use std::sync::Arc;

use axum::extract::State;
use masthead_access::ArticleId;
use masthead_editorial::standard_pages::STANDARD_PAGES;
use masthead_store::{StoryEntry, StoryOrder, StoryQuery};
use serde::Serialize;

use crate::{
    error::Handled,
    newsroom::story::{status_in_words, story_address},
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// Pages that are listed.
const MAX_PAGES: u64 = 300;

#[derive(Default, Serialize)]
struct OwnPages {
    pages: Vec<OwnPage>,
    /// The slugs of pages that are expected, and that there are not.
    missing: Vec<String>,
}

#[derive(Default, Serialize)]
struct OwnPage {
    to: String,
    headline: String,
    status: String,
    /// Its address, if readers have it.
    public: String,
    /// Whether it is a draft that came with the program, or has places to fill in.
    is_unfinished: bool,
}

impl Page for OwnPages {
    const TEMPLATE: &'static str = "own-pages.html";
}

/// `GET /desk/pages`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let (now, zone, snapshot) = (desk.now(), desk.publication().zone, desk.snapshot());
    let all = StoryQuery {
        kind: Some("page".to_owned()),
        order: StoryOrder::Headline,
        is_ascending: true,
        most: MAX_PAGES,
        ..StoryQuery::default()
    };
    let stories = desk.store.stories(&all, now).await?;
    let unfinished = desk.store.unfinished_pages(&STANDARD_PAGES).await?;
    let address = |id: ArticleId| {
        let page = snapshot.edition.public_piece(id);
        page.map(|page| page.address.to_string()).unwrap_or_default()
    };
    let row = |entry: &StoryEntry| OwnPage {
        to: story_address(entry.id),
        headline: entry.headline.clone(),
        status: status_in_words(entry, now, &zone, staff.words),
        public: address(entry.id),
        is_unfinished: unfinished.iter().any(|page| page.id == entry.id),
    };
    let is_missing = |slug: &&str| {
        snapshot.edition.find(&format!("/{slug}")).is_none()
            && unfinished.iter().all(|page| page.slug != *slug)
    };
    let page = OwnPages {
        pages: stories.iter().map(row).collect(),
        missing: STANDARD_PAGES.into_iter().filter(is_missing).map(str::to_owned).collect(),
    };
    Ok(desk.page(&staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for OwnPages {
        fn samples() -> Vec<Self> {
            let public = "/terms".to_owned();
            let page = OwnPage { public, is_unfinished: true, ..OwnPage::default() };
            let pages = vec![page, OwnPage::default()];
            vec![Self::default(), Self { pages, missing: vec!["imprint".into()] }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<OwnPages>();
    }
}
