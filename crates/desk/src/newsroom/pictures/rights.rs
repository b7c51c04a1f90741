//! Until when pictures may be used: checked before an article is published, and listed before it is over.

use jiff::{Timestamp, ToSpan, civil::Date};
use masthead_editorial::{Piece, draft::Draft, renditions};
use masthead_store::{LibraryPicture, PictureQuery, StoreError};

use super::{EXPIRES_SOON, stem_of};
use crate::state::DeskState;

/// Pictures that are listed.
const MAX_LISTED: usize = 50;
/// Pictures that are read for that: most may not be on any page any more.
const MAX_READ: u64 = 2_000;

/// The day on the clock of the publication.
pub(crate) fn today(desk: &DeskState) -> Date {
    day(desk, desk.now())
}

fn day(desk: &DeskState, at: Timestamp) -> Date {
    at.to_zoned_datetime(desk.publication().zone).date()
}

/// Returns the pictures of a draft that may not be used any more when it is published. Those that readers have in `before`
/// already are left out, so that a mistake in an old article can be corrected.
pub(crate) async fn expired(
    desk: &DeskState,
    draft: &Draft,
    before: Option<&Piece>,
    published: Timestamp,
) -> Result<Vec<LibraryPicture>, StoreError> {
    let known = before.map(|piece| stems(&Draft::of(piece))).unwrap_or_default();
    let mut stems = stems(draft);
    stems.retain(|stem| !known.contains(stem));
    if stems.is_empty() {
        return Ok(Vec::new());
    }
    let day = day(desk, published.max(desk.now()));
    let mut pictures = desk.store.pictures_named(&stems).await?;
    pictures.retain(|picture| picture.facts.expires.is_some_and(|last| last < day));
    Ok(pictures)
}

/// The stems of the pictures of a draft.
fn stems(draft: &Draft) -> Vec<String> {
    let lead = draft.picture.as_ref().map(|picture| picture.src.as_str());
    let social = Some(draft.appearance.social_picture.as_str());
    let beside = [lead, social].into_iter().flatten().filter_map(stem_of);
    let in_text = renditions::stems_in(&draft.body).into_iter().map(str::to_owned);
    beside.chain(in_text).collect()
}

/// Returns the pictures that readers see and that may be used for a month at most, or no longer.
pub(crate) async fn expiring(desk: &DeskState) -> Result<Vec<LibraryPicture>, StoreError> {
    let soon = today(desk).checked_add(EXPIRES_SOON.days()).ok();
    let query = PictureQuery { expires_before: soon, most: MAX_READ, ..PictureQuery::default() };
    let mut found = desk.store.pictures(&query).await?.pictures;
    let snapshot = desk.snapshot();
    found.retain(|picture| snapshot.edition.shows_picture(&picture.name));
    found.sort_by_key(|picture| picture.facts.expires);
    found.truncate(MAX_LISTED);
    Ok(found)
}
