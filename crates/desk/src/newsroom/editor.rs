//! `/desk/articles/{number}`: the page on which a story is written.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use masthead_access::{ArticleId, message::TextDirection};
use masthead_circulation::staff::Permission;
use masthead_editorial::{
    Section, Status,
    draft::{Draft, WorkflowState},
    passage::Passage,
};
use masthead_store::{CommentThread, ReadNotifications, StoreError, Story, Written};
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use super::{
    assignment::AssignmentFields,
    comments::people,
    review::ReviewFields,
    skeleton::ArticleTemplate,
    story::{EditableStory, find_story, status_in_words, story_address},
    story_form::StoryForm,
};
use crate::{
    error::Handled,
    form::{Fields, form_status},
    http::see_other,
    in_force::pairs,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

#[derive(Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a template asks for each")]
struct EditorPage {
    /// 0 for a new article, which has no number yet.
    number: u32,
    version: i64,
    /// Names the page of a new article; empty otherwise.
    begun: String,
    form: StoryForm,
    /// The templates that a new article can begin with: name and label. Empty for others.
    templates: Vec<(&'static str, &'static str)>,
    /// The status in words.
    summary: String,
    /// When it was saved, on the publication's clock; empty if it never was.
    saved: String,
    /// The language of the article, or else of the publication, for its quotation marks.
    language: String,
    /// The direction of that language: `ltr` or `rtl`.
    language_direction: &'static str,
    /// The address of the publication, without a slash at the end.
    site: String,
    /// The address at which readers have it; empty if they do not.
    on_site: String,
    /// Whether readers get it later.
    is_scheduled: bool,
    /// Whether nothing was written, so that it can be deleted.
    is_blank: bool,
    is_archived: bool,
    /// Slug and name.
    sections: Vec<(String, String)>,
    /// Authors and topics that were used before.
    authors: Vec<String>,
    topics: Vec<String>,
    /// Slug and name.
    products: Vec<(String, String)>,
    may_edit: bool,
    /// Who it is assigned to.
    assignment: AssignmentFields,
    review: ReviewFields,
    /// The number of open threads of comments in words; empty if there are none.
    comments: String,
    /// The names of those who may be mentioned in comments.
    people: Vec<String>,
    /// The passages that have open comments.
    passages: Vec<PassageRow>,
    /// The name of the state of the work, and of what readers have.
    work: &'static str,
    status: &'static str,
    fault: String,
    /// The name of what was done before; empty for nothing.
    told: &'static str,
}

/// A passage that has open comments.
#[derive(Default, Serialize)]
struct PassageRow {
    /// The number of the thread.
    thread: u32,
    quote: String,
    prefix: String,
    suffix: String,
}

impl PassageRow {
    /// The passages of threads that are open.
    fn all(threads: Vec<CommentThread>) -> Vec<Self> {
        let is_marked =
            |thread: &CommentThread| thread.resolved.is_none() && !thread.passage.is_whole();
        let row = |thread: CommentThread| {
            let Passage { quote, prefix, suffix } = thread.passage;
            Self { thread: thread.number.0, quote, prefix, suffix }
        };
        threads.into_iter().filter(is_marked).map(row).collect()
    }
}

impl Page for EditorPage {
    const TEMPLATE: &'static str = "article.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/articles/{number}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    mut staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Query(query): Query<EditorQuery>,
) -> Handled {
    mark_read(&desk, &mut staff, story.entry.id).await?;
    let notice = EditorNotice::VARIANTS.iter().copied().find(|known| known.name() == query.told);
    render(&desk, &staff, story, "", notice.map_or(Sent::Nothing, Sent::Done)).await
}

#[derive(Deserialize)]
pub(crate) struct EditorQuery {
    /// What was done; empty for nothing.
    #[serde(default)]
    told: String,
}

/// What was done with an article by a form that leads back to its page, which says so.
#[derive(Clone, Copy, Debug, strum_macros::IntoStaticStr, strum_macros::VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum EditorNotice {
    Assigned,
    Published,
    Scheduled,
}

impl EditorNotice {
    /// The word in the address of the page.
    fn name(self) -> &'static str {
        self.into()
    }

    /// The address of the page that says it.
    pub fn address(self, id: ArticleId) -> String {
        format!("{}?told={}", story_address(id), self.name())
    }
}

