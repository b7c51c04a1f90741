//! Everything that is stored about a reader, as JSON for them to download (GDPR, articles 15 and 20).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use masthead_access::Read;
use masthead_circulation::{
    Account, AccountId, DeskAuditEntry, Passkey, Payment, Refund, Session, Subscription,
};
use masthead_publication::SiteSnapshot;
use masthead_store::StoreError;
use masthead_telemetry::security::SecurityEvent;
use serde_json::{Value, json};

use crate::{error::Handled, extract::SignedIn, response, state::Site};

/// The maximum number of records about what staff did for the reader.
const MAX_RECORDS: u64 = 1000;

/// The download.
pub(super) async fn data(State(site): State<Arc<Site>>, reader: SignedIn) -> Handled {
    let data = account_data(&site, &reader.account).await?;
    reader.log(&site, SecurityEvent::OwnDataExported);
    Ok(attachment(&data))
}

/// Everything that is stored about a reader, as JSON.
///
/// # Errors
///
/// Fails if the database does.
pub async fn account_data(site: &Site, account: &Account) -> Result<Value, StoreError> {
    let (store, id) = (&site.store, account.id);
    site.accounts.flush().await?;
    let snapshot = site.snapshot();
    let identities = store.identities_of(id).await?;
    let records = store.desk_records_about(&account.email, MAX_RECORDS).await?;
    Ok(json!({
        "email": account.email.to_string(),
        "name": account.name,
        "registered": account.registered.to_string(),
        "subscriptions": list(&store.subscriptions_of(id).await?, |held| bought(&snapshot, held)),
        "payments": payments(site, id).await?,
        "elsewhere": list(&identities, |identity| {
            json!({ "issuer": identity.issuer, "subject": identity.subject })
        }),
        "passkeys": list(&store.passkeys_of(id).await?, passkey),
        "helped": list(&records, staff_action),
        "desk": store.staff(id).await?.map(|staff| staff.role.name()),
        "devices": list(&store.sessions_of(id).await?, device),
        "reads": store
            .reads_of(id, i64::MIN)
            .await?
            .iter()
            .map(|read| article_read(&snapshot, *read))
            .collect::<Vec<_>>(),
    }))
}

fn attachment(all: &Value) -> Response {
    let mut answer = response::plain(StatusCode::OK, format!("{all:#}\n"));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let file = HeaderValue::from_static("attachment; filename=\"account.json\"");
    headers.insert(header::CONTENT_DISPOSITION, file);
    answer
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(each).collect()
}

fn bought(snapshot: &SiteSnapshot, subscription: &Subscription) -> Value {
    json!({
        "product": subscription.terms.name,
        "begun": subscription.begun.to_string(),
        "terms": snapshot.rates().terms(&subscription.terms),
        "state": subscription.state,
        "card": subscription.mandate.card,
    })
}

async fn payments(site: &Site, account: AccountId) -> Result<Vec<Value>, StoreError> {
    let refunds = site.store.refunds_of(account).await?;
    let payments = site.store.payments_of(account).await?;
    Ok(list(&payments, |payment| paid(payment, &refunds)))
}

fn paid(payment: &Payment, refunds: &[Refund]) -> Value {
    let refund =
        refunds.iter().find(|refund| refund.payment == payment.number && refund.is_settled());
    json!({
        "invoice": payment.number.0,
        "for": payment.what,
        "amount": payment.amount.to_string(),
        "at": payment.at.to_string(),
        "from": payment.from.to_string(),
        "through": payment.through.to_string(),
        "paid_back": refund.map(|refund| refund.amount.to_string()),
    })
}

fn passkey(passkey: &Passkey) -> Value {
    json!({
        "device": passkey.device,
        "added": passkey.added.to_string(),
        "used": passkey.used.map(|used| used.to_string()),
    })
}

fn staff_action(record: &DeskAuditEntry) -> Value {
    json!({
        "at": record.at.to_string(),
        "what": record.action.name(),
        "why": record.reason,
    })
}

fn device(session: &Session) -> Value {
    json!({
        "device": session.device,
        "signedIn": session.begun.to_string(),
        "lastHere": session.seen.to_string(),
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
