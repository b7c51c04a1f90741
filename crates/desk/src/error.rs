//! Why a handler has no page to show: one type, turned into a response in one place.

use std::error::Error;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use masthead_billing::BillingError;
use masthead_store::StoreError;
use masthead_web::form::FormError;
use serde_json::json;

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
    /// A script's request was refused, and it is told why as JSON.
    Fault(StatusCode, String),
    /// The database failed.
    Store(StoreError),
    /// Something else failed.
    Failed {
        /// The component and what it was doing, for the log: `"preview: render"`.
        operation: &'static str,
        /// What went wrong.
        cause: Cause,
    },
}

/// What went wrong, for the log.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

impl DeskError {
    /// An error for the log: `operation` says which component did what.
    pub fn failed(operation: &'static str, cause: impl Into<Cause>) -> Self {
        Self::Failed { operation, cause: cause.into() }
    }

    /// Whether the database did not answer. Then the browser is told when to ask again.
    fn is_database_away(&self) -> bool {
        match self {
            Self::Store(error) => error.is_unreachable(),
            Self::Failed { cause, .. } => {
                store_error(&**cause).is_some_and(StoreError::is_unreachable)
            }
            Self::Notice(_) | Self::Invalid(_) | Self::Form(_) | Self::Fault(..) => false,
        }
    }
}

/// The failure of the database behind an error, if it was that.
fn store_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a StoreError> {
    match error.downcast_ref::<BillingError>() {
        Some(BillingError::Store(error)) => Some(error),
        _ => error.downcast_ref::<StoreError>(),
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
        let is_database_away = self.is_database_away();
        let (status, notice) = match self {
            Self::Notice(notice) => (notice.status(), notice),
            Self::Invalid(notice) => (StatusCode::UNPROCESSABLE_ENTITY, notice),
            Self::Form(error) => (error.status(), Notice::of_form(error)),
            Self::Fault(status, fault) => {
                return (status, Json(json!({ "fault": fault }))).into_response();
            }
            Self::Store(error) => {
                tracing::error!(%error, "desk: database failed");
                (Notice::Failed.status(), Notice::Failed)
            }
            Self::Failed { operation, cause } => {
                tracing::error!(operation, error = %cause, "desk: request failed");
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
#[derive(Debug)]
pub(crate) enum ActionError {
    /// For a reason that staff are told.
    Rejected(String),
    /// Because something failed; this is for the log.
    Failed(Cause),
}

impl ActionError {
    /// An action that failed.
    pub fn failed(error: impl Into<Cause>) -> Self {
        Self::Failed(error.into())
    }
}

impl std::fmt::Display for ActionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rejected(why) => f.write_str(why),
            Self::Failed(cause) => write!(f, "{cause}"),
        }
    }
}

impl Error for ActionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rejected(_) => None,
            Self::Failed(cause) => Some(&**cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_of_the_database_says_when_to_ask_again_whatever_it_interrupted() {
        let is_retried =
            |error: DeskError| error.into_response().headers().contains_key(header::RETRY_AFTER);
        assert!(is_retried(StoreError::Away.into()));
        assert!(is_retried(DeskError::failed("settings: save", StoreError::Away)));
        let billing = BillingError::from(StoreError::Away);
        assert!(is_retried(DeskError::failed("readers: support action", billing)));
        assert!(!is_retried(DeskError::failed("test: fail", "the disk is full")));
    }

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
