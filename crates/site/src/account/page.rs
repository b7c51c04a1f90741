//! The account page, and what can be done on it.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_access::Allowance;
use masthead_circulation::{
    Account, AccountId, Digest, Passkey, Payment, Session, Subscription, entitlement,
    staff::StaffAuditEntry,
};
use masthead_store::EmailState;
use masthead_web::form;
use serde::Deserialize;
use serde_json::json;

use super::subscription;
use crate::{response, state::Site};
use masthead_publication::{
    CachedAccount, PageError, Template,
    contexts::{AccountContext, PaymentContext, SessionContext},
};
use masthead_web::form::see_other;

/// How long the page waits for the answer of a payment processor.
const SETTLED_WITHIN: Duration = Duration::from_millis(500);
/// More than is ever done for a reader.
const RECORDS: u64 = 1000;
/// The longest name that a reader may give, in characters.
const LONGEST_NAME: usize = 100;

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
struct Sure {
    #[serde(default)]
    sure: String,
}

/// Whoever is signed in, with all that the database knows.
pub(crate) struct Present {
    session: Arc<Session>,
    member: Arc<CachedAccount>,
    pub(crate) account: Account,
}

impl Site {
    pub(super) async fn present(&self, headers: &HeaderMap) -> Result<Option<Present>, PageError> {
        let Some((session, member)) = self.signed_in(headers).await else { return Ok(None) };
        let account = self.store.account(member.account).await?;
        Ok(account.map(|account| Present { session, member, account }))
    }
}

pub(super) async fn account(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let answer = account_page(&site, &headers).await;
    site.or_failed(&headers, answer).await
}

/// Readers who pay and do not come back find what they paid for on this page. Its processor is asked
/// beside the page, which waits for a moment only.
async fn settle_open(site: &Site, account: AccountId) -> Result<(), PageError> {
    let open = site.store.open_checkouts_of(account).await?;
    if open.is_empty() {
        return Ok(());
    }
    let billing = Arc::clone(&site.billing);
    let settling = tokio::spawn(async move {
        for checkout in open {
            if let Err(error) = billing.settle(&checkout).await {
                tracing::error!(%error, "checkout: not settled, trying again");
            }
        }
    });
    // It goes on by itself if it takes longer.
    let _ = tokio::time::timeout(SETTLED_WITHIN, settling).await;
    Ok(())
}

async fn account_page(site: &Site, headers: &HeaderMap) -> Result<Response, PageError> {
    let Some(Present { session, member, account }) = site.present(headers).await? else {
        return Ok(see_other("/sign-in", &[]));
    };
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let policy = &snapshot.publication.policy;
    let locale = &snapshot.publication.locale;
    let reads = member.reads();
    let spent = reads.count_since(site.opens(now));
    let allowance = policy.allowance(member.standing(now)).unwrap_or(Allowance::Unlimited);
    settle_open(site, account.id).await?;
    let subscriptions = site.store.subscriptions_of(account.id).await?;
    let history = entitlement::history(&subscriptions, now);
    let refunds = site.store.refunds_of(account.id).await?;
    let refunded = |number: u32| {
        let refund = refunds.iter().find(|refund| refund.payment == number && refund.is_settled());
        let amount = refund.map(|refund| snapshot.rates().money(refund.amount));
        let words = snapshot.theme.word("paid_back_of");
        amount.map(|amount| words.replace("{amount}", &amount)).unwrap_or_default()
    };
    let payment = |payment: Payment| PaymentContext {
        refunded: refunded(payment.number),
        number: payment.number,
        date: snapshot.date_of(payment.at),
        what: payment.what,
        amount: snapshot.rates().money(payment.amount),
    };
    let devices = site.store.sessions_of(account.id).await?;
    let delivery = site.store.last_delivery(&account.email).await?;
    let context = AccountContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("account")),
        email: account.email.to_string(),
        name: account.name,
        works_here: member.works_here(),
        undelivered: delivery.is_some_and(|posted| posted.state == EmailState::Failed),
        left: allowance.left_after(spent),
        allowance: allowance.to_string(),
        resets_on: policy
            .window
            .resets_on(&reads, now, &policy.zone)
            .map(|date| locale.date(date))
            .unwrap_or_default(),
        subscriptions: subscriptions
            .iter()
            .map(|held| subscription::context(&snapshot, held, now))
            .collect(),
        may_buy: history.may_buy() && !snapshot.publication.catalogue.is_empty(),
        payments: site.store.payments_of(account.id).await?.into_iter().map(payment).collect(),
        passkeys: site.passkey_contexts(account.id).await?,
        sessions: devices
            .into_iter()
            .map(|device| SessionContext {
                key: device.key.to_string(),
                current: device.key == session.key,
                seen: snapshot.date_of(device.seen),
                device: device.device,
            })
            .collect(),
    };
    Ok(site.personal_page(StatusCode::OK, headers, Template::Account, &context))
}

