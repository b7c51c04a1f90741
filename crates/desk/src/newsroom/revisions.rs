//! `/desk/articles/{number}/revisions`: earlier versions of a story, to compare and to restore.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_circulation::{Account, staff::Staff};
use masthead_editorial::{draft::Draft, text};
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
    format::{colleague_or_former, date_time},
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
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
    let parts = match &compared {
        Some(revision) => compare(&desk, &revision.draft, &story.draft).await?,
        None => Vec::new(),
    };
    let zone = desk.publication().zone;
    let row = |revision: &Revision| RevisionRow {
        id: revision.number.0,
        at: date_time(revision.at, &zone),
        what: in_words(revision, &everybody),
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
    old: &Draft,
    new: &Draft,
) -> Result<Vec<(&'static str, Vec<DiffParagraph>)>, DeskError> {
    let (old, new) = (old.clone(), new.clone());
    let compared = desk.media.work_on_text(move || differences(&old, &new)).await;
    compared.map_err(|error| DeskError::failed("revisions: compare", error))
}

/// The parts of a story that differ, as `old` becomes `new`.
fn differences(old: &Draft, new: &Draft) -> Vec<(&'static str, Vec<DiffParagraph>)> {
    let picture = |draft: &Draft| {
        let picture = draft.picture.clone().unwrap_or_default();
        [picture.src, picture.alt, picture.caption, picture.credit].join("\n").trim().to_owned()
    };
    let parts = [
        ("Headline", old.headline.clone(), new.headline.clone()),
        ("Kicker", old.kicker.clone(), new.kicker.clone()),
        ("Deck", old.deck.clone(), new.deck.clone()),
        ("Byline", old.authors.join(", "), new.authors.join(", ")),
        ("Dateline", old.dateline.clone(), new.dateline.clone()),
        ("Design", old.design.clone(), new.design.clone()),
        ("Section", old.section.clone(), new.section.clone()),
        ("Topics", old.topics.join(", "), new.topics.join(", ")),
        ("Lead picture", picture(old), picture(new)),
        ("Access", old.tier.clone(), new.tier.clone()),
        ("Sponsor", old.sponsor.clone(), new.sponsor.clone()),
        ("Disclosure", old.disclosure.clone(), new.disclosure.clone()),
        ("URL", old.slug.clone(), new.slug.clone()),
        ("Text", text::plain(&old.body), text::plain(&new.body)),
    ];
    let changed = parts.into_iter().filter(|(_, old, new)| old != new);
    changed.map(|(name, old, new)| (name, diff_paragraphs(&old, &new))).collect()
}

/// Who made a revision, and how.
fn in_words(revision: &Revision, everybody: &[(Staff, Account)]) -> String {
    let by = revision.by.map(|by| colleague_or_former(everybody, by));
    let by = by.as_deref().unwrap_or("The command line");
    match revision.change {
        StoryChange::Saved => format!("{by} edited"),
        StoryChange::Aside => format!("{by} edited, and it was kept aside"),
        StoryChange::Sent => format!("{by} submitted it for review"),
        StoryChange::Returned => format!("{by} returned it to the author"),
        StoryChange::Restored => format!("{by} restored an earlier version"),
        StoryChange::Published => format!("{by} published it"),
        StoryChange::Corrected => format!("{by} published changes"),
        StoryChange::Scheduled => format!("{by} scheduled it"),
        StoryChange::Withdrawn => format!("{by} unpublished it"),
        StoryChange::Spiked => format!("{by} archived it"),
    }
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
