//! `/desk/articles/{number}/revisions`: earlier versions of a story, to compare and to restore.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_circulation::{Account, staff::Staff};
use masthead_editorial::{Appearance, draft::Draft, text};
use masthead_store::{Revision, RevisionNumber, StoryChange};
use serde::{Deserialize, Serialize};

use super::{
    diff::{DiffParagraph, diff_paragraphs},
    editor::after_change,
    story::EditableStory,
};
use crate::{
    error::{DeskError, Handled},
    form::StaffForm,
    format::colleague_or_former,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// The maximum number of revisions in the list.
const MAX_REVISIONS: u64 = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RevisionsQuery {
    /// The revision to compare with the story.
    with: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RestoreForm {
    version: i64,
    revision: u32,
}

#[derive(Default, Serialize)]
struct RevisionsPage {
    number: u32,
    version: i64,
    headline: String,
    revisions: Vec<RevisionRow>,
    compared: Option<Comparison>,
}

impl Page for RevisionsPage {
    const TEMPLATE: &'static str = "revisions.html";
}

#[derive(Default, Serialize)]
struct RevisionRow {
    id: u32,
    at: String,
    what: String,
}

#[derive(Default, Serialize)]
struct Comparison {
    #[serde(flatten)]
    revision: RevisionRow,
    /// Each part that differs: its name and its words.
    parts: Vec<(&'static str, Vec<DiffParagraph>)>,
}

/// `GET /desk/articles/{number}/revisions`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Query(query): Query<RevisionsQuery>,
) -> Handled {
    let id = story.entry.id;
    let everybody = desk.store.all_staff().await?;
    let revisions = desk.store.revisions(id, MAX_REVISIONS).await?;
    let compared = match query.with.parse() {
        Ok(with) => desk.store.revision_of(id, RevisionNumber(with)).await?,
        Err(_) => None,
    };
    let (zone, words) = (desk.publication().zone, staff.words);
    let parts = match &compared {
        Some(revision) => compare(&desk, &staff, &revision.draft, &story.draft).await?,
        None => Vec::new(),
    };
    let row = |revision: &Revision| RevisionRow {
        id: revision.number.0,
        at: words.date_time(revision.at, &zone),
        what: in_words(revision, &everybody, words),
    };
    let page = RevisionsPage {
        number: id.0,
        version: story.entry.version,
        headline: story.draft.headline.clone(),
        revisions: revisions.iter().map(row).collect(),
        compared: compared.as_ref().map(|revision| Comparison { revision: row(revision), parts }),
    };
    Ok(desk.page(&staff, &page))
}

/// `POST /desk/articles/{number}/restoration`: puts an earlier revision in the place of the story, which becomes a
/// revision itself.
pub(crate) async fn restore(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<RestoreForm>,
) -> Handled {
    let id = story.entry.id;
    let earlier = desk
        .store
        .revision_of(id, RevisionNumber(form.revision))
        .await?
        .ok_or(Notice::NoArticle)?;
    let attribution = desk.attribution(&staff);
    let written = desk.store.restore(id, form.version, &earlier.draft, attribution).await?;
    after_change(&desk, &staff, id, written).await
}

/// Compares two drafts, which may be long, on a thread that serves no requests.
async fn compare(
    desk: &DeskState,
    staff: &CurrentStaff,
    old: &Draft,
    new: &Draft,
) -> Result<Vec<(&'static str, Vec<DiffParagraph>)>, DeskError> {
    let (old, new, words) = (old.clone(), new.clone(), staff.words);
    let differences = move || differences(&old, &new, words);
    let compared = desk.media.work_on_text(staff.work_owner(), differences).await;
    compared.map_err(|error| DeskError::failed("revisions: compare", error))
}

/// The parts of a story that differ, as `old` becomes `new`.
fn differences(
    old: &Draft,
    new: &Draft,
    words: DeskWords,
) -> Vec<(&'static str, Vec<DiffParagraph>)> {
    let picture = |draft: &Draft| {
        let picture = draft.picture.clone().unwrap_or_default();
        [picture.src, picture.alt, picture.caption, picture.credit].join("\n").trim().to_owned()
    };
    let parts = [
        ("headline", old.headline.clone(), new.headline.clone()),
        ("kicker", old.kicker.clone(), new.kicker.clone()),
        ("deck", old.deck.clone(), new.deck.clone()),
        ("byline", old.authors.join(", "), new.authors.join(", ")),
        ("dateline", old.dateline.clone(), new.dateline.clone()),
        ("design", old.design.clone(), new.design.clone()),
        ("section", old.section.clone(), new.section.clone()),
        ("topics", old.topics.join(", "), new.topics.join(", ")),
        ("lead_picture", picture(old), picture(new)),
        ("access", old.tier.clone(), new.tier.clone()),
        ("sponsor", old.sponsor.clone(), new.sponsor.clone()),
        ("disclosure", old.disclosure.clone(), new.disclosure.clone()),
        ("url", old.slug.clone(), new.slug.clone()),
        ("appearance_search", search_result(old, words), search_result(new, words)),
        ("appearance_social", shared_link(old), shared_link(new)),
        ("canonical", canonical(old), canonical(new)),
        ("article_text", text::plain(&old.body), text::plain(&new.body)),
    ];
    let changed = parts.into_iter().filter(|(_, old, new)| old != new);
    changed.map(|(name, old, new)| (words.text(name), diff_paragraphs(&old, &new))).collect()
}

/// How a draft appears in search results, in lines.
fn search_result(draft: &Draft, words: DeskWords) -> String {
    let Appearance { search_title, search_description, noindex, .. } = &draft.appearance;
    let listed = if *noindex { words.text("noindex_yes") } else { "" };
    [search_title.as_str(), search_description, listed].join("\n").trim().to_owned()
}

/// How a draft appears where its link is shared, in lines.
fn shared_link(draft: &Draft) -> String {
    let Appearance { social_title, social_description, social_picture, .. } = &draft.appearance;
    [social_title.as_str(), social_description, social_picture].join("\n").trim().to_owned()
}

fn canonical(draft: &Draft) -> String {
    draft.canonical.clone().unwrap_or_default()
}

/// Who made a revision, and how.
fn in_words(revision: &Revision, everybody: &[(Staff, Account)], words: DeskWords) -> String {
    let by = revision.by.map(|by| colleague_or_former(everybody, by, words));
    let by = by.as_deref().unwrap_or(words.text("revision_by_command"));
    let name = match revision.change {
        StoryChange::Saved => "revision_saved",
        StoryChange::Aside => "revision_aside",
        StoryChange::Sent => "revision_sent",
        StoryChange::Returned => "revision_returned",
        StoryChange::SubmissionWithdrawn => "revision_submission_withdrawn",
        StoryChange::Restored => "revision_restored",
        StoryChange::Published => "revision_published",
        StoryChange::Corrected => "revision_corrected",
        StoryChange::Scheduled => "revision_scheduled",
        StoryChange::Withdrawn => "revision_withdrawn",
        StoryChange::Imported => "revision_imported",
        StoryChange::Archived => "revision_archived",
    };
    words.fill(name, &[("name", &by)])
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for RevisionsPage {
        fn samples() -> Vec<Self> {
            let parts = vec![("Headline", diff_paragraphs("Old", "New"))];
            let full = Self {
                headline: "The bridge".into(),
                revisions: vec![RevisionRow::default()],
                compared: Some(Comparison { parts, ..Comparison::default() }),
                ..Self::default()
            };
            let same = Self { compared: Some(Comparison::default()), ..Self::default() };
            vec![Self::default(), same, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<RevisionsPage>();
    }
}
