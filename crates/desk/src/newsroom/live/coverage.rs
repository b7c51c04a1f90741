//! `POST /desk/articles/{number}/live/coverage`: starting live coverage, and ending it.

use std::sync::Arc;

use axum::extract::State;
use masthead_store::CoverageChange;

use super::{author, live_address, page::show, refresh};
use crate::{
    error::Handled,
    form::{Fields, StaffForm},
    http::see_other,
    newsroom::story::EditableStory,
    staff::CurrentStaff,
    state::DeskState,
};

/// `POST /desk/articles/{number}/live/coverage`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    EditableStory(story): EditableStory,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let (id, author) = (story.entry.id, author(&desk, &staff));
    let changed = match fields.text("do").as_str() {
        "start" => desk.store.start_coverage(id, author).await?,
        "end" => desk.store.end_coverage(id, author).await?,
        _ => CoverageChange::Unchanged,
    };
    match changed {
        CoverageChange::Done | CoverageChange::Unchanged => {
            refresh(&desk).await;
            Ok(see_other(&live_address(id)))
        }
        CoverageChange::NotPublished => {
            let fault = staff.words.text("live_not_published");
            show(&desk, &staff, &story, &fields, fault).await
        }
    }
}
