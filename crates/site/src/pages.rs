//! Whole responses that many handlers give: pages without a count, notices, and what is said when something
//! goes wrong.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_circulation::Session;
use masthead_publication::{
    CachedAccount, PageError, PageKey, Template,
    compression::Encoding,
    contexts::{Link, NoticeContext},
    page::{CommonParts, Page},
};
use masthead_web::device;
use serde::Serialize;

use crate::{response, state::Site};

pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

impl Site {
    /// Who is signed in.
    pub(crate) async fn signed_in(
        &self,
        headers: &HeaderMap,
    ) -> Option<(Arc<Session>, Arc<CachedAccount>)> {
        let now = (self.clock)();
        self.accounts.of(headers, self.cookies.session, self.opens(now), now).await
    }

    /// What a reader would call the device that they have here.
    pub(crate) fn device_name(&self, headers: &HeaderMap) -> String {
        let unknown = || self.snapshot().theme.word("device_unknown").to_owned();
        device::name(headers).unwrap_or_else(unknown)
    }

    /// A page that is made for this one answer.
    pub(crate) fn personal_page<C: Serialize>(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        template: Template,
        context: &C,
    ) -> Response {
        let encoding = Encoding::accepted(headers);
        match self.snapshot().theme.render(template, context) {
            Ok(html) => {
                let page = Page::new(&html, encoding, &CommonParts::default()).assemble(|_| None);
                let mut answer = response::page(status, page, encoding, &HeaderMap::new(), None);
                answer.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
                answer.headers_mut().remove(header::ETAG);
                let policy = self.form_policy.clone();
                answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
                answer
            }
            Err(error) => {
                tracing::error!(%error, "pages: rendering failed");
                response::broken()
            }
        }
    }

    /// A page that says one thing, in the theme's words of this name, and leads on.
    pub(crate) fn notice(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        name: &str,
        to: &str,
    ) -> Response {
        let snapshot = self.snapshot();
        let word = |name: &str| snapshot.theme.word(name).to_owned();
        let heading = word(&format!("{name}_title"));
        let leads_to = word(match to {
            "/" => "home",
            "/account" => "account",
            "/offers" => "offers",
            _ => "sign_in",
        });
        let context = NoticeContext {
            chrome: snapshot.layout().bare_chrome(&heading),
            heading,
            text: word(&format!("{name}_text")),
            link: Link::to(to, &leads_to),
        };
        self.personal_page(status, headers, Template::Notice, &context)
    }

    /// A handler's answer, or the page for what went wrong.
    pub(crate) async fn or_failed(
        &self,
        headers: &HeaderMap,
        answer: Result<Response, PageError>,
    ) -> Response {
        match answer {
            Ok(answer) => answer,
            Err(error) => self.failed(&error, headers).await,
        }
    }

    /// Returns a page on which nothing is counted.
    pub(crate) async fn plain_page(
        &self,
        key: PageKey,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Response {
        let encoding = Encoding::accepted(headers);
        match self.snapshot().page(key, encoding, &self.store).await {
            Ok(page) => {
                let cookie = self.anonymous_meter.refresh_cookie(headers);
                response::page(status, page.assemble(|_| None), encoding, headers, cookie)
            }
            Err(error) => self.failed(&error, headers).await,
        }
    }

    pub(crate) async fn not_found(&self, headers: &HeaderMap) -> Response {
        Box::pin(self.plain_page(PageKey::Error(404), StatusCode::NOT_FOUND, headers)).await
    }

    /// Returns the error page for what went wrong.
    pub(crate) async fn failed(&self, error: &PageError, headers: &HeaderMap) -> Response {
        if matches!(error, PageError::Absent) {
            return self.not_found(headers).await;
        }
        tracing::error!(%error, "pages: cannot be rendered");
        let encoding = Encoding::accepted(headers);
        match self.snapshot().page(PageKey::Error(500), encoding, &self.store).await {
            Ok(page) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                response::page(status, page.assemble(|_| None), encoding, headers, None)
            }
            Err(_) => response::broken(),
        }
    }
}
