//! Saving what is written while it is written, and telling those who have a story open about each other.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest, Query, Request, State},
    response::IntoResponse,
};
use http::StatusCode;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{
    clean::FindPicture,
    draft::{Draft, WorkflowState},
};
use masthead_store::{StoreError, Story, StoryEntry, Written};
use masthead_web::form::read_within;
use serde::{Deserialize, Serialize};

use super::{
    editor,
    local_time::LocalTimeError,
    story::{EditableStory, find_story, status_in_words, story_address},
    story_form::{STORY_LIMITS, StoryForm},
};
use crate::{
    error::{DeskError, Handled},
    format::colleague,
    http::{see_other, wants_json},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The form of a story with what it needs to be saved.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SaveForm {
    /// The version that its writer has seen.
    pub version: String,
    /// `yes` to keep it as a revision beside the story instead of in its place.
    pub aside: String,
    /// Names the page of a new article, so that it is begun once.
    pub begun: String,
    #[serde(flatten)]
    pub form: StoryForm,
}

/// A save, and whether the editor's script sends it rather than the page's form.
pub(crate) struct Save {
    pub(super) form: SaveForm,
    pub(super) by_script: bool,
}

impl FromRequest<Arc<DeskState>> for Save {
    type Rejection = DeskError;

    async fn from_request(request: Request, _: &Arc<DeskState>) -> Result<Self, DeskError> {
        let by_script = wants_json(request.headers());
        let form = read_within(request, STORY_LIMITS).await?;
        Ok(Self { form, by_script })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct LatestQuery {
    version: i64,
}

/// The response to the editor's script.
#[derive(Default, Serialize)]
pub(super) struct EditorUpdate {
    pub version: i64,
    /// When it was saved, on the publication's clock.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub saved: String,
    /// The status in words, after a save.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The number of the story; 0 if the page knows it.
    #[serde(skip_serializing_if = "is_zero")]
    pub number: u32,
    /// What to correct, if something was not saved.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fault: String,
    /// Who else has the story open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The story as it is now, if somebody has written since.
    #[serde(rename = "sheet", skip_serializing_if = "Option::is_none")]
    pub form: Option<StoryForm>,
    /// Who has.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// `POST /desk/articles/{number}`
pub(crate) async fn save(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Save { form, by_script }: Save,
) -> Handled {
    save_story(&desk, &staff, story, form, by_script).await
}

/// The cleaned draft of a form, and what to correct if its embargo is not a time. If pictures cannot be looked up, nothing
/// is saved: they would be removed from the text.
pub(super) async fn clean(
    desk: &DeskState,
    form: &StoryForm,
    staff: &CurrentStaff,
) -> Result<(Draft, Option<String>), DeskError> {
    let (zone, sent, words) = (desk.publication().zone, form.clone(), staff.words);
    let in_zone = zone.clone();
    let draft = move |find: &FindPicture<'_>| sent.clone().draft(&in_zone, find);
    let drafted = desk.media.with_pictures(staff.work_owner(), draft).await;
    let (draft, fault) =
        drafted.map_err(|error| DeskError::failed("autosave: clean draft", error))?;
    let in_words = |(error, text): (LocalTimeError, String)| {
        words.fill("fault_embargo", &[("why", &error.in_words(&text, &zone, words))])
    };
    Ok((draft, fault.map(in_words)))
}

/// Saves what was sent in place of the draft of a story, or beside it.
pub(super) async fn save_story(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: Story,
    form: SaveForm,
    by_script: bool,
) -> Handled {
    let (mut draft, fault) = clean(desk, &form.form, staff).await?;
    if fault.is_some() {
        // A time that cannot be read does not end the embargo that is set.
        draft.embargo = story.draft.embargo;
    }
    let mut fault = fault.unwrap_or_default();
    let written = write(desk, staff, &story, &form, &mut draft, &mut fault).await?;
    let id = story.entry.id;
    match written {
        Written::Done(version) if by_script => {
            let is_aside = form.aside == "yes";
            let update = saved_update(desk, story.entry, &draft, (version, is_aside), staff.words);
            Ok(Json(EditorUpdate { fault, number: id.0, ..update }).into_response())
        }
        Written::Done(_) if fault.is_empty() => Ok(see_other(&story_address(id))),
        Written::Done(_) | Written::Embargoed { .. } => editor::show(desk, staff, id, &fault).await,
        Written::Behind if by_script => {
            let story = find_story(desk, staff, id).await?;
            let update = update(desk, &story, 0, &[]).await?;
            let update = EditorUpdate { number: id.0, ..update };
            Ok((StatusCode::CONFLICT, Json(update)).into_response())
        }
        Written::Behind => keep_conflict(desk, staff, id, &draft).await,
    }
}

/// Writes a draft. An embargo that the schedule does not allow is not kept, and `fault` then says so.
async fn write(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    form: &SaveForm,
    draft: &mut Draft,
    fault: &mut String,
) -> Result<Written, StoreError> {
    let (id, attribution) = (story.entry.id, desk.attribution(staff));
    let seen = form.version.parse().unwrap_or_default();
    if form.aside == "yes" {
        desk.store.save_conflict_copy(id, draft, attribution).await?;
        return Ok(Written::Done(story.entry.version));
    }
    if *draft == story.draft && seen == story.entry.version {
        return Ok(Written::Done(seen));
    }
    let written = desk.store.save_draft(id, seen, draft, attribution).await?;
    let Written::Embargoed { scheduled } = written else { return Ok(written) };
    *fault = editor::embargo_fault(desk, staff.words, scheduled);
    // The words are kept all the same, and so is the embargo that was set before.
    draft.embargo = story.draft.embargo;
    desk.store.save_draft(id, seen, draft, attribution).await
}

/// What the editor is told after a save: the version, when, and how the story is now.
fn saved_update(
    desk: &DeskState,
    before: StoryEntry,
    draft: &Draft,
    (version, is_aside): (i64, bool),
    words: DeskWords,
) -> EditorUpdate {
    let (now, zone) = (desk.now(), desk.publication().zone);
    let is_changed = !is_aside && version != before.version;
    let saved_at = match before.saved {
        Some(saved) if !is_changed => saved.at,
        _ => now,
    };
    // A story in review stays in review when it is saved.
    let work = match before.work {
        WorkflowState::Review => WorkflowState::Review,
        work if !is_changed => work,
        _ => WorkflowState::Writing,
    };
    let embargo = if is_aside { before.embargo } else { draft.embargo };
    let after = StoryEntry { work, embargo, ..before };
    EditorUpdate {
        version,
        saved: words.short_time(saved_at, now, &zone),
        summary: status_in_words(&after, now, &zone, words),
        ..EditorUpdate::default()
    }
}

/// Keeps what was sent without the script, which could have merged it, as a revision. A person then chooses.
async fn keep_conflict(
    desk: &DeskState,
    staff: &CurrentStaff,
    id: ArticleId,
    draft: &Draft,
) -> Handled {
    desk.store.save_conflict_copy(id, draft, desk.attribution(staff)).await?;
    editor::show(desk, staff, id, staff.words.text("fault_conflict")).await
}

/// `GET /desk/articles/{number}/latest`: who else has a story open, and what they have written since.
pub(crate) async fn latest(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Query(query): Query<LatestQuery>,
) -> Handled {
    let others = desk.store.touch_presence(story.entry.id, staff.account.id, desk.now()).await?;
    Ok(Json(update(&desk, &story, query.version, &others).await?).into_response())
}

async fn update(
    desk: &DeskState,
    story: &Story,
    seen: i64,
    others: &[AccountId],
) -> Result<EditorUpdate, StoreError> {
    let is_newer = story.entry.version > seen;
    // Most updates name nobody, and every open editor asks every few seconds.
    let everybody =
        if is_newer || !others.is_empty() { desk.store.all_staff().await? } else { Vec::new() };
    let by = story.entry.saved.and_then(|saved| colleague(&everybody, saved.by));
    Ok(EditorUpdate {
        version: story.entry.version,
        others: others.iter().filter_map(|other| colleague(&everybody, *other)).collect(),
        form: is_newer.then(|| StoryForm::of(&story.draft, &desk.publication().zone)),
        by: by.filter(|_| is_newer).unwrap_or_default(),
        ..EditorUpdate::default()
    })
}
