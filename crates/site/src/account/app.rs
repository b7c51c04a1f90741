//! Where a reader lets an app in, by the code that it shows (RFC 8628, section 3.3).

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_circulation::app::{AppAnswer, AppRequest, code_digest};
use masthead_web::form;
use serde::Deserialize;

use super::page::{Present, act};
use crate::state::Site;
use masthead_publication::{PageError, Template, contexts::AppContext};
use masthead_web::form::see_other;

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
struct Said {
    code: String,
    answer: String,
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Query(typed): Query<Typed>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    // Codes are short, so that guessing at them must be slow.
    if !typed.code.is_empty() && !site.limits.admit_form(site.client(&request)) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "fault_often", "/account");
    }
    let answer = app_page(&site, &typed.code, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn app_page(site: &Site, code: &str, headers: &HeaderMap) -> Result<Response, PageError> {
    let Some(Present { account, .. }) = site.present(headers).await? else {
        let here = format!("/sign-in/app?code={}", form::encode_query(code));
        return Ok(see_other(&format!("/sign-in?from={}", form::encode_query(&here)), &[]));
    };
    let waiting = if code.is_empty() { None } else { site.waiting_app(code).await? };
    let fault = waiting.is_none() && !code.is_empty();
    let snapshot = site.snapshot();
    let context = AppContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("app")),
        code: code.to_owned(),
        app: waiting.map(|waiting| waiting.name).unwrap_or_default(),
        email: account.email.to_string(),
        fault: if fault { snapshot.theme.word("fault_app").to_owned() } else { String::new() },
    };
    let status = if fault { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(site.personal_page(status, headers, Template::App, &context))
}

impl Site {
    /// The app that waits with this code.
    async fn waiting_app(&self, code: &str) -> Result<Option<AppRequest>, PageError> {
        let found = self.store.app_request_by_code(&code_digest(code)).await?;
        let now = (self.clock)();
        Ok(found.filter(|found| found.answer == AppAnswer::None && !found.is_over(now)))
    }
}

pub(super) async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    act(&site, request, async |present: Present, said: Said| {
        let known = site.waiting_app(&said.code).await?.is_some();
        let yes = said.answer == "yes";
        let account = yes.then_some(present.account.id);
        if !known
            || !site
                .store
                .answer_app_request(&code_digest(&said.code), account, (site.clock)())
                .await?
        {
            return app_page(&site, &said.code, &headers).await;
        }
        let words = if yes { "app_in" } else { "app_out" };
        Ok(site.notice(StatusCode::OK, &headers, words, "/account"))
    })
    .await
}
