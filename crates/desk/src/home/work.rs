//! What somebody has to do with articles: what is due, was returned, waits for an editor, is scheduled or being written.

use jiff::{SignedDuration, ToSpan};
use masthead_circulation::staff::Permission;
use masthead_editorial::Status;
use masthead_store::{LibraryPicture, StoreError, StoryEntry, StoryFilter, StoryQuery};

use super::{HomePage, StoryLink, StoryList};
use crate::{
    newsroom::{
        articles::start_of,
        pictures::{picture_address, rights},
        publishing::rights_remedy,
        story::{status_in_words, story_address},
    },
    staff::CurrentStaff,
    state::DeskState,
};

/// Stories in each list.
const MAX_STORIES: u64 = 8;
/// How long before its deadline an article is listed.
const DUE_SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Adds it to the page.
pub(super) async fn add(
    page: &mut HomePage,
    desk: &DeskState,
    staff: &CurrentStaff,
) -> Result<(), StoreError> {
    if !staff.may(Permission::Write) {
        return Ok(());
    }
    let own = Some(staff.account.id);
    let links = Links { desk, staff };
    let until = desk.now() + DUE_SOON;
    let due = desk.store.due_stories(staff.account.id, until, MAX_STORIES).await?;
    page.due = due.iter().map(|entry| links.due(entry)).collect();
    let returned = desk.store.returned_stories(staff.account.id, MAX_STORIES).await?;
    page.returned = returned.iter().map(|entry| links.link(entry)).collect();
    if staff.may(Permission::Edit) {
        let query = StoryQuery { filter: StoryFilter::Review, ..StoryQuery::default() };
        page.waiting = links.list(query, "/desk/articles?list=review").await?;
        page.expiring =
            rights::expiring(desk).await?.iter().map(|own| links.picture(own)).collect();
        let late = rights::scheduled_too_late(desk).await?;
        page.too_late = late.iter().map(|(entry, of)| links.too_late(entry, of)).collect();
        let query =
            StoryQuery { filter: StoryFilter::Writing, editor: own, ..StoryQuery::default() };
        page.assigned = links.list(query, "/desk/articles?list=writing").await?;
    }
    let query = StoryQuery { filter: StoryFilter::Writing, writer: own, ..StoryQuery::default() };
    page.writing = links.list(query, "/desk/articles?list=writing").await?;
    page.writing.leave_out(&page.returned);
    page.scheduled = links.scheduled_today().await?;
    Ok(())
}

/// Makes links to stories.
struct Links<'a> {
    desk: &'a DeskState,
    staff: &'a CurrentStaff,
}

impl Links<'_> {
    fn link(&self, entry: &StoryEntry) -> StoryLink {
        let (now, zone) = (self.desk.now(), self.desk.publication().zone);
        StoryLink {
            to: story_address(entry.id),
            status: status_in_words(entry, now, &zone, self.staff.words),
            headline: entry.headline.clone(),
            reason: entry.returned.as_ref().map(|note| note.reason.clone()).unwrap_or_default(),
        }
    }

    /// A link that says by when the article is due.
    fn due(&self, entry: &StoryEntry) -> StoryLink {
        let (now, words) = (self.desk.now(), self.staff.words);
        let zone = self.desk.publication().zone;
        let due = entry.deadline.map(|at| {
            let name = if at < now { "home_overdue" } else { "home_due_at" };
            words.fill(name, &[("time", &words.short_time(at, now, &zone))])
        });
        StoryLink { status: due.unwrap_or_default(), ..self.link(entry) }
    }

    /// A link that says which picture may not be used any more when the article goes out.
    fn too_late(&self, entry: &StoryEntry, picture: &LibraryPicture) -> StoryLink {
        StoryLink { reason: rights_remedy(picture, self.staff.words), ..self.link(entry) }
    }

    /// A link to a picture that says until when it may be used.
    fn picture(&self, picture: &LibraryPicture) -> StoryLink {
        let (facts, words) = (&picture.facts, self.staff.words);
        let is_over = facts.expires.is_some_and(|day| day < rights::today(self.desk));
        let name = if is_over { "pictures_expired" } else { "pictures_expires" };
        let date = facts.expires.map(|day| words.day(day)).unwrap_or_default();
        let label = if facts.file_name.is_empty() { &picture.name } else { &facts.file_name };
        StoryLink {
            to: picture_address(&picture.stem),
            headline: label.clone(),
            status: words.fill(name, &[("date", &date)]),
            ..StoryLink::default()
        }
    }

    /// The first stories of a list, and how many there are.
    async fn list(&self, query: StoryQuery, to: &str) -> Result<StoryList, StoreError> {
        let query = StoryQuery { most: MAX_STORIES, ..query };
        let page = self.desk.store.story_page(&query, self.desk.now()).await?;
        let total = if page.has_later {
            self.desk.store.count_stories(&query, self.desk.now()).await?
        } else {
            page.entries.len() as u64
        };
        let stories = page.entries.iter().map(|entry| self.link(entry)).collect();
        let all = if page.has_later { to.to_owned() } else { String::new() };
        Ok(StoryList { stories, total, all })
    }

    /// What readers will get until the end of the day.
    async fn scheduled_today(&self) -> Result<Vec<StoryLink>, StoreError> {
        let (now, zone) = (self.desk.now(), self.desk.publication().zone);
        let tomorrow = now.to_zoned_datetime(zone.clone()).date().checked_add(1.day());
        let Some(end) = tomorrow.ok().and_then(|day| start_of(day, &zone)) else {
            return Ok(Vec::new());
        };
        let writer = (!self.staff.may(Permission::Edit)).then_some(self.staff.account.id);
        let mut entries = self.desk.store.calendar((now, end), writer, now).await?.entries;
        entries.retain(|entry| {
            let is_today = entry.published.is_some_and(|at| at > now && at < end);
            entry.status == Status::Published && is_today
        });
        entries.sort_by_key(|entry| (entry.published, entry.id.0));
        Ok(entries.iter().map(|entry| self.link(entry)).collect())
    }
}
