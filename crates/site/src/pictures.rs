//! Pictures, as readers get them.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};

use crate::{response, state::Site};

/// `/media/…`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    match site.settings.media_library.open(&name).await {
        Ok(Some(opened)) => {
            response::picture(&name, opened.length, Body::from_stream(opened.content), &headers)
        }
        Ok(None) => response::plain(StatusCode::NOT_FOUND, "There is no such picture.\n"),
        Err(error) => {
            tracing::error!(%error, name, "pictures: reading failed");
            let text = "The picture cannot be read at the moment.\n";
            response::plain(StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }
}
