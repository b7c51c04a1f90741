//! `/desk/articles/{number}/comments`: what the newsroom says about an article, or a passage of it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use jiff::tz::TimeZone;
use masthead_circulation::{Account, staff::Staff};
use masthead_editorial::{
    passage::{MAX_CONTEXT, MAX_QUOTE, Passage, PassageText},
    text,
};
use masthead_store::{
    Comment, CommentThread, CommentWritten, NewComment, StoreError, Story, ThreadNumber,
};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{
    editor::mark_read,
    story::{EditableStory, find_story},
};
use crate::{
    error::{DeskError, Handled},
    form::{StaffForm, form_status},
    format::colleague_or_former,
    http::{see_other, wants_json},
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// The maximum length of a comment in characters.
const MAX_COMMENT: usize = 4000;
/// The maximum length of what names a form.
const MAX_REQUEST: usize = 64;
/// The characters of the form.
const MAX_FORM: usize = MAX_COMMENT + MAX_REQUEST + MAX_QUOTE + 2 * MAX_CONTEXT;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CommentForm {
    /// Names the form, so that it is written once.
    request: String,
    text: String,
    /// The passage that it is about; empty for the article.
    quote: String,
    prefix: String,
    suffix: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ResolutionForm {
    /// `resolve` or `reopen`.
    #[serde(rename = "do")]
    action: String,
}

#[derive(Default, Serialize)]
struct CommentsPage {
    number: u32,
    headline: String,
    open: Vec<ThreadRow>,
    resolved: Vec<ThreadRow>,
    /// Names the form for a new thread.
    request: String,
    /// The names of those who may be mentioned.
    people: Vec<String>,
    sent: Sent,
    fault: String,
}

impl Page for CommentsPage {
    const TEMPLATE: &'static str = "comments.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// What was sent and not accepted.
#[derive(Default, Serialize)]
struct Sent {
    text: String,
    /// The number of the thread that it replies to; 0 if it is a new one.
    thread: u32,
}

impl Sent {
    fn article(text: String) -> Self {
        Self { text, thread: 0 }
    }

    fn reply(thread: ThreadNumber, text: String) -> Self {
        Self { text, thread: thread.0 }
    }
}

/// The names of those who may open a story, each once.
pub(super) async fn people(desk: &DeskState, story: &Story) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> =
        desk.store.mentionable(story.entry.id).await?.into_iter().map(|(_, name)| name).collect();
    names.dedup();
    Ok(names)
}

#[derive(Default, Serialize)]
struct ThreadRow {
    number: u32,
    /// The words of the passage; empty if it is about the article.
    quote: String,
    /// Whether these words are not in the text any more.
    is_changed: bool,
    comments: Vec<CommentRow>,
    /// Who resolved it and when, in a sentence; empty while it is open.
    resolved: String,
    /// Names the form for a reply.
    request: String,
}

#[derive(Default, Serialize)]
struct CommentRow {
    by: String,
    at: String,
    text: String,
}

/// What the editor's script is told after a comment.
#[derive(Serialize)]
struct Commented {
    /// How many threads are open.
    open: u64,
}

/// `GET /desk/articles/{number}/comments`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    mut staff: CurrentStaff,
    EditableStory(story): EditableStory,
) -> Handled {
    mark_read(&desk, &mut staff, story.entry.id).await?;
    show(&desk, &staff, &story, Sent::default(), String::new()).await
}

/// `POST /desk/articles/{number}/comments`: begins a thread.
pub(crate) async fn begin(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    headers: HeaderMap,
    StaffForm(form): StaffForm<CommentForm, MAX_FORM>,
) -> Handled {
    let by_script = wants_json(&headers);
    let passage = Passage::new(&form.quote, &form.prefix, &form.suffix);
    let written = match accepted(form, staff.words) {
        Ok(written) => written,
        Err((_, fault)) if by_script => {
            return Err(DeskError::Fault(StatusCode::UNPROCESSABLE_ENTITY, fault));
        }
        Err((text, fault)) => {
            return show(&desk, &staff, &story, Sent::article(text), fault).await;
        }
    };
    let id = story.entry.id;
    match desk.store.begin_thread(id, &passage, &written, desk.attribution(&staff)).await? {
        CommentWritten::Done => {}
        refused => {
            let fault = refusal(refused, staff.words)?;
            if by_script {
                return Err(DeskError::Fault(StatusCode::UNPROCESSABLE_ENTITY, fault));
            }
            return show(&desk, &staff, &story, Sent::article(written.text), fault).await;
        }
    }
    if by_script {
        let open = desk.store.open_threads(&[id]).await?.remove(&id).unwrap_or_default();
        return Ok((StatusCode::CREATED, Json(Commented { open })).into_response());
    }
    Ok(back(id.0))
}

/// `POST /desk/articles/{number}/comments/{key}/replies`
pub(crate) async fn reply(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    ThreadOf(story, thread): ThreadOf,
    StaffForm(form): StaffForm<CommentForm, MAX_FORM>,
) -> Handled {
    let written = match accepted(form, staff.words) {
        Ok(written) => written,
        Err((text, fault)) => {
            return show(&desk, &staff, &story, Sent::reply(thread, text), fault).await;
        }
    };
    let id = story.entry.id;
    match desk.store.reply(id, thread, &written, desk.attribution(&staff)).await? {
        CommentWritten::Done => {}
        refused => {
            let fault = refusal(refused, staff.words)?;
            return show(&desk, &staff, &story, Sent::reply(thread, written.text), fault).await;
        }
    }
    Ok(back(id.0))
}

/// `POST /desk/articles/{number}/comments/{key}/resolution`: resolves a thread, or reopens it.
pub(crate) async fn resolve(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    ThreadOf(story, thread): ThreadOf,
    StaffForm(form): StaffForm<ResolutionForm>,
) -> Handled {
    let (id, is_resolved) = (story.entry.id, form.action != "reopen");
    // Somebody else may have done it already: the page shows how it is.
    desk.store.resolve_thread(id, thread, is_resolved, desk.attribution(&staff)).await?;
    Ok(back(id.0))
}

/// Why a comment was not written, for its form.
fn refusal(written: CommentWritten, words: DeskWords) -> Result<String, DeskError> {
    match written {
        CommentWritten::Done | CommentWritten::Gone => Err(Notice::NoArticle.into()),
        CommentWritten::MayNotOpen { name } => {
            Ok(words.fill("fault_comment_mention", &[("name", &name)]))
        }
        CommentWritten::TooMany { most } => {
            Ok(words.fill("fault_comment_many", &[("number", &words.number(most))]))
        }
    }
}

fn back(number: u32) -> Response {
    see_other(&format!("/desk/articles/{number}/comments"))
}

/// Extracts the story and the thread whose numbers are in the address, if the member of the staff may edit the story.
pub(crate) struct ThreadOf(Story, ThreadNumber);

impl axum::extract::FromRequestParts<Arc<DeskState>> for ThreadOf {
    type Rejection = DeskError;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        desk: &Arc<DeskState>,
    ) -> Result<Self, DeskError> {
        let staff = CurrentStaff::from_request_parts(parts, desk).await?;
        let numbers = Path::<(u32, u32)>::from_request_parts(parts, desk).await;
        let Path((number, thread)) = numbers.map_err(|_| Notice::NoArticle)?;
        let story = find_story(desk, &staff, masthead_access::ArticleId(number)).await?;
        Ok(Self(story, ThreadNumber(thread)))
    }
}

