//! Why a handler has no page to show: one type, turned into a response in one place.
//!
//! A response cannot render a page: that takes the snapshot in force and what the client accepts. So an error becomes
//! a line of plain text with a [`Pending`], and the layer around the routes says the same in its own form:
//! `error_pages` as a page for readers, `problem` as JSON for apps. Files for machines have no layer and keep the line.

use std::{borrow::Cow, error::Error, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use masthead_billing::BillingError;
use masthead_circulation::app::Scope;
use masthead_publication::{PageError, ThemeError};
use masthead_store::StoreError;
use masthead_web::form::{FormError, safe_local_path, see_other};

use crate::{
    notice::{Notice, Pending},
    response,
};

/// See the module's documentation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    /// The reader is led to another address instead.
    #[error("see {0}")]
    SeeOther(Cow<'static, str>),
    /// The reader is told something instead, with the notice's own status.
    #[error("{0:?}")]
    Notice(Notice),
    /// A client of the API is told something instead.
    #[error("{detail}")]
    Problem {
        /// The status of the response.
        status: StatusCode,
        /// What is wrong, and what to do.
        detail: Cow<'static, str>,
    },
    /// There is nothing at this address, or nothing for this reader.
    #[error("There is nothing at this address.")]
    NotFound,
    /// The address does not take this method. The router adds `Allow` if this does not have it.
    #[error("This address does not take this method.")]
    MethodNotAllowed {
        /// The methods that it takes.
        allow: Option<&'static str>,
    },
    /// A request to the API names no account (RFC 6750, section 3).
    #[error("Nobody is signed in; bring a bearer token, which POST /api/v1/app leads to.")]
    Unauthorized,
    /// An app's token does not cover what it asks for (RFC 6750, section 3.1).
    #[error("The app may not do that; sign it in again with the scope \"{0}\".")]
    MissingScope(Scope),
    /// A browser prefetches what must happen only when a person wants it. It asks again when they do.
    #[error("This is not answered ahead of time.")]
    Prefetch,
    /// The form, or the query, cannot be accepted.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A page cannot be rendered.
    #[error(transparent)]
    Page(#[from] Arc<PageError>),
    /// A template fails.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Billing failed.
    #[error(transparent)]
    Billing(#[from] BillingError),
    /// Something else failed.
    #[error("{operation}: {cause}")]
    Failed {
        /// The component and what it was doing, for the log: `"invoices: render"`.
        operation: &'static str,
        /// What went wrong.
        cause: Cause,
        /// What is told.
        message: FailureMessage,
    },
}

/// What is told of a failure, without what went wrong inside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FailureMessage {
    /// Something broke.
    Broken,
    /// It may work again soon, in these words.
    TryLater(&'static str),
    /// A notice, with its status.
    Notice(Notice),
}

type Cause = Box<dyn Error + Send + Sync>;

/// What a handler returns.
pub(crate) type Handled = Result<Response, SiteError>;

impl SiteError {
    /// Redirects to the page to sign in at.
    pub(crate) const SIGN_IN: Self = Self::SeeOther(Cow::Borrowed("/sign-in"));

    /// Turns a cause into an error, for `map_err`: `operation` says which component did what.
    pub(crate) fn failed<E: Into<Cause>>(operation: &'static str) -> impl FnOnce(E) -> Self {
        Self::failed_with(FailureMessage::Broken, operation)
    }

    /// The same with what is told.
    pub(crate) fn failed_with<E: Into<Cause>>(
        message: FailureMessage,
        operation: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |cause| Self::Failed { operation, cause: cause.into(), message }
    }

    /// A client of the API is told something instead.
    pub(crate) fn problem(status: StatusCode, detail: &'static str) -> Self {
        Self::Problem { status, detail: Cow::Borrowed(detail) }
    }

    /// Whether the database did not answer. Then the client is told when to ask again.
    fn is_database_away(&self) -> bool {
        match self {
            Self::Store(error) | Self::Billing(BillingError::Store(error)) => {
                error.is_unreachable()
            }
            Self::Page(error) => error.is_database_away(),
            _ => false,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SeeOther(_) => StatusCode::SEE_OTHER,
            Self::Notice(notice) | Self::Failed { message: FailureMessage::Notice(notice), .. } => {
                notice.row().status
            }
            Self::Problem { status, .. } => *status,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Page(error) if matches!(**error, PageError::Absent) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::MissingScope(_) => StatusCode::FORBIDDEN,
            Self::Prefetch | Self::Failed { message: FailureMessage::TryLater(_), .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Form(error) => error.status(),
            Self::Page(_) | Self::Store(_) | Self::Billing(_) if self.is_database_away() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Page(_)
            | Self::Theme(_)
            | Self::Store(_)
            | Self::Billing(_)
            | Self::Failed { message: FailureMessage::Broken, .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn pending(&self, status: StatusCode) -> Pending {
        let (notice, detail) = match self {
            Self::Notice(notice) | Self::Failed { message: FailureMessage::Notice(notice), .. } => {
                (Some(*notice), notice.detail().into())
            }
            Self::MethodNotAllowed { .. } => {
                (Some(Notice::MethodNotAllowed), self.to_string().into())
            }
            Self::Form(_) => (Some(Notice::UnreadableForm), self.to_string().into()),
            Self::Failed { message: FailureMessage::TryLater(words), .. } => {
                (None, Cow::Borrowed(*words))
            }
            Self::Problem { detail, .. } => (None, detail.clone()),
            _ if status.is_server_error() => (None, Cow::Borrowed(response::BROKEN)),
            _ => (None, self.to_string().into()),
        };
        Pending { notice, detail, from: "/".to_owned() }
    }

    /// Logs what an operator has to know.
    fn log(&self) {
        match self {
            Self::Failed { operation, cause, .. } => {
                tracing::error!(operation, error = %cause, "site: request failed");
            }
            Self::Page(_) | Self::Theme(_) | Self::Store(_) | Self::Billing(_)
                if self.status().is_server_error() =>
            {
                tracing::error!(error = %self, "site: request failed");
            }
            _ => {}
        }
    }
}

/// The same response or error, as a response from which the reader finds back to `from`: a page of an error or a notice leads
/// there, or to a page that does.
pub(crate) fn keeping(from: &str, handled: Handled) -> Response {
    let mut response = handled.unwrap_or_else(IntoResponse::into_response);
    if let Some(pending) = response.extensions_mut().get_mut::<Pending>() {
        pending.from = safe_local_path(from).to_owned();
    }
    response
}

impl From<Notice> for SiteError {
    fn from(notice: Notice) -> Self {
        Self::Notice(notice)
    }
}

impl From<PageError> for SiteError {
    fn from(error: PageError) -> Self {
        Self::Page(Arc::new(error))
    }
}

impl IntoResponse for SiteError {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let mut response = match &self {
            Self::SeeOther(address) => return see_other(address, &[]),
            Self::Prefetch => return response::empty(status),
            error => error.pending(status).respond(status),
        };
        let headers = response.headers_mut();
        if let Self::MethodNotAllowed { allow: Some(allow) } = self {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        } else if let Self::Unauthorized = self {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        } else if let Self::MissingScope(scope) = self {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            if let Ok(challenge) = HeaderValue::try_from(challenge) {
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(error: SiteError) -> (StatusCode, Option<Notice>) {
        let response = error.into_response();
        let pending = response.extensions().get::<Pending>();
        (response.status(), pending.expect("the layers say it in full").notice)
    }

    #[test]
    fn every_error_has_its_status_and_words() {
        for (error, status, notice) in [
            (SiteError::NotFound, 404, None),
            (PageError::Absent.into(), 404, None),
            (SiteError::MethodNotAllowed { allow: None }, 405, Some(Notice::MethodNotAllowed)),
            (FormError::CrossSite.into(), 400, Some(Notice::UnreadableForm)),
            (FormError::TimedOut.into(), 408, Some(Notice::UnreadableForm)),
            (FormError::TooLarge.into(), 413, Some(Notice::UnreadableForm)),
            (FormError::UnsupportedMediaType.into(), 415, Some(Notice::UnreadableForm)),
            (Notice::PastDay.into(), 422, Some(Notice::PastDay)),
            (Notice::TooManyEmails.into(), 429, Some(Notice::TooManyEmails)),
            (PageError::Changed.into(), 500, None),
            (SiteError::failed("test: fail")("the disk is full"), 500, None),
            (
                SiteError::failed_with(FailureMessage::TryLater("Later."), "test: read")("away"),
                503,
                None,
            ),
            (
                SiteError::failed_with(
                    FailureMessage::Notice(Notice::PaymentsUnavailable),
                    "test: pay",
                )("away"),
                503,
                Some(Notice::PaymentsUnavailable),
            ),
        ] {
            let said = format!("{error:?}");
            assert_eq!(pending(error), (status.try_into().expect("a status"), notice), "{said}");
        }
    }

    #[test]
    fn while_the_database_is_away_clients_are_told_to_ask_again() {
        let away = || StoreError::Unreachable { location: String::new(), reason: String::new() };
        for error in [
            SiteError::from(away()),
            BillingError::from(away()).into(),
            PageError::from(away()).into(),
        ] {
            let response = error.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "10");
        }
        let full = SiteError::from(StoreError::DiskFull).into_response();
        assert_eq!(full.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!full.headers().contains_key(header::RETRY_AFTER));
    }

    #[test]
    fn what_went_wrong_inside_is_not_told() {
        let secret = SiteError::failed("test: fail")("password=hunter2");
        let response = secret.into_response();
        let pending = response.extensions().get::<Pending>().expect("a pending response");
        assert_eq!(pending.detail, response::BROKEN);
    }
}
