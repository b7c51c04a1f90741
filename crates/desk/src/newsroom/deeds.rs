//! What is done with a story besides writing it: sent to an editor, given back, put on the spike.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::StatusCode;
use masthead_editorial::{Status, draft::Work};
use masthead_store::{StoryChange, Written};
use masthead_web::form;
use serde::Deserialize;

use super::{address, story};
use crate::{
    Desk,
    gate::{Inside, Insider},
    pages::Said,
};

/// What a button sends.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
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
    Path(number): Path<String>,
    request: Request,
) -> Response {
    act(&desk, &insider, &number, Deed::Send, request).await
}

/// Gives it back to whoever writes it.
pub(crate) async fn give_back(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    act(&desk, &insider, &number, Deed::Return, request).await
}

/// Puts it on the spike.
pub(crate) async fn spike(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    act(&desk, &insider, &number, Deed::Spike, request).await
}

/// Takes it from the spike.
pub(crate) async fn take_up(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    act(&desk, &insider, &number, Deed::TakeUp, request).await
}

/// Forgets what readers do not have.
pub(crate) async fn discard(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    act(&desk, &insider, &number, Deed::Discard, request).await
}

async fn act(
    desk: &Desk,
    insider: &Insider,
    number: &str,
    deed: Deed,
    request: Request,
) -> Response {
    let held = match desk.story(insider, number).await {
        Ok(held) => held,
        Err(answer) => return *answer,
    };
    let Ok(sent) = form::read_any::<Sent>(request).await else {
        return desk.say(StatusCode::BAD_REQUEST, Some(insider), &Said::UNREADABLE);
    };
    let (id, by, now) = (held.line.id, insider.account.id, desk.now());
    let (work, change) = match deed {
        Deed::Send => (Work::Review, StoryChange::Sent),
        Deed::Return | Deed::TakeUp => (Work::Writing, StoryChange::Returned),
        // What readers have, or had, is withdrawn and not spiked.
        Deed::Spike if held.line.status != Status::Draft => {
            return form::see(&address(id), &[]);
        }
        Deed::Spike => (Work::Spiked, StoryChange::Spiked),
        Deed::Discard => {
            let is_open = held.line.status != Status::Draft && held.line.work != Work::None;
            if !is_open {
                return form::see(&address(id), &[]);
            }
            let written = desk.on.store.discard_draft(id, sent.version, (by, now)).await;
            return answer(desk, insider, number, written).await;
        }
    };
    let written = desk.on.store.set_work(id, sent.version, work, (change, by, now)).await;
    answer(desk, insider, number, written).await
}

/// Back to the story; with a word where somebody has written since.
pub(super) async fn answer(
    desk: &Desk,
    insider: &Insider,
    number: &str,
    written: Result<Written, masthead_store::StoreError>,
) -> Response {
    match written {
        Ok(Written::Done(_)) => form::see(&format!("/desk/articles/{number}"), &[]),
        Ok(Written::Behind) => {
            let fault = "Somebody has written since this page was made, and nothing was done. This is what \
                         stands now: look at it, and decide again.";
            story::show(desk, insider, number, fault).await
        }
        Err(error) => desk.failed(&error),
    }
}
