//! Keeping what is written, as it is written, and telling those who have a story open of each other.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_store::{StoreError, Story, Written};
use masthead_web::form;
use serde::{Deserialize, Serialize};

use super::{
    Held, address, editor,
    story_form::{LONGEST, Sheet},
};
use crate::{
    Desk,
    auth::{Inside, Insider},
    format::colleague,
    pages::{Said, wants_json},
};

/// What the form of a story sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    /// The version that its writer knew.
    version: String,
    /// `yes` where it is to be kept beside what stands, and not in its place.
    aside: String,
    #[serde(flatten)]
    sheet: Sheet,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    version: i64,
}

/// What the editor is told.
#[derive(Serialize)]
struct Told {
    version: i64,
    /// What has to be mended, where something was not kept.
    #[serde(skip_serializing_if = "String::is_empty")]
    fault: String,
    /// Who else has it open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<String>,
    /// What stands, where somebody has written since.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<Sheet>,
    /// Who has.
    #[serde(skip_serializing_if = "String::is_empty")]
    by: String,
}

/// Keeps what was written.
pub(crate) async fn save(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    request: Request,
) -> Response {
    let json = wants_json(request.headers());
    let Ok(sent) = form::read_with_limit::<Sent>(request, LONGEST).await else {
        return desk.say(StatusCode::BAD_REQUEST, Some(&insider), &Said::UNREADABLE);
    };
    let zone = desk.imprint().zone;
    let drafted =
        desk.on.media_library.with_pictures(|find| sent.sheet.clone().draft(&zone, find)).await;
    let (draft, fault) = match drafted {
        Ok(drafted) => drafted,
        // Without knowing the pictures, they would be taken out of the text.
        Err(error) => return desk.failed(&error),
    };
    let fault = fault.unwrap_or_default();
    let (store, id) = (&desk.on.store, story.line.id);
    let when = (insider.account.id, desk.now());
    let known = sent.version.parse().unwrap_or_default();
    let written = if sent.aside == "yes" {
        store.save_conflict_copy(id, &draft, when).await.map(|()| Written::Done(story.line.version))
    } else if draft == story.draft && known == story.line.version {
        Ok(Written::Done(known))
    } else {
        store.save_draft(id, known, &draft, when).await
    };
    match written {
        Ok(Written::Done(version)) if json => {
            let told = Told { version, fault, others: Vec::new(), sheet: None, by: String::new() };
            Json(told).into_response()
        }
        Ok(Written::Done(_)) if fault.is_empty() => form::see_other(&address(id), &[]),
        Ok(Written::Done(_)) => editor::show(&desk, &insider, id, &fault).await,
        Ok(Written::Behind) if json => match newer(&desk, &insider, id).await {
            Ok(told) => (StatusCode::CONFLICT, Json(told)).into_response(),
            Err(answer) => *answer,
        },
        Ok(Written::Behind) => {
            // A page without the script cannot bring the two together: nothing is lost, and a person chooses.
            if let Err(error) = store.save_conflict_copy(id, &draft, when).await {
                return desk.failed(&error);
            }
            let fault = "Somebody else has written since you began. This is what they wrote; yours is kept \
                         under Revisions, where you can compare the two.";
            editor::show(&desk, &insider, id, fault).await
        }
        Err(error) => desk.failed(&error),
    }
}

/// Says who else has a story open, and what they have written since.
pub(crate) async fn latest(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Held(story): Held,
    Query(known): Query<Known>,
) -> Response {
    let looked = desk.on.store.touch_presence(story.line.id, insider.account.id, desk.now()).await;
    let told = match looked {
        Ok(others) => tell(&desk, &story, known.version, &others).await,
        Err(error) => Err(error),
    };
    match told {
        Ok(told) => Json(told).into_response(),
        Err(error) => desk.failed(&error),
    }
}

async fn newer(desk: &Desk, insider: &Insider, id: ArticleId) -> Result<Told, Box<Response>> {
    let story = desk.story(insider, id).await?;
    tell(desk, &story, 0, &[]).await.map_err(|error| Box::new(desk.failed(&error)))
}

async fn tell(
    desk: &Desk,
    story: &Story,
    known: i64,
    others: &[AccountId],
) -> Result<Told, StoreError> {
    let is_newer = story.line.version > known;
    // Most answers name nobody, and every open editor asks each few seconds.
    let everybody =
        if is_newer || !others.is_empty() { desk.on.store.all_staff().await? } else { Vec::new() };
    let by = story.line.saved.and_then(|saved| colleague(&everybody, saved.by));
    Ok(Told {
        version: story.line.version,
        fault: String::new(),
        others: others.iter().filter_map(|other| colleague(&everybody, *other)).collect(),
        sheet: is_newer.then(|| Sheet::of(&story.draft, &desk.imprint().zone)),
        by: by.filter(|_| is_newer).unwrap_or_default(),
    })
}
