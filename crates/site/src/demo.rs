//! What only the demonstration has: its outbox, for there is nobody to send mail to, and a day that can
//! be moved, to see a trial end or an offer close without waiting.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::civil::Date;
use masthead_store::{EmailBody, EmailBodyError, EmailId, OutboxEntry, StoreError};
use masthead_web::form;
use serde::Deserialize;
use serde_json::json;

use crate::{billing_view, response, return_to, state::Site};
use masthead_publication::{
    Template,
    contexts::{OutboxContext, OutboxEmailContext},
};

/// Letters on the page.
const MOST: u64 = 50;
/// A letter brings its own styles, and nothing else.
const LETTER_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

/// The addresses of the demonstration.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/demo/outbox", get(outbox))
        .route("/demo/outbox.json", get(outbox_json))
        .route("/demo/outbox/{number}", get(letter))
        .route("/demo/today", get(today).post(move_to))
}

#[derive(Deserialize)]
struct Day {
    date: String,
}

/// Says that the day can be moved; the form for it is on every page.
async fn today(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    site.notice(StatusCode::OK, &headers, "demo_today", "/")
}

/// Moves the day, and does everything that became due by it.
async fn move_to(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let publication = Arc::clone(&site.snapshot().publication);
    let Ok(day) = form::read::<Day>(request, &publication.address).await else {
        return site.notice(StatusCode::BAD_REQUEST, &headers, "fault_form", "/");
    };
    let zone = &publication.policy.zone;
    let today = (site.clock)().to_zoned_datetime(zone.clone()).date();
    let date = day.date.trim().parse::<Date>().ok().filter(|date| *date >= today);
    let (Some(date), Some(clock)) = (date, &site.settings.demo) else {
        return site.notice(StatusCode::UNPROCESSABLE_ENTITY, &headers, "fault_day", "/");
    };
    clock.set(date, zone);
    let done = async {
        site.refresh().await?;
        site.billing.sweep_checkouts().await.map_err(billing_view::failed)?;
        site.billing.sweep_orders().await.map_err(billing_view::failed)?;
        site.billing.renew_due().await.map_err(billing_view::failed)
    };
    match done.await {
        Ok(_) => form::see_other(&return_to::page_before(&headers, &publication.address), &[]),
        Err(error) => site.failed(&error, &headers).await,
    }
}

async fn outbox(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let emails = match opened(&site).await {
        Ok(emails) => emails,
        Err(error) => return failed(&error),
    };
    let snapshot = site.snapshot();
    let letter = |(email, body): (OutboxEntry, EmailBody)| OutboxEmailContext {
        href: format!("/demo/outbox/{}", email.id),
        to: email.to.to_string(),
        subject: email.subject,
        text: body.text,
    };
    let context = OutboxContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("outbox")),
        letters: emails.into_iter().map(letter).collect(),
    };
    site.personal_page(StatusCode::OK, &headers, Template::Outbox, &context)
}

async fn outbox_json(State(site): State<Arc<Site>>) -> Response {
    match opened(&site).await {
        Ok(emails) => {
            let letter = |(email, body): (OutboxEntry, EmailBody)| {
                json!({
                    "href": format!("/demo/outbox/{}", email.id),
                    "to": email.to.to_string(),
                    "kind": email.kind,
                    "subject": email.subject,
                    "text": body.text,
                    "html": body.html,
                    "written": email.written.to_string(),
                    "state": email.state.name(),
                })
            };
            let letters: Vec<_> = emails.into_iter().map(letter).collect();
            let mut answer = response::plain(StatusCode::OK, json!(letters).to_string());
            let media_type = HeaderValue::from_static("application/json");
            answer.headers_mut().insert(header::CONTENT_TYPE, media_type);
            answer
        }
        Err(error) => failed(&error),
    }
}

async fn letter(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(number) = number.parse() else { return site.not_found(&headers).await };
    let body = match site.store.email_body(EmailId(number)).await {
        Ok(body) => body,
        Err(EmailBodyError::Store(error)) => return failed(&error),
        Err(_) => return site.not_found(&headers).await,
    };
    let mut answer = response::plain(StatusCode::OK, body.html);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, LETTER_POLICY);
    answer
}

/// The latest emails with what they say: nothing if that is not kept any more.
async fn opened(site: &Site) -> Result<Vec<(OutboxEntry, EmailBody)>, StoreError> {
    let mut opened = Vec::new();
    for email in site.store.emails(MOST).await? {
        let body = match site.store.email_body(email.id).await {
            Ok(body) => body,
            Err(EmailBodyError::Store(error)) => return Err(error),
            Err(_) => EmailBody::default(),
        };
        opened.push((email, body));
    }
    Ok(opened)
}

fn failed(error: &StoreError) -> Response {
    tracing::error!(%error, "demo: outbox cannot be read");
    response::broken()
}
