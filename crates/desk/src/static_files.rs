//! `/desk/assets/{name}`: the stylesheet and the scripts.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::HeaderMap;

use crate::{http::see_other, state::DeskState};

/// `GET /desk/assets/{name}`
pub(crate) async fn file(
    State(desk): State<Arc<DeskState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    desk.assets.file(&name, &headers).unwrap_or_else(|| see_other("/desk"))
}