/// The comment that was sent.
///
/// # Errors
///
/// Its text, and what to correct.
fn accepted(form: CommentForm, words: DeskWords) -> Result<NewComment, (String, String)> {
    let text = form.text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err((text, words.text("fault_comment_empty").to_owned()));
    }
    if text.chars().count() > MAX_COMMENT {
        let fault =
            words.fill("fault_comment_long", &[("number", &words.number(MAX_COMMENT as u64))]);
        return Err((text, fault));
    }
    let is_named = !form.request.is_empty() && form.request.len() <= MAX_REQUEST;
    let request = if is_named { form.request } else { token() };
    Ok(NewComment { request, text })
}

fn token() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    sent: Sent,
    fault: String,
) -> Handled {
    let everybody = desk.store.all_staff().await?;
    let threads = desk.store.comment_threads(story.entry.id).await?;
    let (zone, words) = (desk.publication().zone, staff.words);
    let body = story.draft.body.clone();
    let placed = move || placed(threads, &body);
    let placed = desk.media.work_on_text(staff.work_owner(), placed).await;
    let placed = placed.map_err(|error| DeskError::failed("comments: find passages", error))?;
    let in_words = InWords { everybody: &everybody, zone: &zone, words };
    let (mut resolved, mut open): (Vec<_>, Vec<_>) =
        placed.into_iter().partition(|(_, thread)| thread.resolved.is_some());
    // Passages in the order of the text, after what is about all of it.
    open.sort_by_key(|(place, _)| *place);
    resolved.sort_by_key(|(_, thread)| std::cmp::Reverse(thread.resolved));
    let rows = |threads: Vec<PlacedThread>| {
        threads.into_iter().map(|(place, thread)| in_words.thread(thread, place)).collect()
    };
    let page = CommentsPage {
        number: story.entry.id.0,
        headline: story.draft.headline.clone(),
        open: rows(open),
        resolved: rows(resolved),
        request: token(),
        people: people(desk, story).await?,
        sent,
        fault,
    };
    Ok(desk.page(staff, &page))
}

