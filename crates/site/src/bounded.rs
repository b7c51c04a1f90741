//! The layer that bounds how long a request waits for the database. Routes that it is not around look their readers up
//! with `Store::promptly`, and the meter of an account has a limit of its own (`publication::accounts::meter`).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{error::SiteError, state::Site};

/// Answers 503 with `Retry-After` if the database is away for two seconds.
pub(crate) async fn bounded(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    match site.store.bounded(next.run(request)).await {
        Ok(response) => response,
        Err(error) => SiteError::from(error).into_response(),
    }
}
