//! The page on which posts are written: a form on top, and the posts below it.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{Account, staff::Staff};
use masthead_editorial::{Status, text};
use masthead_store::{LiveCoverage, LivePost, LivePostChange, MAX_LIVE_POSTS, NewLivePost, Story};
use rand::RngExt;
use serde::Serialize;

use super::{author, is_past, live_address, refresh, written};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, MAX_CHARACTERS, StaffForm, form_status},
    format::colleague,
    http::see_other,
    newsroom::story::EditableStory,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// The maximum number of characters of a post in the list.
const EXCERPT: usize = 280;

#[derive(Default, Serialize)]
struct LivePage {
    number: u32,
    headline: String,
    /// The address at which readers have it; empty if they do not.
    on_site: String,
    /// Whether it has live coverage, and whether that is running.
    is_live: bool,
    is_running: bool,
    /// When it began and ended; empty if it did not.
    started: String,
    ended: String,
    form: LivePostForm,
    posts: Vec<LivePostRow>,
    fault: String,
}

impl Page for LivePage {
    const TEMPLATE: &'static str = "live.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// What is written.
#[derive(Default, Serialize)]
pub(super) struct LivePostForm {
    /// Names the form, so that it is not published twice.
    pub(super) request: String,
    pub(super) headline: String,
    pub(super) text: String,
    pub(super) is_pinned: bool,
}

impl LivePostForm {
    fn sent(fields: &Fields) -> Self {
        Self {
            request: request(&fields.text("request")),
            headline: fields.text("headline"),
            text: fields.text("text"),
            is_pinned: fields.has("pinned"),
        }
    }
}

/// The name of a form, or a new one.
fn request(sent: &str) -> String {
    let is_ours = sent.len() == 16 && sent.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_ours { sent.to_owned() } else { format!("{:016x}", rand::rng().random::<u64>()) }
}

#[derive(Default, Serialize)]
pub(super) struct LivePostRow {
    number: u32,
    version: i64,
    time: String,
    /// When its text was last changed; empty if never.
    changed: String,
    /// Who wrote it; empty if they have left.
    by: String,
    headline: String,
    excerpt: String,
    is_pinned: bool,
}

impl LivePostRow {
    fn new(
        post: &LivePost,
        excerpt: String,
        everybody: &[(Staff, Account)],
        (now, zone): (Timestamp, &TimeZone),
        words: DeskWords,
    ) -> Self {
        Self {
            number: post.number.0,
            version: post.version,
            time: words.short_time(post.published, now, zone),
            changed: post.changed.map(|at| words.short_time(at, now, zone)).unwrap_or_default(),
            by: colleague(everybody, post.by).unwrap_or_default(),
            headline: post.headline.clone(),
            excerpt,
            is_pinned: post.is_pinned,
        }
    }
}

/// The beginnings of posts, found on a thread that serves no requests: all posts together may be long.
async fn excerpts(
    desk: &DeskState,
    staff: &CurrentStaff,
    posts: &[LivePost],
) -> Result<Vec<String>, DeskError> {
    let bodies: Vec<String> = posts.iter().map(|post| post.body.clone()).collect();
    let excerpt = |body: &String| text::shorten(text::plain(body).trim(), EXCERPT).into_owned();
    let excerpts = move || bodies.iter().map(excerpt).collect();
    let found = desk.media.work_on_text(staff.work_owner(), excerpts).await;
    found.map_err(|error| DeskError::failed("live: shorten posts", error))
}

/// `GET /desk/articles/{number}/live`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
) -> Handled {
    show(&desk, &staff, &story, &Fields::default(), "").await
}

/// The page with what was sent, and what was wrong with it.
pub(super) async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    fields: &Fields,
    fault: &str,
) -> Handled {
    let id = story.entry.id;
    let stored = desk.store.whole_piece(id).await?;
    let live = stored.as_ref().and_then(|stored| stored.live.as_ref());
    let posts = desk.store.live_posts(id).await?;
    let everybody = desk.store.all_staff().await?;
    let (now, zone) = (desk.now(), desk.publication().zone);
    let is_out = story.entry.status == Status::Published && is_past(story.entry.published, now);
    let words = staff.words;
    let written =
        |at: Option<Timestamp>| at.map(|at| words.date_time(at, &zone)).unwrap_or_default();
    let excerpts = excerpts(desk, staff, &posts).await?;
    let row = |(post, excerpt): (&LivePost, String)| {
        LivePostRow::new(post, excerpt, &everybody, (now, &zone), words)
    };
    let ended = live.and_then(|live| live.ended);
    let page = LivePage {
        number: id.0,
        headline: story.piece.headline.clone(),
        on_site: if is_out { story.piece.address() } else { String::new() },
        is_live: live.is_some(),
        is_running: live.is_some() && ended.is_none(),
        started: written(live.map(|live: &LiveCoverage| live.started)),
        ended: written(ended),
        form: LivePostForm::sent(fields),
        posts: posts.iter().zip(excerpts).map(row).collect(),
        fault: fault.to_owned(),
    };
    Ok(desk.page(staff, &page))
}

/// `POST /desk/articles/{number}/live`: publishes a post.
pub(crate) async fn publish(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(fields): StaffForm<Fields, MAX_CHARACTERS>,
) -> Handled {
    let text = match written(&desk, &fields, ("", &staff)).await? {
        Ok(text) => text,
        Err(fault) => return show(&desk, &staff, &story, &fields, &fault).await,
    };
    let LivePostForm { request, is_pinned, .. } = LivePostForm::sent(&fields);
    let post = NewLivePost { request, text, is_pinned };
    let id = story.entry.id;
    let published = desk.store.publish_live_post(id, &post, author(&desk, &staff)).await;
    match published.map_err(DeskError::from)? {
        LivePostChange::Done | LivePostChange::Behind => {
            refresh(&desk).await;
            Ok(see_other(&live_address(id)))
        }
        LivePostChange::NotRunning => {
            show(&desk, &staff, &story, &fields, staff.words.text("live_ended")).await
        }
        LivePostChange::Full => {
            let fault = staff.words.fill("live_full", &[("number", &MAX_LIVE_POSTS)]);
            show(&desk, &staff, &story, &fields, &fault).await
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for LivePage {
        fn samples() -> Vec<Self> {
            let post = LivePostRow {
                number: 1,
                version: 1,
                time: "09:00".into(),
                changed: "09:30".into(),
                by: "Ada".into(),
                headline: "The gates".into(),
                excerpt: "They are open.".into(),
                is_pinned: true,
            };
            let running = |ended: &str| Self {
                number: 1,
                headline: "The flood".into(),
                on_site: "/town/flood".into(),
                is_live: true,
                is_running: ended.is_empty(),
                started: "24 November 2026, 09:00".into(),
                ended: ended.into(),
                posts: vec![LivePostRow::default()],
                ..Self::default()
            };
            let full = Self {
                form: LivePostForm { is_pinned: true, ..LivePostForm::default() },
                posts: vec![post],
                fault: "Wrong".into(),
                ..running("")
            };
            let published = Self { on_site: "/town/flood".into(), ..Self::default() };
            vec![Self::default(), published, full, running("24 November 2026, 18:00")]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<LivePage>();
    }
}
