//! Problem details (RFC 9457): what went wrong, for clients that are programs.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{notice::Pending, response};

/// Who is signed in decides what the API answers.
pub(crate) const VARY: HeaderValue = HeaderValue::from_static("Authorization, Cookie");

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of thing that went wrong.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What it was, and what to do.
    detail: String,
}

/// The layer of the API and the webhooks: errors become problem details.
pub(crate) async fn with_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(pending) = response.extensions().get::<Pending>() else { return response };
    let status = response.status();
    let problem = Problem {
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        detail: pending.detail.clone().into_owned(),
    };
    let mut answer = response::json(status, &problem);
    let headers = answer.headers_mut();
    let media_type = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::VARY, VARY);
    for name in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    answer
}
