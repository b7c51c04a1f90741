//! The pages that readers and the law expect, and that are not published yet, or not filled in.

use masthead_editorial::standard_pages::STANDARD_PAGES;
use masthead_store::{StoreError, UnfinishedPage};

use super::{HomePage, StoryLink};
use crate::{newsroom::story::story_address, state::DeskState};

/// Adds what is to be done to the page.
pub(super) async fn add(page: &mut HomePage, desk: &DeskState) -> Result<(), StoreError> {
    let snapshot = desk.snapshot();
    let unfinished = desk.store.unfinished_pages(&STANDARD_PAGES).await?;
    let is_missing = |slug: &&str| {
        snapshot.edition.find(&format!("/{slug}")).is_none()
            && unfinished.iter().all(|page| page.slug != *slug)
    };
    page.missing_pages = STANDARD_PAGES.into_iter().filter(is_missing).map(str::to_owned).collect();
    page.unfinished_pages = unfinished.into_iter().map(link).collect();
    Ok(())
}

fn link(page: UnfinishedPage) -> StoryLink {
    StoryLink { to: story_address(page.id), headline: page.headline, ..StoryLink::default() }
}
