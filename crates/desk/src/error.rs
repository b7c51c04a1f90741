//! Why a handler has no page to show: one type, turned into a response in one place.

use std::{error::Error, sync::Arc};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use masthead_billing::BillingError;
use masthead_media::{TextWorkError, WorkError};
use masthead_publication::PageError;
use masthead_store::StoreError;
use masthead_web::form::FormError;
use serde_json::json;

use crate::{http::bare_error, notice::Notice};

/// When to ask again while the database is away, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("10");
/// When to ask again while the server works on other texts, in seconds.
const RETRY_AFTER_WORK: HeaderValue = HeaderValue::from_static("5");

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

    /// When the browser is told to ask again: if the database did not answer, or the server is busy with other texts.
    fn retry_after(&self) -> Option<HeaderValue> {
        let is_database_away = match self {
            Self::Store(error) => error.is_unreachable(),
            Self::Failed { cause, .. } => match work_error(&**cause) {
                Some(WorkError::Busy) => return Some(RETRY_AFTER_WORK),
                _ => store_error(&**cause).is_some_and(StoreError::is_unreachable),
            },
            Self::Notice(_) | Self::Invalid(_) | Self::Form(_) | Self::Fault(..) => false,
        };
        is_database_away.then_some(RETRY_AFTER)
    }
}

/// Why work on a text was not done, if that is the error.
fn work_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a WorkError> {
    if let Some(TextWorkError::Work(error)) = error.downcast_ref() {
        return Some(error);
    }
    let shared = error.downcast_ref::<Arc<PageError>>().map(|error| &**error);
    match shared.or_else(|| error.downcast_ref()) {
        Some(PageError::Work(error)) => Some(error),
        _ => error.downcast_ref(),
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
        let retry_after = self.retry_after();
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
                let notice = match work_error(&*cause) {
                    Some(WorkError::Busy) => Notice::Busy,
                    Some(WorkError::TooSlow(_)) => Notice::TextTooLong,
                    Some(WorkError::Interrupted(_)) | None => Notice::Failed,
                };
                if notice == Notice::Failed {
                    tracing::error!(operation, error = %cause, "desk: request failed");
                } else {
                    tracing::warn!(operation, error = %cause, "desk: text not worked on");
                }
                (notice.status(), notice)
            }
        };
        let mut response = bare_error(status);
        response.extensions_mut().insert(PendingNotice(notice));
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
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
    fn a_busy_server_says_so_whatever_was_asked_for() {
        let busy = [
            DeskError::failed("revisions: compare", WorkError::Busy),
            DeskError::failed("autosave: clean draft", TextWorkError::from(WorkError::Busy)),
            DeskError::failed("fronts: render preview", PageError::from(WorkError::Busy)),
            DeskError::failed("preview: render", Arc::new(PageError::from(WorkError::Busy))),
        ];
        for error in busy {
            let response = error.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers().get(header::RETRY_AFTER), Some(&RETRY_AFTER_WORK));
            let notice = response.extensions().get::<PendingNotice>().map(|pending| pending.0);
            assert_eq!(notice, Some(Notice::Busy));
        }
        let slow = WorkError::TooSlow(std::time::Duration::from_secs(20));
        let response = DeskError::failed("revisions: compare", slow).into_response();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!response.headers().contains_key(header::RETRY_AFTER));
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
