//! What is done with a story besides writing it: sent to an editor, given back, put on the spike.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use masthead_access::ArticleId;
use masthead_editorial::{Status, draft::WorkflowState};
use masthead_store::{Story, StoryChange, Written};
use masthead_web::form::see_other;
use serde::Deserialize;

use super::{Held, address, editor};
use crate::{
    Desk,
    auth::{Inside, Insider},
    form::Filled,
};

/// What a button sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    /// The version that was on the page.
    version: i64,
}

enum Deed {
    Send,
    Return,
    Spike,
    TakeUp,
    Discard,
}

/// Asks an editor to look at it.
pub(crate) async fn send(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    act(&desk, &insider, &story, Deed::Send, &sent).await
}

/// Gives it back to whoever writes it.
pub(crate) async fn give_back(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    act(&desk, &insider, &story, Deed::Return, &sent).await
}

/// Puts it on the spike.
pub(crate) async fn spike(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    act(&desk, &insider, &story, Deed::Spike, &sent).await
}

/// Takes it from the spike.
pub(crate) async fn take_up(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    act(&desk, &insider, &story, Deed::TakeUp, &sent).await
}

/// Forgets what readers do not have.
pub(crate) async fn discard(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Filled(sent): Filled<Sent>,
) -> Response {
    act(&desk, &insider, &story, Deed::Discard, &sent).await
}

async fn act(desk: &Desk, insider: &Insider, story: &Story, deed: Deed, sent: &Sent) -> Response {
    let (id, by, now) = (story.line.id, insider.account.id, desk.now());
    let (work, change) = match deed {
        Deed::Send => (WorkflowState::Review, StoryChange::Sent),
        Deed::Return | Deed::TakeUp => (WorkflowState::Writing, StoryChange::Returned),
        // What readers have, or had, is withdrawn and not spiked.
        Deed::Spike if story.line.status != Status::Draft => {
            return see_other(&address(id), &[]);
        }
        Deed::Spike => (WorkflowState::Spiked, StoryChange::Spiked),
        Deed::Discard => {
            let is_open =
                story.line.status != Status::Draft && story.line.work != WorkflowState::None;
            if !is_open {
                return see_other(&address(id), &[]);
            }
            let written = desk.on.store.discard_draft(id, sent.version, (by, now)).await;
            return answer(desk, insider, id, written).await;
        }
    };
    let written = desk.on.store.set_work(id, sent.version, work, (change, by, now)).await;
    answer(desk, insider, id, written).await
}

/// Back to the story; with a word where somebody has written since.
pub(super) async fn answer(
    desk: &Desk,
    insider: &Insider,
    id: ArticleId,
    written: Result<Written, masthead_store::StoreError>,
) -> Response {
    match written {
        Ok(Written::Done(_)) => see_other(&address(id), &[]),
        Ok(Written::Behind) => {
            let fault = "Somebody has written since this page was made, and nothing was done. This is what \
                         stands now: look at it, and decide again.";
            editor::show(desk, insider, id, fault).await
        }
        Err(error) => desk.failed(&error),
    }
}
