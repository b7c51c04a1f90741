//! What belongs to a reader with an account: registering and signing in by mail, with a passkey or with an account
//! elsewhere, and the account page.
//!
//! Actions are resources that forms post to. Every form must come from a page of ours ([`form`]), and
//! nothing on these pages may be kept by any cache.

mod address;
mod admission;
mod app;
mod invoice;
mod limits;
mod openid;
pub(crate) mod page;
mod passkey;
mod sign_in;
mod subscription;
pub(crate) mod way;

use std::sync::Arc;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_circulation::Session;
use serde::Serialize;

pub use self::limits::Limits;
use masthead_web::device;
pub(crate) use masthead_web::form::see;

use crate::{
    accounts::CachedAccount,
    compression::Encoding,
    contexts::{Link, NoticeContext},
    page::{CommonParts, Page},
    response,
    site::Site,
    snapshot::PageError,
    theme::Template,
};

/// The addresses of accounts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/register", get(sign_in::register).post(sign_in::ask_to_register))
        .route("/sign-in", get(sign_in::sign_in).post(sign_in::ask_to_sign_in))
        .route("/sign-in/sent", get(sign_in::sent))
        .route("/sign-in/code", post(sign_in::by_code))
        .route("/sign-in/with/{link}", get(sign_in::by_link))
        .route("/sign-in/openid/{provider}", get(openid::depart))
        .route("/sign-in/openid/{provider}/answer", get(openid::arrive))
        .route("/sign-in/passkey", post(passkey::sign_in))
        .route("/sign-in/passkey/challenge", post(passkey::challenge))
        .route("/sign-in/app", get(app::page).post(app::answer))
        .route("/account", get(page::account))
        .route("/account/name", post(page::name))
        .route("/account/address", post(address::ask))
        .route("/account/address/{secret}", get(address::see).post(address::agree))
        .route("/account/passkeys", post(passkey::add))
        .route("/account/passkeys/challenge", post(passkey::offer))
        .route("/account/passkeys/{id}/removal", post(passkey::remove))
        .route("/account/sessions/end", post(page::end_sessions))
        .route("/account/sessions/{key}/end", post(page::end_session))
        .route("/account/subscriptions/{number}/cancellation", post(subscription::cancel))
        .route("/account/subscriptions/{number}/continuation", post(subscription::go_on))
        .route("/account/subscriptions/{number}/rest", post(subscription::rest))
        .route("/account/subscriptions/{number}/card", post(subscription::mend))
        .route("/account/subscriptions/{number}/price", post(subscription::switch))
        .route("/account/invoices/{number}", get(invoice::invoice))
        .route("/account/data.json", get(page::data))
        .route("/account/deletion", post(page::delete))
}

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
                tracing::error!(%error, "a page could not be made");
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
}

const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
