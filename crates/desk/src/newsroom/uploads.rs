//! `POST /desk/pictures`: adding a picture to the library.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, HttpBody as _},
    extract::{Query, Request, State},
    response::IntoResponse,
};
use http::StatusCode;
use masthead_access::printable;
use masthead_circulation::AuditAction;
use masthead_editorial::{clean::StoredPicture, renditions};
use masthead_media::{ImportError, MAX_BYTES, RejectedUpload};
use masthead_store::{NewPicture, StoreError};
use masthead_web::body::{self, BodyError, BodyLimits};
use serde::{Deserialize, Serialize};

use crate::{
    error::{DeskError, Handled},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Characters of the name of a file.
const MAX_NAME: usize = 200;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UploadQuery {
    /// The name of the file; empty if it has none.
    name: String,
}

#[derive(Serialize)]
struct UploadedPicture {
    src: String,
    width: u32,
    height: u32,
    /// What the sender should know; empty if there is nothing to say.
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'static str,
}

/// Adds the picture in the body of the request. The response is JSON, also if it fails.
pub(crate) async fn upload(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Handled {
    let (kept, note) = receive(&desk, &staff, request).await?;
    record(&desk, &staff, &kept, &query).await.map_err(|error| {
        tracing::error!(%error, "pictures: upload not recorded");
        unavailable(staff.words.text("picture_not_recorded"))
    })?;
    let picture = UploadedPicture { src: kept.src, width: kept.width, height: kept.height, note };
    Ok((StatusCode::CREATED, Json(picture)).into_response())
}

/// Stores the picture in the body of a request. Returns it with what the sender should know.
///
/// # Errors
///
/// A fault that says why it was not stored.
pub(crate) async fn receive(
    desk: &DeskState,
    staff: &CurrentStaff,
    request: Request,
) -> Result<(StoredPicture, &'static str), DeskError> {
    let words = staff.words;
    let size = kilobytes(request.body(), MAX_BYTES);
    let room = desk.uploads.reserve(staff.account.id, size).await;
    let _room = room.ok_or_else(|| unavailable(words.text("picture_busy")))?;
    let content = body::read(request.into_body(), BodyLimits::upload(MAX_BYTES)).await;
    let content = content.map_err(|error| not_arrived(error, words))?;
    let kept = desk.media.upload(staff.work_owner(), content).await;
    let kept = kept.map_err(|error| not_kept(error, words))?;
    let has_sizes = renditions::read(&kept.src).is_some();
    let note = if has_sizes { "" } else { words.text("picture_one_size") };
    Ok((kept, note))
}

/// What is known of a picture that was uploaded.
pub(crate) fn new_picture(kept: &StoredPicture, query: &UploadQuery) -> NewPicture {
    let src = kept.src.as_str();
    NewPicture {
        name: src.strip_prefix("/media/").unwrap_or(src).to_owned(),
        width: kept.width,
        height: kept.height,
        file_name: printable(query.name.trim()).chars().take(MAX_NAME).collect(),
    }
}

/// The memory that an upload will take, in kilobytes: as much as it may if its size is not known.
pub(crate) fn kilobytes(body: &Body, max_bytes: usize) -> u32 {
    let size = body.size_hint().upper().and_then(|size| usize::try_from(size).ok());
    let size = size.unwrap_or(max_bytes).min(max_bytes).div_ceil(1024).max(1);
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Adds an upload to the library, and writes it to the audit log. The picture is a file, so it is stored before.
async fn record(
    desk: &DeskState,
    staff: &CurrentStaff,
    kept: &StoredPicture,
    query: &UploadQuery,
) -> Result<(), StoreError> {
    let (action, by) = (AuditAction::UploadedPicture, Some(staff.account.id));
    let picture = new_picture(kept, query);
    desk.store.add_uploaded_picture(&picture, staff.account.id, desk.now()).await?;
    desk.store.record_action(action, &kept.src, Vec::new(), by, desk.now()).await
}

fn not_arrived(error: BodyError, words: DeskWords) -> DeskError {
    let (status, name) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "picture_too_large"),
        BodyError::TimedOut => (StatusCode::REQUEST_TIMEOUT, "picture_slow"),
        BodyError::Interrupted => (StatusCode::BAD_REQUEST, "picture_interrupted"),
    };
    DeskError::Fault(status, words.text(name).to_owned())
}

/// The name of the word for why a file was rejected.
pub(crate) fn why(rejected: RejectedUpload) -> &'static str {
    match rejected {
        RejectedUpload::TooLarge => "picture_too_large",
        RejectedUpload::TooManyPixels => "picture_pixels",
        RejectedUpload::Svg => "picture_svg",
        RejectedUpload::BrokenDrawing => "picture_svg_broken",
        RejectedUpload::DrawingSize => "picture_svg_size",
        RejectedUpload::LargeDrawing => "picture_svg_large",
        RejectedUpload::Heic => "picture_heic",
        RejectedUpload::Incomplete => "picture_incomplete",
        RejectedUpload::NotAPicture => "picture_none",
    }
}

fn not_kept(error: ImportError, words: DeskWords) -> DeskError {
    match error {
        ImportError::RejectedUpload(rejected) => {
            let text = words.text(why(rejected)).to_owned();
            DeskError::Fault(StatusCode::UNPROCESSABLE_ENTITY, text)
        }
        ImportError::Work(error) => {
            tracing::warn!(%error, "pictures: upload not processed");
            unavailable(words.text("picture_busy"))
        }
        ImportError::Failed(error) => {
            tracing::error!(%error, "pictures: upload failed");
            unavailable(words.text("picture_failed"))
        }
    }
}

fn unavailable(text: &str) -> DeskError {
    DeskError::Fault(StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
}