/// Reads a form of somebody who is signed in, and does what it asks for.
pub(crate) async fn act<T: serde::de::DeserializeOwned + 'static>(
    site: &Site,
    request: Request,
    act: impl AsyncFnOnce(Present, T) -> Result<Response, PageError>,
) -> Response {
    let headers = request.headers().clone();
    let address = site.snapshot().publication.address.clone();
    let Ok(form) = form::read::<T>(request, &address).await else {
        return site.notice(StatusCode::BAD_REQUEST, &headers, "fault_form", "/sign-in");
    };
    let answer = match site.present(&headers).await {
        Ok(Some(present)) => act(present, form).await,
        Ok(None) => Ok(see_other("/sign-in", &[])),
        Err(error) => Err(error),
    };
    site.or_failed(&headers, answer).await
}

pub(super) async fn name(State(site): State<Arc<Site>>, request: Request) -> Response {
    act(&site, request, async |present, Name { name }| {
        let name: String =
            name.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        site.store.rename_account(present.account.id, &name).await?;
        site.accounts.renew(present.account.id).await?;
        Ok(see_other("/account", &[]))
    })
    .await
}

pub(super) async fn end_session(
    State(site): State<Arc<Site>>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    act(&site, request, async |present, Nothing {}| {
        let Ok(key) = key.parse::<Digest>() else { return Ok(see_other("/account", &[])) };
        site.store.end_session(present.account.id, &key).await?;
        site.accounts.forget_sessions([key]).await;
        if key == present.session.key {
            Ok(signed_out(&site))
        } else {
            Ok(see_other("/account", &[]))
        }
    })
    .await
}

pub(super) async fn end_sessions(State(site): State<Arc<Site>>, request: Request) -> Response {
    act(&site, request, async |present, Nothing {}| {
        end_all(&site, &present.account).await?;
        Ok(signed_out(&site))
    })
    .await
}

async fn end_all(site: &Site, account: &Account) -> Result<(), PageError> {
    let sessions = site.store.sessions_of(account.id).await?;
    site.store.end_sessions(account.id).await?;
    site.accounts.forget_sessions(sessions.into_iter().map(|session| session.key)).await;
    Ok(())
}

fn signed_out(site: &Site) -> Response {
    see_other("/", &[site.cookies.set(site.cookies.session, "", 0)])
}

