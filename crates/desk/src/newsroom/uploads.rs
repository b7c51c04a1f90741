//! Taking pictures in.

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
use tokio::sync::Semaphore;

use crate::{Desk, auth::Inside};

/// Pictures that are worked on at once: each takes a processor and much memory.
static HANDS: Semaphore = Semaphore::const_new(1);

#[derive(Serialize)]
struct Kept {
    src: String,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct Refused {
    fault: String,
}

/// Keeps the picture that is the body of a request.
pub(crate) async fn upload(
    State(desk): State<Arc<Desk>>,
    _insider: Inside,
    request: Request,
) -> Response {
    let Ok(content) = to_bytes(request.into_body(), MAX_BYTES).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, &RejectedUpload::TooLarge.to_string());
    };
    let Ok(_hand) = HANDS.acquire().await else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "The server is about to stop.");
    };
    match desk.on.media_library.upload(content).await {
        Ok(kept) => {
            let kept = Kept { src: kept.src, width: kept.width, height: kept.height };
            (StatusCode::CREATED, Json(kept)).into_response()
        }
        Err(ImportError::RejectedUpload(why)) => {
            refused(StatusCode::UNPROCESSABLE_ENTITY, &why.to_string())
        }
        Err(ImportError::Failed(error)) => {
            tracing::error!(%error, "pictures: upload failed");
            let fault = "The server cannot keep pictures at the moment; its log says why.";
            refused(StatusCode::SERVICE_UNAVAILABLE, fault)
        }
    }
}

fn refused(status: StatusCode, fault: &str) -> Response {
    (status, Json(Refused { fault: fault.to_owned() })).into_response()
}
