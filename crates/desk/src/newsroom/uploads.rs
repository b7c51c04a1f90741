//! `POST /desk/pictures`: adding a picture to the library.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Request, State},
    response::IntoResponse,
};
use http::StatusCode;
use masthead_circulation::AuditAction;
use masthead_media::{ImportError, MAX_BYTES, RejectedUpload};
use masthead_store::StoreError;
use masthead_web::body::{self, BodyError, BodyLimits};
use serde::Serialize;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    error::{DeskError, Handled},
    staff::CurrentStaff,
    state::DeskState,
};

/// How long an upload waits for others. Those may be slow to arrive.
const MAX_WAIT: Duration = Duration::from_secs(20);
const BUSY: &str = "The server is busy with other pictures. Send it again in a minute.";
const NOT_RECORDED: &str =
    "The database does not answer at the moment. Send the picture again in a minute.";

#[derive(Serialize)]
struct UploadedPicture {
    src: String,
    width: u32,
    height: u32,
}

/// Adds the picture in the body of the request. The response is JSON, also if it fails.
pub(crate) async fn upload(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    request: Request,
) -> Handled {
    let _slot = slot(&desk.uploads, MAX_WAIT).await.map_err(unavailable)?;
    let content = body::read(request.into_body(), BodyLimits::upload(MAX_BYTES)).await;
    let kept = desk.media.upload(content.map_err(not_arrived)?).await.map_err(not_kept)?;
    record(&desk, &staff, &kept.src).await.map_err(|error| {
        tracing::error!(%error, "pictures: upload not recorded");
        unavailable(NOT_RECORDED)
    })?;
    let picture = UploadedPicture { src: kept.src, width: kept.width, height: kept.height };
    Ok((StatusCode::CREATED, Json(picture)).into_response())
}

/// Waits for one of the slots. Returns what to tell the sender if none becomes free in time.
async fn slot(slots: &Semaphore, max_wait: Duration) -> Result<SemaphorePermit<'_>, &'static str> {
    match timeout(max_wait, slots.acquire()).await {
        Ok(Ok(slot)) => Ok(slot),
        Ok(Err(_)) => Err("The server is about to stop."),
        Err(_) => Err(BUSY),
    }
}

/// Writes an upload to the audit log. The picture is a file, so it is stored before.
async fn record(desk: &DeskState, staff: &CurrentStaff, src: &str) -> Result<(), StoreError> {
    let (action, by) = (AuditAction::UploadedPicture, Some(staff.account.id));
    desk.store.record_action(action, src, Vec::new(), by, desk.now()).await
}

fn not_arrived(error: BodyError) -> DeskError {
    let (status, text) = match error {
        BodyError::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, RejectedUpload::TooLarge.to_string())
        }
        BodyError::TimedOut => {
            let text = "The picture took too long to arrive. Check your connection, and try again.";
            (StatusCode::REQUEST_TIMEOUT, text.to_owned())
        }
        BodyError::Interrupted => {
            let text = "The picture did not arrive whole. Try again.";
            (StatusCode::BAD_REQUEST, text.to_owned())
        }
    };
    DeskError::Fault(status, text)
}

fn not_kept(error: ImportError) -> DeskError {
    match error {
        ImportError::RejectedUpload(why) => {
            DeskError::Fault(StatusCode::UNPROCESSABLE_ENTITY, why.to_string())
        }
        ImportError::Work(error) => {
            tracing::warn!(%error, "pictures: upload not processed");
            unavailable(BUSY)
        }
        ImportError::Failed(error) => {
            tracing::error!(%error, "pictures: upload failed");
            unavailable("The server cannot keep pictures at the moment; its log says why.")
        }
    }
}

fn unavailable(text: &str) -> DeskError {
    DeskError::Fault(StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_upload_waits_for_a_slot_and_then_is_told_to_come_again() {
        let (slots, short) = (Semaphore::new(1), Duration::from_millis(20));
        let first = slot(&slots, short).await.expect("a slot");
        assert_eq!(slot(&slots, short).await.err(), Some(BUSY));
        let waiting = slot(&slots, Duration::from_mins(1));
        let (second, ()) = tokio::join!(waiting, async { drop(first) });
        assert!(second.is_ok());
    }
}