/// Marks what somebody was told of an article as read, because they open it.
pub(super) async fn mark_read(
    desk: &DeskState,
    staff: &mut CurrentStaff,
    id: ArticleId,
) -> Result<(), StoreError> {
    if staff.unread > 0 {
        let (account, these) = (staff.account.id, ReadNotifications::OfArticle(id));
        let marked = desk.store.mark_notifications_read(account, these, desk.now()).await?;
        staff.unread = staff.unread.saturating_sub(marked);
    }
    Ok(())
}

/// The page as the story is now, with what was wrong with what was sent.
pub(super) async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
    fault: &str,
) -> Handled {
    render(desk, staff, find_story(desk, staff, id).await?, fault, Sent::Nothing).await
}

/// What was sent from the page and not accepted.
#[derive(Clone, Copy)]
enum Sent<'a> {
    Nothing,
    /// It was accepted.
    Done(EditorNotice),
    Assignment(&'a Fields),
    /// The reason to return it.
    Reason(&'a str),
}

/// The same with the reason to return it that was sent and not accepted.
pub(super) async fn show_return(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
    fault: &str,
    reason: &str,
) -> Handled {
    let story = find_story(desk, staff, id).await?;
    render(desk, staff, story, fault, Sent::Reason(reason)).await
}

/// The same with the assignment that was sent and not accepted.
pub(super) async fn show_assignment(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
    fault: &str,
    sent: &Fields,
) -> Handled {
    render(desk, staff, find_story(desk, staff, id).await?, fault, Sent::Assignment(sent)).await
}

/// Redirects to the story after a change. If somebody else has written meanwhile, shows what there is now.
pub(super) async fn after_change(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
    written: Written,
) -> Handled {
    match written {
        Written::Done(_) => Ok(see_other(&story_address(id))),
        Written::Behind => show(desk, staff, id, staff.words.text("fault_behind")).await,
        Written::Embargoed { scheduled } => {
            show(desk, staff, id, &embargo_fault(desk, staff.words, scheduled)).await
        }
    }
}

/// What to do about an embargo that ends after the time for which a story is scheduled.
pub(super) fn embargo_fault(desk: &DeskState, words: DeskWords, scheduled: Timestamp) -> String {
    let time = words.date_time(scheduled, &desk.publication().zone);
    words.fill("fault_embargo_scheduled", &[("time", &time)])
}

/// The page of an article that nobody has begun.
pub(super) fn blank(
    desk: &DeskState,
    staff: &CurrentStaff,
    draft: &Draft,
    begun: String,
) -> Response {
    let form = StoryForm::of(draft, &desk.publication().zone);
    let templates = ArticleTemplate::ALL.map(|known| (known.name(), known.label(staff.words)));
    let new = EditorPage {
        templates: templates.into(),
        begun,
        form,
        work: WorkflowState::Writing.name(),
        status: Status::Draft.name(),
        summary: staff.words.text("article_new").to_owned(),
        ..EditorPage::default()
    };
    desk.page(staff, &with_choices(desk, staff, (None, None), new))
}

async fn render(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: Story,
    fault: &str,
    sent: Sent<'_>,
) -> Handled {
    let everybody = desk.store.all_staff().await?;
    let people = people(desk, &story).await?;
    let threads = desk.store.comment_threads(story.entry.id).await?;
    let open = threads.iter().filter(|thread| thread.resolved.is_none()).count();
    let (now, zone) = (desk.now(), desk.publication().zone);
    let (entry, words) = (&story.entry, staff.words);
    let assignment = AssignmentFields::of(entry, &everybody, &zone, words);
    let assignment = match sent {
        Sent::Assignment(sent) => assignment.with_sent(sent, staff.may(Permission::Edit)),
        Sent::Nothing | Sent::Done(_) | Sent::Reason(_) => assignment,
    };
    let review = ReviewFields::of(entry, &everybody, &zone, staff);
    let review = match sent {
        Sent::Reason(reason) => review.with_reason(reason),
        Sent::Nothing | Sent::Done(_) | Sent::Assignment(_) => review,
    };
    let told = match sent {
        Sent::Done(notice) => notice.name(),
        Sent::Nothing | Sent::Assignment(_) | Sent::Reason(_) => "",
    };
    let is_published = entry.status == Status::Published;
    let is_out = is_published && entry.published.is_some_and(|at| at <= now);
    let own = (story.piece.section.as_ref(), story.piece.language.as_deref());
    let page = EditorPage {
        number: entry.id.0,
        version: entry.version,
        form: StoryForm::of(&story.draft, &zone),
        summary: status_in_words(entry, now, &zone, words),
        saved: entry.saved.map(|saved| words.short_time(saved.at, now, &zone)).unwrap_or_default(),
        on_site: if is_out { story.piece.address() } else { String::new() },
        is_scheduled: is_published && !is_out,
        is_blank: entry.status == Status::Draft && story.draft.is_blank(),
        is_archived: entry.work == WorkflowState::Archived,
        work: entry.work.name(),
        status: entry.status.name(),
        assignment,
        review,
        comments: if open == 0 { String::new() } else { words.count("comments_open", open) },
        passages: PassageRow::all(threads),
        people,
        fault: fault.to_owned(),
        told,
        ..EditorPage::default()
    };
    Ok(desk.page(staff, &with_choices(desk, staff, own, page)))
}

/// The page with what its fields offer. `own` are the section and the language (BCP 47) that the article has.
fn with_choices(
    desk: &DeskState,
    staff: &CurrentStaff,
    (own, language): (Option<&Section>, Option<&str>),
    page: EditorPage,
) -> EditorPage {
    let snapshot = desk.snapshot();
    let language = language.map_or_else(|| desk.settings().locale.tag().to_owned(), str::to_owned);
    EditorPage {
        language_direction: TextDirection::of_tag(&language).name(),
        language,
        site: desk.publication().address.clone(),
        sections: sections(desk, staff.words, own),
        authors: snapshot.author_names(),
        topics: snapshot.topics().into_iter().map(|topic| topic.name).collect(),
        products: pairs(snapshot.products()),
        may_edit: staff.may(Permission::Edit),
        ..page
    }
}

/// The sections to choose from, and the story's own if it is no longer one of them.
fn sections(desk: &DeskState, words: DeskWords, own: Option<&Section>) -> Vec<(String, String)> {
    let pair = |section: Section| (section.slug, section.name);
    let mut sections: Vec<(String, String)> =
        desk.snapshot().sections().into_iter().map(pair).collect();
    let gone = own.filter(|gone| sections.iter().all(|section| section.0 != gone.slug));
    if let Some(Section { slug, name }) = gone {
        sections.push((slug.clone(), words.fill("section_gone", &[("name", name)])));
    }
    sections
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for EditorPage {
        fn samples() -> Vec<Self> {
            let states = [
                ("none", "draft"),
                ("review", "draft"),
                ("archived", "draft"),
                ("review", "published"),
            ];
            let samples = states.into_iter().flat_map(|(work, status)| {
                [false, true].map(|may_edit| Self {
                    number: 1,
                    form: StoryForm { kind: "poem".into(), ..StoryForm::default() },
                    on_site: "/town/bridge".into(),
                    sections: vec![("town".into(), "Town".into())],
                    products: vec![("gold".into(), "Gold".into())],
                    authors: vec!["Ada".into()],
                    topics: vec!["Tides".into()],
                    may_edit,
                    assignment: AssignmentFields::sample(),
                    review: ReviewFields::sample(work == "review", may_edit),
                    is_archived: work == "archived",
                    work,
                    status,
                    ..Self::default()
                })
            });
            let of = |status| Self { number: 1, status, may_edit: true, ..Self::default() };
            let withdrawn = of("withdrawn");
            let blank = Self { is_blank: true, ..of("draft") };
            let scheduled = Self { is_scheduled: true, told: "scheduled", ..of("published") };
            let published =
                Self { told: "published", on_site: "/town/bridge".into(), ..of("published") };
            let assigned = Self { told: "assigned", ..of("draft") };
            let new = Self { templates: vec![("news", "News")], ..Self::default() };
            let wrong = Self {
                comments: "1 open comment".into(),
                people: vec!["Ada".into()],
                passages: vec![PassageRow::default()],
                fault: "Wrong".into(),
                ..Self::default()
            };
            samples.chain([withdrawn, blank, scheduled, published, assigned, new, wrong]).collect()
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<EditorPage>();
    }
}
