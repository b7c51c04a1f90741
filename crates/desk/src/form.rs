//! Forms that staff have filled in.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Request},
    response::Response,
};
use http::StatusCode;
use masthead_web::form;
use serde::de::DeserializeOwned;

use crate::{Desk, auth::Insider, pages::Said};

/// What a form holds. Whoever sends none that can be read is told so.
pub(crate) struct Filled<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest<Arc<Desk>> for Filled<T> {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, Response> {
        let insider = request.extensions().get::<Insider>().cloned();
        let read = form::read_cross_site(request).await.map(Self);
        read.map_err(|_| desk.say(StatusCode::BAD_REQUEST, insider.as_ref(), &Said::UNREADABLE))
    }
}

/// The status of a form's page: it is not taken as long as there is something to mend.
pub(crate) fn form_status(fault: &str) -> StatusCode {
    if fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}