/// A thread, and where its passage begins in the text.
type PlacedThread = (Option<usize>, CommentThread);

/// Finds the passages in the text of an article.
fn placed(threads: Vec<CommentThread>, body: &str) -> Vec<PlacedThread> {
    let mut text = PassageText::new(&text::plain(body));
    threads.into_iter().map(|thread| (text.find(&thread.passage), thread)).collect()
}

/// What threads need to be written in words.
struct InWords<'a> {
    everybody: &'a [(Staff, Account)],
    zone: &'a TimeZone,
    words: DeskWords,
}

impl InWords<'_> {
    fn thread(&self, thread: CommentThread, place: Option<usize>) -> ThreadRow {
        let resolved = thread.resolved.map(|at| {
            let name = colleague_or_former(self.everybody, thread.resolved_by, self.words);
            let time = self.words.date_time(at, self.zone);
            self.words.fill("comments_resolved_by", &[("name", &name), ("time", &time)])
        });
        let is_changed = !thread.passage.is_whole() && place.is_none();
        ThreadRow {
            number: thread.number.0,
            is_changed,
            quote: thread.passage.quote,
            comments: thread.comments.into_iter().map(|comment| self.comment(comment)).collect(),
            resolved: resolved.unwrap_or_default(),
            request: token(),
        }
    }

    fn comment(&self, comment: Comment) -> CommentRow {
        CommentRow {
            by: colleague_or_former(self.everybody, comment.by, self.words),
            at: self.words.date_time(comment.at, self.zone),
            text: comment.text,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for CommentsPage {
        fn samples() -> Vec<Self> {
            let thread = || ThreadRow {
                quote: "the bridge".into(),
                is_changed: true,
                comments: vec![CommentRow::default()],
                ..ThreadRow::default()
            };
            let full = Self {
                headline: "The bridge".into(),
                open: vec![thread(), ThreadRow::default()],
                resolved: vec![ThreadRow { resolved: "Ada resolved this".into(), ..thread() }],
                people: vec!["Ada".into()],
                sent: Sent::article("Too long".into()),
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<CommentsPage>();
    }
}
