//! The API for apps and edge workers: the same decisions, as JSON.
//!
//! An answer here never holds a text and never spends a read. What goes wrong is said as problem
//! details (RFC 9457). Apps are signed in by a code that their reader types (RFC 8628), and bring the
//! token that they get with every request, here as well as for articles.
//!
//! To add an address: write its handler with what `utoipa` needs to describe it, and name it in
//! [`description`].

mod access;
mod app;
mod description;
mod me;

use std::sync::Arc;

use axum::{
    Router,
    response::Response,
    routing::{delete, get, post},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{response, state::Site};

/// The addresses of the API.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/v1/access/{*article}", get(access::access))
        .route("/api/v1/me", get(me::me))
        .route("/api/v1/app", post(app::ask))
        .route("/api/v1/app/token", post(app::token))
        .route("/api/v1/session", delete(app::sign_out))
        .route("/api/v1/openapi.json", get(description::serve))
        .route("/api/{*rest}", get(absent))
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
struct Problem {
    /// The kind of thing that went wrong.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What it was, and what to do.
    detail: String,
}

async fn absent() -> Response {
    problem(StatusCode::NOT_FOUND, "The API has no such address.")
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default().to_owned();
    let problem = Problem { title, status: status.as_u16(), detail: detail.to_owned() };
    answer(status, "application/problem+json", &json!(problem))
}

fn answer(status: StatusCode, media_type: &'static str, json: &serde_json::Value) -> Response {
    let mut answer = response::plain(status, json.to_string());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
    answer
}
