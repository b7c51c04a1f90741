//! Where a picture is used: in articles, drafts and live coverage, on fronts, and with authors.

use std::sync::Arc;

use jiff::Timestamp;
use masthead_editorial::{Status, paths, renditions};
use masthead_media::WorkError;
use masthead_publication::{SiteSnapshot, contexts::Card};
use masthead_store::{LibraryPicture, StoreError, StoryEntry};
use serde::Serialize;

use super::{
    super::story::{may_edit, status_in_words, story_address},
    rights,
};
use crate::{staff::CurrentStaff, state::DeskState};

/// Articles that are listed.
const MAX_USES: u64 = 50;

/// Where a picture is used.
#[derive(Default, Serialize)]
pub(super) struct PictureUses {
    articles: Vec<PictureUse>,
    /// How many articles there are, if not all are listed; empty otherwise.
    more: String,
    /// The authors who have it as their portrait, or in their biographies.
    authors: Vec<String>,
}

/// An article that uses a picture.
#[derive(Default, Serialize)]
struct PictureUse {
    /// Empty if they may not open it.
    to: String,
    headline: String,
    status: String,
    /// Whether it goes out after the licence has ended.
    is_too_late: bool,
}

/// A front that shows a picture.
#[derive(Default, Serialize)]
pub(super) struct FrontUse {
    to: String,
    name: String,
}

/// Returns where a picture is used, as far as somebody may know it.
pub(super) async fn uses(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
) -> Result<PictureUses, StoreError> {
    let (now, zone, words) = (desk.now(), desk.publication().zone, staff.words);
    let found = desk.store.picture_uses(&picture.stem, MAX_USES).await?;
    let count = desk.store.count_picture_uses(&picture.stem).await?;
    let used = |entry: &StoryEntry| PictureUse {
        to: if may_edit(staff, entry) { story_address(entry.id) } else { String::new() },
        headline: entry.headline.clone(),
        status: status_in_words(entry, now, &zone, words),
        is_too_late: rights::is_too_late(desk, entry, picture.facts.expires),
    };
    // What is not published is shown to those who may open it.
    let shown = found.iter().filter(|of| is_public(of, now) || may_edit(staff, of));
    let more = (count > MAX_USES).then(|| {
        let (count, most) = (words.number(count), words.number(MAX_USES));
        words.fill("picture_uses_more", &[("count", &count), ("most", &most)])
    });
    Ok(PictureUses {
        articles: shown.map(used).collect(),
        more: more.unwrap_or_default(),
        authors: desk.store.authors_with_picture(&picture.stem).await?,
    })
}

fn is_public(entry: &StoryEntry, now: Timestamp) -> bool {
    entry.status == Status::Published && entry.published.is_some_and(|at| at <= now)
}

/// Returns the front page and the fronts of sections that show a file as they are now.
///
/// # Errors
///
/// Fails if there is no thread or no time for laying them out.
pub(super) async fn fronts(
    desk: &DeskState,
    staff: &CurrentStaff,
    src: &str,
) -> Result<Vec<FrontUse>, WorkError> {
    let (snapshot, src) = (desk.snapshot(), src.to_owned());
    let home = staff.words.text("fronts_home").to_owned();
    desk.media.work_on_text(staff.work_owner(), move || fronts_with(&snapshot, &src, home)).await
}

fn fronts_with(snapshot: &Arc<SiteSnapshot>, src: &str, home: String) -> Vec<FrontUse> {
    let layout = snapshot.layout();
    let shows = |card: &Card| {
        card.picture
            .as_ref()
            .is_some_and(|picture| renditions::stem(&picture.src) == renditions::stem(src))
    };
    let mut fronts = Vec::new();
    let front = layout.home();
    let below = front.lists.iter().flat_map(|list| &list.cards);
    if front.lead.iter().chain(&front.seconds).chain(below).any(shows) {
        fronts.push(FrontUse { to: "/".to_owned(), name: home });
    }
    for section in snapshot.sections() {
        let to = paths::section(&section.slug);
        let Some(list) = layout.list(&to, 1) else { continue };
        if list.lead.iter().chain(&list.seconds).chain(&list.cards).any(shows) {
            fronts.push(FrontUse { to, name: section.name });
        }
    }
    fronts
}

#[cfg(test)]
impl PictureUses {
    /// Uses of every kind.
    pub fn sample() -> Self {
        let to = "/desk/articles/1".into();
        let used = PictureUse { to, is_too_late: true, ..PictureUse::default() };
        Self {
            articles: vec![used, PictureUse::default()],
            more: "60 articles".into(),
            authors: vec!["Ada".into()],
        }
    }
}
