//! What only the demonstration has: its outbox, because it sends no email, and a date that can be moved, to see a trial
//! end or an offer close without waiting.

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use http::{HeaderValue, StatusCode, header};
use jiff::civil::Date;
use masthead_publication::{
    ReaderLinks, Template,
    contexts::{OutboxContext, OutboxEmailContext},
};
use masthead_store::{EmailBody, EmailBodyError, EmailId, OutboxEntry, StoreError};
use masthead_web::form::see_other;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error::{Handled, SiteError},
    extract::{Accepts, ReaderForm, Referrer, UrlPath},
    notice::Notice,
    response,
    state::Site,
};

/// The number of emails on the page.
const MAX_EMAILS: u64 = 50;
/// An email has its own styles and nothing else.
const EMAIL_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

/// The addresses of the demonstration.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/demo/outbox", get(outbox))
        .route("/demo/outbox.json", get(outbox_json))
        .route("/demo/outbox/{number}", get(email))
        .route("/demo/today", get(about_date).post(change_date))
}

#[derive(Deserialize)]
struct DateForm {
    date: String,
}

/// Says that the date can be moved; the form for it is on every page.
async fn about_date() -> Notice {
    Notice::DemoClock
}

/// Moves the date, and does everything that has become due.
async fn change_date(
    State(site): State<Arc<Site>>,
    Referrer(back): Referrer,
    ReaderForm(form): ReaderForm<DateForm>,
) -> Handled {
    let publication = Arc::clone(&site.snapshot().publication);
    let zone = &publication.policy.zone;
    let today = (site.clock)().to_zoned_datetime(zone.clone()).date();
    let date = form.date.trim().parse::<Date>().ok().filter(|date| *date >= today);
    let (Some(date), Some(clock)) = (date, &site.settings.demo) else {
        return Err(Notice::PastDay.into());
    };
    if let Err(error) = clock.set(date, zone) {
        tracing::error!(%error, "demo: the date is not kept, commands have another");
    }
    site.refresh().await?;
    site.billing.sweep_checkouts().await?;
    site.billing.sweep_orders().await?;
    site.billing.sweep_payments().await?;
    site.billing.renew_due().await?;
    Ok(see_other(&back, &[]))
}

async fn outbox(State(site): State<Arc<Site>>, Accepts(encoding): Accepts) -> Handled {
    let snapshot = site.snapshot();
    let email = |(email, body): (OutboxEntry, EmailBody)| OutboxEmailContext {
        href: format!("/demo/outbox/{}", email.id),
        to: email.to.to_string(),
        subject: email.subject,
        text: body.text,
    };
    let context = OutboxContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("outbox")),
        emails: latest(&site).await?.into_iter().map(email).collect(),
    };
    site.personal_page(encoding, StatusCode::OK, ReaderLinks::Account, Template::Outbox, &context)
}

async fn outbox_json(State(site): State<Arc<Site>>) -> Handled {
    let email = |(email, body): &(OutboxEntry, EmailBody)| {
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
    let emails: Vec<Value> = latest(&site).await?.iter().map(email).collect();
    Ok(response::json(StatusCode::OK, &emails))
}

async fn email(State(site): State<Arc<Site>>, UrlPath(number): UrlPath<i32>) -> Handled {
    let body = body(&site, EmailId(number)).await?.ok_or(SiteError::NotFound)?;
    let mut answer = response::plain(StatusCode::OK, body.html);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, EMAIL_POLICY);
    Ok(answer)
}

/// The latest emails with what they say: nothing if that is not stored any more.
async fn latest(site: &Site) -> Result<Vec<(OutboxEntry, EmailBody)>, StoreError> {
    let mut latest = Vec::new();
    for email in site.store.emails(MAX_EMAILS).await? {
        let body = body(site, email.id).await?.unwrap_or_default();
        latest.push((email, body));
    }
    Ok(latest)
}

/// What an email says; `None` if there is none of this number, or its body is not stored any more.
async fn body(site: &Site, email: EmailId) -> Result<Option<EmailBody>, StoreError> {
    match site.store.email_body(email).await {
        Ok(body) => Ok(Some(body)),
        Err(EmailBodyError::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}
