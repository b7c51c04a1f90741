//! The pages that readers and the law expect, and that are not published yet.

use masthead_editorial::standard_pages::STANDARD_PAGES;
use masthead_store::{PieceDraft, StoreError};

use super::{HomePage, StoryLink};
use crate::{newsroom::story::story_address, state::DeskState};

/// Adds what is missing to the page.
pub(super) async fn add(page: &mut HomePage, desk: &DeskState) -> Result<(), StoreError> {
    let snapshot = desk.snapshot();
    let is_published = |slug: &&str| snapshot.edition.find(&format!("/{slug}")).is_some();
    let open: Vec<&str> = STANDARD_PAGES.into_iter().filter(|slug| !is_published(slug)).collect();
    let drafts = if open.is_empty() { Vec::new() } else { desk.store.drafts_at(&open).await? };
    let is_draft = |slug: &&str| drafts.iter().any(|draft| draft.slug == *slug);
    page.missing_pages =
        open.iter().filter(|slug| !is_draft(slug)).map(|slug| (*slug).to_owned()).collect();
    page.page_drafts = drafts.into_iter().map(link).collect();
    Ok(())
}

fn link(draft: PieceDraft) -> StoryLink {
    StoryLink { to: story_address(draft.id), headline: draft.headline, status: String::new() }
}
