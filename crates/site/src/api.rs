//! The API for apps and edge workers: the same decisions, as JSON.
//!
//! An answer here never spends a read, and has no text that its reader could not open without one. Errors are problem details
//! (RFC 9457). Apps are signed in by a code that their reader types (RFC 8628), and bring the token that they get with every
//! request, here as well as for articles.
//!
//! To add an address: write its handler with what `utoipa` needs to describe it, and name it in [`description`].

mod access;
mod app;
mod description;
mod live;
mod live_updates;
mod me;
mod search;

use std::sync::Arc;

use axum::{
    Router,
    response::Response,
    routing::{delete, get, post},
};
use http::{StatusCode, header};
use serde::Serialize;

use crate::{error::SiteError, problem::VARY, response, state::Site};

/// The addresses of the API.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/access/{*article}", get(access::access))
        .route("/api/v1/live/{*article}", get(live::posts))
        .route("/api/v1/live-updates/{*article}", get(live_updates::updates))
        .route("/api/v1/me", get(me::me))
        .route("/api/v1/search", get(search::search))
        .route("/api/v1/app", post(app::request_code))
        .route("/api/v1/app/token", post(app::token))
        .route("/api/v1/session", delete(app::sign_out))
        .route("/api/v1/openapi.json", get(description::serve))
        .route("/api/{*rest}", get(no_such_address))
}

async fn no_such_address() -> SiteError {
    SiteError::problem(StatusCode::NOT_FOUND, "The API has no such address.")
}

/// JSON that depends on who is signed in.
fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let mut answer = response::json(status, body);
    answer.headers_mut().insert(header::VARY, VARY);
    answer
}