/// Everything that is kept about the reader.
pub(super) async fn data(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let answer = everything(&site, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn everything(site: &Site, headers: &HeaderMap) -> Result<Response, PageError> {
    let Some(Present { account, .. }) = site.present(headers).await? else {
        return Ok(see_other("/sign-in", &[]));
    };
    site.accounts.flush().await?;
    let snapshot = site.snapshot();
    let reads = site.store.reads_of(account.id, i64::MIN).await?;
    let role = site.store.staff(account.id).await?;
    let records = site.store.desk_records_about(&account.email, RECORDS).await?;
    let helped = |record: &StaffAuditEntry| {
        json!({
            "at": record.at.to_string(),
            "what": record.action.parts().0,
            "why": record.reason,
        })
    };
    let read = |read: &masthead_access::Read| {
        let address = snapshot.edition.piece(read.article).map(|entry| entry.address.to_string());
        json!({
            "article": address,
            "counted": jiff::Timestamp::from_second(read.second()).map(|at| at.to_string()).ok(),
        })
    };
    let device = |session: Session| {
        json!({
            "device": session.device,
            "signedIn": session.begun.to_string(),
            "lastHere": session.seen.to_string(),
        })
    };
    let bought = |subscription: &Subscription| {
        json!({
            "product": subscription.terms.name,
            "begun": subscription.begun.to_string(),
            "terms": snapshot.rates().terms(&subscription.terms),
            "state": subscription.state,
            "card": subscription.mandate.card,
        })
    };
    let refunds = site.store.refunds_of(account.id).await?;
    let paid = |payment: &Payment| {
        json!({
            "invoice": payment.number,
            "for": payment.what,
            "amount": payment.amount.to_string(),
            "at": payment.at.to_string(),
            "from": payment.from.to_string(),
            "through": payment.through.to_string(),
            "paid_back": refunds
                .iter()
                .find(|refund| refund.payment == payment.number && refund.is_settled())
                .map(|refund| refund.amount.to_string()),
        })
    };
    let subscriptions = site.store.subscriptions_of(account.id).await?;
    let payments = site.store.payments_of(account.id).await?;
    let passkey = |passkey: &Passkey| {
        json!({
            "device": passkey.device,
            "added": passkey.added.to_string(),
            "used": passkey.used.map(|used| used.to_string()),
        })
    };
    let passkeys = site.store.passkeys_of(account.id).await?;
    let identities = site.store.identities_of(account.id).await?;
    let devices = site.store.sessions_of(account.id).await?;
    let all = json!({
        "email": account.email.to_string(),
        "name": account.name,
        "registered": account.registered.to_string(),
        "subscriptions": subscriptions.iter().map(bought).collect::<Vec<_>>(),
        "payments": payments.iter().map(paid).collect::<Vec<_>>(),
        "elsewhere": identities
            .iter()
            .map(|(issuer, subject)| json!({ "issuer": issuer, "subject": subject }))
            .collect::<Vec<_>>(),
        "passkeys": passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "helped": records.iter().map(helped).collect::<Vec<_>>(),
        "desk": role.map(|staff| staff.role.name()),
        "devices": devices.into_iter().map(device).collect::<Vec<_>>(),
        "reads": reads.iter().map(read).collect::<Vec<_>>(),
    });
    let mut answer = response::plain(StatusCode::OK, format!("{all:#}\n"));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let file = HeaderValue::from_static("attachment; filename=\"account.json\"");
    headers.insert(header::CONTENT_DISPOSITION, file);
    Ok(answer)
}

pub(super) async fn delete(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    act(&site, request, async |present, Sure { sure }| {
        if sure != "yes" {
            return Ok(see_other("/account", &[]));
        }
        let last_owner =
            || site.notice(StatusCode::CONFLICT, &headers, "fault_last_owner", "/account");
        if site.store.is_last_owner(present.account.id).await? {
            return Ok(last_owner());
        }
        end_all(&site, &present.account).await?;
        // What is still to be written must not come after the deletion.
        site.accounts.flush().await?;
        if !site.store.delete_account(&present.account).await? {
            return Ok(last_owner());
        }
        site.accounts.forget(present.account.id);
        let mut answer = site.notice(StatusCode::OK, &headers, "gone", "/");
        let cookie = HeaderValue::try_from(site.cookies.set(site.cookies.session, "", 0));
        if let Ok(cookie) = cookie {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(answer)
    })
    .await
}
