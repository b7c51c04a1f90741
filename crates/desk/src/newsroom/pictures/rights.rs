//! Until when pictures may be used: checked before an article is published, and listed before it is over.

use std::collections::HashSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use masthead_editorial::{Piece, Status, draft::Draft, renditions};
use masthead_store::{LibraryPicture, PictureQuery, StoreError, StoryEntry};

use super::{EXPIRES_SOON, stem_of};
use crate::state::DeskState;

/// Pictures that are listed.
const MAX_LISTED: usize = 50;
/// Pictures that are read for that: most may not be on any page any more.
const MAX_READ: u64 = 2_000;

/// Scheduled articles that are looked at.
const MAX_SCHEDULED: u64 = 500;

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
    expired_on(desk, stems(draft), known, day(desk, published.max(desk.now()))).await
}

/// Returns the pictures of a post of live coverage that may not be used any more, but for those that readers have in it already.
pub(crate) async fn expired_in_post(
    desk: &DeskState,
    body: &str,
    before: &str,
) -> Result<Vec<LibraryPicture>, StoreError> {
    let stems =
        |html: &str| renditions::stems_in(html).into_iter().map(str::to_owned).collect::<Vec<_>>();
    expired_on(desk, stems(body), stems(before), today(desk)).await
}

/// The pictures with these stems, but for those that are known, whose licence ends before a day.
async fn expired_on(
    desk: &DeskState,
    mut stems: Vec<String>,
    known: Vec<String>,
    day: Date,
) -> Result<Vec<LibraryPicture>, StoreError> {
    let known: HashSet<String> = known.into_iter().collect();
    stems.retain(|stem| !known.contains(stem));
    if stems.is_empty() {
        return Ok(Vec::new());
    }
    let mut pictures = desk.store.pictures_named(&stems).await?;
    pictures.retain(|picture| picture.facts.expires.is_some_and(|last| last < day));
    Ok(pictures)
}

/// Returns the scheduled articles that go out after the licence of one of their pictures has ended, each with that picture.
pub(crate) async fn scheduled_too_late(
    desk: &DeskState,
) -> Result<Vec<(StoryEntry, LibraryPicture)>, StoreError> {
    let scheduled = desk.store.scheduled_pictures(desk.now(), MAX_SCHEDULED).await?;
    let mut stems: Vec<String> = scheduled.iter().flat_map(|(_, stems)| stems.clone()).collect();
    stems.sort();
    stems.dedup();
    let mut limited = desk.store.pictures_named(&stems).await?;
    limited.retain(|picture| picture.facts.expires.is_some());
    let late = |(entry, stems): (StoryEntry, Vec<String>)| {
        let own = limited.iter().filter(|picture| stems.contains(&picture.stem));
        let first = own.min_by_key(|picture| picture.facts.expires)?.clone();
        is_too_late(desk, &entry, first.facts.expires).then_some((entry, first))
    };
    Ok(scheduled.into_iter().filter_map(late).collect())
}

/// Whether a story is scheduled for after the last day on which a picture may be used.
pub(crate) fn is_too_late(desk: &DeskState, entry: &StoryEntry, expires: Option<Date>) -> bool {
    let goes_out =
        entry.published.filter(|at| entry.status == Status::Published && *at > desk.now());
    goes_out.zip(expires).is_some_and(|(at, last)| day(desk, at) > last)
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
