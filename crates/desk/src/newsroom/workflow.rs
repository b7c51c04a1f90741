//! What is done with a story besides writing it: submitting it for review, archiving and restoring it,
//! deleting an empty one.

use std::sync::Arc;

use axum::{
    extract::State,
    routing::{MethodRouter, post},
};
use masthead_editorial::{Status, draft::WorkflowState};
use masthead_store::{Deleted, Story, StoryChange, Written};
use serde::Deserialize;

use super::{
    editor::{after_change, show},
    story::{EditableStory, story_address},
};
use crate::{
    error::Handled, form::StaffForm, http::see_other, staff::CurrentStaff, state::DeskState,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WorkflowForm {
    /// The version that was on the page.
    pub version: i64,
}

/// What moves a story to another workflow state.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WorkflowAction {
    /// Asks an editor to review it.
    Send,
    /// Archives it. What readers have, or had, is withdrawn and not archived.
    Archive,
    /// Takes it out of the archive.
    Restore,
}

impl WorkflowAction {
    /// The state that it leads to, and the change in the list of revisions.
    fn result(self) -> (WorkflowState, StoryChange) {
        match self {
            Self::Send => (WorkflowState::Review, StoryChange::Sent),
            Self::Restore => (WorkflowState::Writing, StoryChange::Returned),
            Self::Archive => (WorkflowState::Archived, StoryChange::Archived),
        }
    }
}

/// The handler of an action: `POST` to `/desk/articles/{number}/review`, `archive` or `restore`.
pub(crate) fn handler(action: WorkflowAction) -> MethodRouter<Arc<DeskState>> {
    post(
        async move |State(desk): State<Arc<DeskState>>,
                    staff: CurrentStaff,
                    EditableStory(story): EditableStory,
                    StaffForm(form): StaffForm<WorkflowForm>| {
            change(&desk, &staff, &story, form.version, action).await
        },
    )
}

async fn change(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    version: i64,
    action: WorkflowAction,
) -> Handled {
    let id = story.entry.id;
    if matches!(action, WorkflowAction::Archive) && story.entry.status != Status::Draft {
        return Ok(see_other(&story_address(id)));
    }
    if matches!(action, WorkflowAction::Send) && story.draft.is_blank() {
        return show(desk, staff, id, staff.words.text("fault_blank")).await;
    }
    let (state, change) = action.result();
    let attribution = desk.attribution(staff);
    let written = desk.store.set_work(id, version, state, change, attribution).await?;
    after_change(desk, staff, id, written).await
}

/// `POST /desk/articles/{number}/deletion`: deletes a draft in which nothing was written.
pub(crate) async fn delete(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    let (id, attribution) = (story.entry.id, desk.attribution(&staff));
    match desk.store.delete_blank_story(id, form.version, attribution).await? {
        Deleted::Done => Ok(see_other("/desk/articles")),
        Deleted::Behind => after_change(&desk, &staff, id, Written::Behind).await,
        Deleted::NotBlank => show(&desk, &staff, id, staff.words.text("fault_not_blank")).await,
    }
}

/// `POST /desk/articles/{number}/discard`: discards the changes that readers do not have.
pub(crate) async fn discard(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    let id = story.entry.id;
    if story.entry.status == Status::Draft || story.entry.work == WorkflowState::None {
        return Ok(see_other(&story_address(id)));
    }
    let attribution = desk.attribution(&staff);
    let written = desk.store.discard_draft(id, form.version, attribution).await?;
    after_change(&desk, &staff, id, written).await
}
