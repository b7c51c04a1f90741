//! `POST /desk/pictures`: adding a picture to the library.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_media::{ImportError, MAX_BYTES, RejectedUpload};
use serde::Serialize;

use crate::state::DeskState;

#[derive(Serialize)]
struct UploadedPicture {
    src: String,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct UploadFault {
    fault: String,
}

/// Adds the picture in the body of the request. The response is JSON, also if it fails.
pub(crate) async fn upload(State(desk): State<Arc<DeskState>>, request: Request) -> Response {
    let Ok(content) = to_bytes(request.into_body(), MAX_BYTES).await else {
        return fault(StatusCode::PAYLOAD_TOO_LARGE, &RejectedUpload::TooLarge.to_string());
    };
    let Ok(_slot) = desk.uploads.acquire().await else {
        return fault(StatusCode::SERVICE_UNAVAILABLE, "The server is about to stop.");
    };
    match desk.media.upload(content).await {
        Ok(kept) => {
            let picture = UploadedPicture { src: kept.src, width: kept.width, height: kept.height };
            (StatusCode::CREATED, Json(picture)).into_response()
        }
        Err(ImportError::RejectedUpload(why)) => {
            fault(StatusCode::UNPROCESSABLE_ENTITY, &why.to_string())
        }
        Err(ImportError::Failed(error)) => {
            tracing::error!(%error, "pictures: upload failed");
            let text = "The server cannot keep pictures at the moment; its log says why.";
            fault(StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }
}

fn fault(status: StatusCode, fault: &str) -> Response {
    (status, Json(UploadFault { fault: fault.to_owned() })).into_response()
}
