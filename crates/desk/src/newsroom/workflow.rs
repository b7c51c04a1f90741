//! What is done with a story besides writing it: sending it to an editor, returning it, spiking it.

use std::sync::Arc;

use axum::extract::State;
use masthead_editorial::{Status, draft::WorkflowState};
use masthead_store::{Story, StoryChange};
use serde::Deserialize;

use super::{
    editor::after_change,
    story::{EditableStory, story_address},
};
use crate::{
    error::Handled, form::StaffForm, http::see_other, staff::CurrentStaff, state::DeskState,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WorkflowForm {
    /// The version that was on the page.
    version: i64,
}

/// `POST /desk/articles/{number}/review`: asks an editor to look at it.
pub(crate) async fn send(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    set_work(&desk, &staff, &story, form, (WorkflowState::Review, StoryChange::Sent)).await
}

/// `POST /desk/articles/{number}/return`: returns it to its authors.
pub(crate) async fn give_back(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    set_work(&desk, &staff, &story, form, (WorkflowState::Writing, StoryChange::Returned)).await
}

/// `POST /desk/articles/{number}/spike`. What readers have, or had, is withdrawn and not spiked.
pub(crate) async fn spike(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    if story.line.status != Status::Draft {
        return Ok(see_other(&story_address(story.line.id)));
    }
    set_work(&desk, &staff, &story, form, (WorkflowState::Spiked, StoryChange::Spiked)).await
}

/// `POST /desk/articles/{number}/resumption`: takes it off the spike.
pub(crate) async fn resume(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    set_work(&desk, &staff, &story, form, (WorkflowState::Writing, StoryChange::Returned)).await
}

/// `POST /desk/articles/{number}/discard`: discards the changes that readers do not have.
pub(crate) async fn discard(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(form): StaffForm<WorkflowForm>,
) -> Handled {
    let id = story.line.id;
    if story.line.status == Status::Draft || story.line.work == WorkflowState::None {
        return Ok(see_other(&story_address(id)));
    }
    let when = (staff.account.id, desk.now());
    let written = desk.store.discard_draft(id, form.version, when).await?;
    after_change(&desk, &staff, id, written).await
}

async fn set_work(
    desk: &DeskState,
    staff: &CurrentStaff,
    story: &Story,
    WorkflowForm { version }: WorkflowForm,
    (work, change): (WorkflowState, StoryChange),
) -> Handled {
    let (id, by) = (story.line.id, staff.account.id);
    let written = desk.store.set_work(id, version, work, (change, by, desk.now())).await?;
    after_change(desk, staff, id, written).await
}
