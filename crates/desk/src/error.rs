//! Why a handler has no page to show: one type, turned into a response in one place.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use masthead_store::StoreError;
use masthead_web::form::FormError;

use crate::{http::bare_error, notice::Notice};

/// When to ask again while the database is away, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("10");

/// See the module's documentation.
#[derive(Debug)]
pub(crate) enum DeskError {
    /// The response is a notice, with its own status.
    Notice(Notice),
    /// The same, because what was sent is not valid.
    Invalid(Notice),
    /// The form was not accepted.
    Form(FormError),
    /// The database failed.
    Store(StoreError),
    /// Something else failed.
    Failed {
        /// The component and what it was doing, for the log: `"preview: render"`.
        operation: &'static str,
        /// What went wrong.
        cause: String,
    },
}

impl DeskError {
    /// An error for the log: `operation` says which component did what.
    pub fn failed(operation: &'static str, cause: impl Display) -> Self {
        Self::Failed { operation, cause: cause.to_string() }
    }
}

impl From<Notice> for DeskError {
    fn from(notice: Notice) -> Self {
        Self::Notice(notice)
    }
}

impl From<FormError> for DeskError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The notice of a response. A response cannot render a page itself, because only the router knows who is
/// signed in; `auth::require` finds this in the response's extensions and renders the page.
#[derive(Clone, Copy)]
pub(crate) struct PendingNotice(pub Notice);

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        let is_database_away = matches!(&self, Self::Store(error) if error.is_unreachable());
        let (status, notice) = match self {
            Self::Notice(notice) => (notice.status(), notice),
            Self::Invalid(notice) => (StatusCode::UNPROCESSABLE_ENTITY, notice),
            Self::Form(error) => (error.status(), Notice::of_form(error)),
            Self::Store(error) => {
                tracing::error!(%error, "desk: database failed");
                (Notice::Failed.status(), Notice::Failed)
            }
            Self::Failed { operation, cause } => {
                tracing::error!(operation, error = cause, "desk: request failed");
                (Notice::Failed.status(), Notice::Failed)
            }
        };
        let mut response = bare_error(status);
        response.extensions_mut().insert(PendingNotice(notice));
        if is_database_away {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// What a handler returns.
pub(crate) type Handled = Result<Response, DeskError>;

/// Why an action was not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActionError {
    /// For a reason that staff are told.
    Rejected(String),
    /// Because something failed; this is for the log.
    Failed(String),
}

impl ActionError {
    /// An action that failed.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl std::fmt::Display for ActionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rejected(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ActionError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_leads_to_a_notice() {
        let failed = DeskError::failed("test: fail", "the disk is full").into_response();
        assert_eq!(failed.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(failed.extensions().get::<PendingNotice>().is_some());
        for (error, status) in [
            (FormError::TooLarge, StatusCode::PAYLOAD_TOO_LARGE),
            (FormError::TimedOut, StatusCode::REQUEST_TIMEOUT),
            (FormError::UnsupportedMediaType, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            (FormError::Malformed, StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(DeskError::from(error).into_response().status(), status);
        }
        let missing = DeskError::from(Notice::NoOffer).into_response();
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        let invalid = DeskError::Invalid(Notice::NoOffer).into_response();
        assert_eq!(invalid.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
