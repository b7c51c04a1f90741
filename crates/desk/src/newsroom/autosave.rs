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
use masthead_editorial::draft::Draft;
use masthead_store::{StoreError, Story, Written};
use masthead_web::form::read_within;
use serde::{Deserialize, Serialize};

use super::{
    editor,
    story::{EditableStory, find_story, story_address},
    story_form::{STORY_LIMITS, StoryForm},
};
use crate::{
    error::{DeskError, Handled},
    format::colleague,
    http::{see_other, wants_json},
    staff::CurrentStaff,
    state::DeskState,
};

/// The form of a story with what it needs to be saved.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SaveForm {
    /// The version that its writer has seen.
    version: String,
    /// `yes` to keep it as a revision beside the story instead of in its place.
    aside: String,
    #[serde(flatten)]
    form: StoryForm,
}

/// A save, and whether the editor's script sends it rather than the page's form.
pub(crate) struct Save {
    form: SaveForm,
    by_script: bool,
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
struct EditorUpdate {
    version: i64,
    /// What to correct, if something was not saved.
    #[serde(skip_serializing_if = "String::is_empty")]
    fault: String,
    /// Who else has the story open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<String>,
    /// The story as it is now, if somebody has written since.
    #[serde(rename = "sheet", skip_serializing_if = "Option::is_none")]
    form: Option<StoryForm>,
    /// Who has.
    #[serde(skip_serializing_if = "String::is_empty")]
    by: String,
}

/// `POST /desk/articles/{number}`
pub(crate) async fn save(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    Save { form, by_script }: Save,
) -> Handled {
    let (zone, id) = (desk.publication().zone, story.entry.id);
    let seen = form.version.parse().unwrap_or_default();
    // If pictures cannot be looked up, nothing is saved: they would be removed from the text.
    let sent = form.form;
    let drafted = desk.media.with_pictures(move |find| sent.clone().draft(&zone, find)).await;
    let (mut draft, fault) =
        drafted.map_err(|error| DeskError::failed("autosave: clean draft", error))?;
    if fault.is_some() {
        // A time that cannot be read does not end the embargo that is set.
        draft.embargo = story.draft.embargo;
    }
    let mut fault = fault.unwrap_or_default();
    let attribution = desk.attribution(&staff);
    let mut written = if form.aside == "yes" {
        desk.store.save_conflict_copy(id, &draft, attribution).await?;
        Written::Done(story.entry.version)
    } else if draft == story.draft && seen == story.entry.version {
        Written::Done(seen)
    } else {
        desk.store.save_draft(id, seen, &draft, attribution).await?
    };
    if let Written::Embargoed { scheduled } = written {
        fault = editor::embargo_fault(&desk, scheduled);
        // The words are kept all the same, and so is the embargo that was set before.
        draft.embargo = story.draft.embargo;
        written = desk.store.save_draft(id, seen, &draft, attribution).await?;
    }
    match written {
        Written::Done(version) if by_script => {
            Ok(Json(EditorUpdate { version, fault, ..EditorUpdate::default() }).into_response())
        }
        Written::Done(_) if fault.is_empty() => Ok(see_other(&story_address(id))),
        Written::Done(_) | Written::Embargoed { .. } => {
            editor::show(&desk, &staff, id, &fault).await
        }
        Written::Behind if by_script => {
            let story = find_story(&desk, &staff, id).await?;
            let update = update(&desk, &story, 0, &[]).await?;
            Ok((StatusCode::CONFLICT, Json(update)).into_response())
        }
        Written::Behind => keep_conflict(&desk, &staff, id, &draft).await,
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
    let fault = "Somebody else has written since you began. This is what they wrote; yours is kept \
                 under Revisions, where you can compare the two.";
    editor::show(desk, staff, id, fault).await
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
        fault: String::new(),
        others: others.iter().filter_map(|other| colleague(&everybody, *other)).collect(),
        form: is_newer.then(|| StoryForm::of(&story.draft, &desk.publication().zone)),
        by: by.filter(|_| is_newer).unwrap_or_default(),
    })
}
