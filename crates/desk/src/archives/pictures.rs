//! `/desk/imports/{key}/pictures`: the pictures that the articles of an archive show. The page of the archive asks which are missing, and sends
//! those that it finds in a folder, one by one. Sending them again, such as after an interruption, stores none twice.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, Request, State},
    response::IntoResponse,
};
use http::StatusCode;
use serde::Deserialize;

use super::page::find;
use crate::{
    error::{DeskError, Handled},
    newsroom::uploads::receive,
    staff::CurrentStaff,
    state::DeskState,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PictureQuery {
    /// The likeliest path of the picture, which names it.
    path: String,
}

/// `GET /desk/imports/{key}/pictures`: the paths that each missing picture may have, the likeliest first, as JSON.
pub(crate) async fn missing(
    State(desk): State<Arc<DeskState>>,
    Path(key): Path<String>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else {
        return Ok(Json(Vec::<Vec<String>>::new()).into_response());
    };
    let missing = desk.store.missing_import_pictures(import.id).await?;
    let read = |paths: &String| serde_json::from_str::<Vec<String>>(paths);
    let missing: Vec<Vec<String>> = missing
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(|error| DeskError::failed("archives: pictures", error))?;
    Ok(Json(missing).into_response())
}

/// `POST /desk/imports/{key}/pictures`: stores the picture in the body of the request. One that is not needed is not stored.
pub(crate) async fn add(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
    Query(query): Query<PictureQuery>,
    request: Request,
) -> Handled {
    let import = find(&desk, &key).await?;
    let id = import.map(|import| import.id).unwrap_or_default();
    if !desk.store.lacks_import_picture(id, &query.path).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let (picture, _) = receive(&desk, &staff, request).await?;
    let is_stored = desk.store.store_import_picture(id, &query.path, &picture).await?;
    let status = if is_stored { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok(status.into_response())
}
