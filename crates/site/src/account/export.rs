//! Everything that is stored about a reader, as JSON for them to download (GDPR, articles 15 and 20). A test compares it with the
//! tables of the database.

mod purchases;
mod reading;
mod staff_actions;

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use masthead_access::Read;
use masthead_circulation::{Account, Passkey, Session, SessionKind};
use masthead_publication::SiteSnapshot;
use masthead_store::{Notification, OutboxEntry, PendingRequest, StoreError};
use masthead_telemetry::security::SecurityEvent;
use serde_json::{Value, json};

pub use self::staff_actions::AccountData;
use crate::{
    error::Handled,
    extract::{ConfirmedReader, limit::admit_export},
    response,
    state::Site,
};

/// The download. It says everywhere that the reader has been, so that it takes a recent sign-in.
pub(super) async fn data(
    State(site): State<Arc<Site>>,
    ConfirmedReader(reader): ConfirmedReader,
) -> Handled {
    admit_export(&site, reader.account.id)?;
    let data = account_data(&site, &reader.account).await?;
    reader.log(&site, SecurityEvent::OwnDataExported);
    Ok(attachment(data))
}

/// Everything that is stored about a reader, as JSON in parts.
///
/// # Errors
///
/// Fails if the database does.
pub async fn account_data(site: &Site, account: &Account) -> Result<AccountData, StoreError> {
    let bounded = bounded_data(site, account).await?;
    Ok(AccountData::new(&bounded, site.store.clone(), account.clone()))
}

/// What is stored about a reader, except the actions of staff, of which there may be any number.
async fn bounded_data(site: &Site, account: &Account) -> Result<Value, StoreError> {
    let (store, id) = (&site.store, account.id);
    site.accounts.flush().await?;
    let snapshot = site.snapshot();
    let traces = store.traces_of(account).await?;
    let delivery = store.delivery_address(id).await?;
    let mut all = json!({
        "email": account.email.to_string(),
        "name": account.name,
        "registered": account.registered.to_string(),
        "meter_reset": traces.meter_reset.map(|at| at.to_string()),
        "had_subscription": traces.had_subscription,
        "unpaid_invoices": list(&traces.debts, |id| json!(format!("S-{}", id.0))),
        "elsewhere": list(&store.identities_of(id).await?, |identity| {
            json!({ "issuer": identity.issuer, "subject": identity.subject })
        }),
        "passkeys": list(&store.passkeys_of(id).await?, passkey),
        "authenticator": traces.authenticator.map(|added| {
            json!({ "added": added.to_string(), "recovery_codes": traces.recovery_codes })
        }),
        "desk": store.staff(id).await?.map(|staff| staff.role.name()),
        "author": store.author_of(id).await?.map(|author| {
            json!({
                "name": author.name,
                "role": author.role,
                "biography": author.bio,
                "email": author.email,
            })
        }),
        "notifications": list(&store.all_notifications(id).await?, notification),
        "notification_settings": list(&store.notification_choices(id).await?, |(event, choice)| {
            json!({ "event": event.name(), "email": choice.by_email, "newsroom": choice.at_desk })
        }),
        "newsroom_settings": store.staff_settings(id).await?.map(|settings| {
            json!({
                "language": settings.language,
                "weekly_figures": settings.gets_figures,
                "last_weekly_figures": settings.figures_monday.map(|day| day.to_string()),
            })
        }),
        "filters": list(&store.saved_filters(id).await?, |filter| {
            json!({ "name": filter.name, "query": filter.query })
        }),
        "labels": store.labels_of(id).await?,
        "notes": list(&store.notes_about(id).await?, |note| {
            json!({ "written": note.at.to_string(), "text": note.text })
        }),
        "devices": list(&store.sessions_of(id).await?, device),
        "known_devices": list(&traces.devices, |at| json!({ "last_sign_in": at.to_string() })),
        "delivery": delivery.map(|address| {
            json!({ "name": address.name(), "lines": address.lines() })
        }),
        "requests": list(&traces.requests, request),
        "emails": list(&traces.emails, email),
        "reads": list(&traces.reads, |read| article_read(&snapshot, *read)),
        "former_reads": list(&traces.former_reads, |at| json!({ "counted": at.to_string() })),
    });
    if let Value::Object(all) = &mut all {
        all.extend(reading::of(site, &snapshot, id).await?);
        all.extend(purchases::of(site, &snapshot, id, &traces).await?);
    }
    Ok(all)
}

fn attachment(data: AccountData) -> Response {
    let parts = stream::try_unfold(data, |mut data| async {
        let part = data.next_part().await;
        let part =
            part.inspect_err(|error| tracing::error!(%error, "account: download interrupted"))?;
        Ok::<_, StoreError>(part.map(|part| (part, data)))
    });
    let mut answer = response::plain(StatusCode::OK, "");
    *answer.body_mut() = Body::from_stream(parts);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let file = HeaderValue::from_static("attachment; filename=\"account.json\"");
    headers.insert(header::CONTENT_DISPOSITION, file);
    answer
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(each).collect()
}

fn passkey(passkey: &Passkey) -> Value {
    json!({
        "device": passkey.device,
        "added": passkey.added.to_string(),
        "used": passkey.used.map(|used| used.to_string()),
    })
}

fn device(session: &Session) -> Value {
    json!({
        "device": session.device,
        "app": match session.kind {
            SessionKind::Browser => None,
            SessionKind::App(scopes) => Some(scopes.to_string()),
        },
        "signedIn": session.begun.to_string(),
        "lastHere": session.seen.to_string(),
    })
}

fn request(request: &PendingRequest) -> Value {
    json!({ "what": request.kind, "about": request.about, "at": request.at.to_string() })
}

fn email(email: &OutboxEntry) -> Value {
    json!({
        "to": email.to.to_string(),
        "kind": email.kind,
        "subject": email.subject,
        "written": email.written.to_string(),
        "state": email.state.name(),
    })
}

fn notification(told: &Notification) -> Value {
    json!({
        "event": told.event.name(),
        "article": told.article.0,
        "text": told.detail,
        "at": told.at.to_string(),
        "planned": told.planned.map(|at| at.to_string()),
        "read": told.is_read,
    })
}

fn article_read(snapshot: &SiteSnapshot, read: Read) -> Value {
    let address =
        snapshot.edition.public_piece(read.article).map(|entry| entry.address.to_string());
    json!({
        "article": address,
        "counted": Timestamp::from_second(read.second()).map(|at| at.to_string()).ok(),
    })
}
