//! `POST /desk/pictures`: adding a picture to the library.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_media::{ImportError, MAX_BYTES, RejectedUpload};
use serde::Serialize;
use tokio::time::timeout;

use crate::state::DeskState;

/// The maximum time to receive a picture.
const MAX_TIME: Duration = Duration::from_mins(2);

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
    let Ok(_slot) = desk.uploads.acquire().await else {
        return fault(StatusCode::SERVICE_UNAVAILABLE, "The server is about to stop.");
    };
    let content = match timeout(MAX_TIME, to_bytes(request.into_body(), MAX_BYTES)).await {
        Ok(Ok(content)) => content,
        Ok(Err(_)) => {
            return fault(StatusCode::PAYLOAD_TOO_LARGE, &RejectedUpload::TooLarge.to_string());
        }
        Err(_) => {
            let text = "The picture did not arrive in time. Send it again, or save it smaller.";
            return fault(StatusCode::REQUEST_TIMEOUT, text);
        }
    };
    match desk.media.upload(content).await {
        Ok(kept) => {
            let picture = UploadedPicture { src: kept.src, width: kept.width, height: kept.height };
            (StatusCode::CREATED, Json(picture)).into_response()
        }
        Err(ImportError::RejectedUpload(why)) => {
            fault(StatusCode::UNPROCESSABLE_ENTITY, &why.to_string())
        }
        Err(ImportError::Work(error)) => {
            tracing::warn!(%error, "pictures: upload not processed");
            let text = "The server is busy with other pictures. Send it again in a minute.";
            fault(StatusCode::SERVICE_UNAVAILABLE, text)
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
