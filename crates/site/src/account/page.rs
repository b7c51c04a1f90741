//! The account page, and what can be done on it.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use masthead_access::Allowance;
use masthead_circulation::{
    Account, AccountId, CollectedPayment, Digest, Dispute, Payment, PaymentNumber, Refund, Session,
    SessionKind, entitlement,
};
use masthead_publication::{
    CachedAccount, SiteSnapshot, Template,
    contexts::{AccountContext, DeliveryContext, PaymentContext, SessionContext},
};
use masthead_store::{EmailState, StoreError};
use masthead_telemetry::security::SecurityEvent;
use masthead_web::form::see_other;
use serde::Deserialize;

use super::{app, identity, passkey, subscription_view};
use crate::{
    delivery,
    error::{Handled, SiteError},
    extract::{Accepts, ConfirmedForm, EmptyForm, MaybeSignedIn, ReaderForm, SignedIn, UrlPath},
    note::Note,
    notice::Notice,
    state::Site,
};

/// How long the page waits for the answer of a payment processor.
const SETTLED_WITHIN: Duration = Duration::from_millis(500);
/// The maximum length of a reader's name, in characters.
const MAX_NAME: usize = 100;

#[derive(Deserialize)]
pub(super) struct NameForm {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct DeliveryForm {
    delivery_name: String,
    delivery_lines: String,
}

#[derive(Deserialize)]
pub(super) struct DeletionForm {
    /// `yes` if the box was ticked.
    #[serde(default)]
    sure: String,
}

/// The account page.
pub(super) async fn account(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    reader: SignedIn,
) -> Handled {
    settle_open(&site, reader.account.id).await?;
    let links = reader.links(&site);
    let context = context(&site, reader).await?;
    site.personal_page_with_note(&headers, links, Template::Account, &context).await
}

/// Settles checkouts that were paid without coming back, so that the page shows what they paid for. The processor is
/// asked beside the page, which waits only for a moment.
async fn settle_open(site: &Site, account: AccountId) -> Result<(), StoreError> {
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

/// The form of the delivery address, if something is delivered or there is an address.
fn delivery_form(stored: &DeliveryContext, is_needed: bool) -> Option<DeliveryContext> {
    (is_needed || !stored.name.is_empty()).then(|| stored.clone())
}

pub(super) async fn context(site: &Site, reader: SignedIn) -> Result<AccountContext, SiteError> {
    let SignedIn { session, cached, account, .. } = reader;
    let now = (site.clock)();
    let snapshot = site.snapshot();
    site.accounts.refresh_reads(&cached, site.opens(now)).await;
    let subscriptions = site.store.subscriptions_of(account.id).await?;
    let may_buy = entitlement::history(&subscriptions, account.had_subscription, now).may_buy();
    let last_email = site.store.last_delivery(&account.email).await?;
    let is_delivered = delivery::is_needed(&subscriptions, now);
    let stored = delivery::stored(site, &account).await?;
    let can_remove_delivery =
        !is_delivered && !stored.name.is_empty() && !site.store.has_open_order(account.id).await?;
    let meter = meter(&snapshot, &cached, now);
    let paid = site.store.payments_of(account.id).await?;
    let refunds = site.store.refunds_of(account.id).await?;
    let disputes = site.store.disputes_of(account.id).await?;
    Ok(AccountContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("account")),
        email: account.email.to_string(),
        name: account.name,
        is_staff: cached.is_staff(),
        undelivered: last_email.is_some_and(|sent| sent.state == EmailState::Failed),
        left: meter.left,
        allowance: meter.allowance,
        resets_on: meter.resets_on,
        subscriptions: subscriptions
            .iter()
            .map(|held| {
                let collected = CollectedPayment::of(held.id, &paid, &refunds, &disputes);
                subscription_view::context(&snapshot, held, &collected, &stored, now)
            })
            .collect(),
        may_buy: may_buy && snapshot.publication.sells(),
        delivery: delivery_form(&stored, is_delivered),
        can_remove_delivery,
        payments: payments(&snapshot, paid, (&refunds, &disputes)),
        passkeys: passkey::contexts(site, account.id).await?,
        identities: identity::contexts(site, account.id).await?,
        sessions: sessions(site, &snapshot, &session).await?,
        is_faulty: false,
        new_email: String::new(),
        email_fault: String::new(),
    })
}

/// The reader's meter in words.
struct Meter {
    left: Option<u32>,
    allowance: String,
    resets_on: String,
}

fn meter(snapshot: &SiteSnapshot, reader: &CachedAccount, now: Timestamp) -> Meter {
    let publication = &snapshot.publication;
    let policy = &publication.policy;
    let reads = reader.reads();
    let allowance = policy.allowance(reader.standing(now)).unwrap_or(Allowance::Unlimited);
    let resets_on = snapshot.meter_resets_on(&reads, now);
    Meter {
        left: allowance.left_after(reads.count_since(snapshot.window_opens(now))),
        allowance: allowance.to_string(),
        resets_on: resets_on.map(|date| publication.locale.day(date)).unwrap_or_default(),
    }
}

fn payments(
    snapshot: &SiteSnapshot,
    payments: Vec<Payment>,
    (refunds, disputes): (&[Refund], &[Dispute]),
) -> Vec<PaymentContext> {
    let refunded = |number: PaymentNumber| {
        let refund = refunds.iter().find(|refund| refund.payment == number);
        let amount = refund.map(Refund::refunded).filter(|amount| !amount.is_zero());
        let amount = amount.map(|amount| snapshot.rates().money(amount));
        let words = snapshot.theme.word("paid_back_of");
        amount.map(|amount| words.replace("{amount}", &amount)).unwrap_or_default()
    };
    let disputed = |payment: &Payment| {
        let taken = Dispute::taken_of(payment, disputes);
        let words = snapshot.theme.word("disputed_of");
        let amount = (!taken.is_zero()).then(|| snapshot.rates().money(taken));
        amount.map(|amount| words.replace("{amount}", &amount)).unwrap_or_default()
    };
    let context = |payment: Payment| PaymentContext {
        refunded: join([refunded(payment.number), disputed(&payment)]),
        number: payment.number.0,
        date: snapshot.date_of(payment.at),
        what: payment.what,
        amount: snapshot.rates().money(payment.amount),
    };
    payments.into_iter().map(context).collect()
}

/// Those that say something, one after the other.
fn join(words: [String; 2]) -> String {
    let said: Vec<String> = words.into_iter().filter(|words| !words.is_empty()).collect();
    said.join(" · ")
}

async fn sessions(
    site: &Site,
    snapshot: &SiteSnapshot,
    current: &Session,
) -> Result<Vec<SessionContext>, StoreError> {
    let context = |session: Session| SessionContext {
        key: session.key.to_string(),
        current: session.key == current.key,
        scopes: match session.kind {
            SessionKind::Browser => Vec::new(),
            SessionKind::App(scopes) => app::scope_words(snapshot, scopes),
        },
        seen: snapshot.date_of(session.seen),
        device: session.device,
    };
    Ok(site.store.sessions_of(current.account).await?.into_iter().map(context).collect())
}

/// Changes the reader's name.
pub(super) async fn name(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    ReaderForm(NameForm { name }): ReaderForm<NameForm>,
) -> Handled {
    let visible = name.trim().chars().filter(|c| !c.is_control());
    let name: String = visible.take(MAX_NAME).collect();
    site.store.rename_account(reader.account.id, &name, (site.clock)()).await?;
    site.accounts.renew(reader.account.id).await?;
    Ok(Note::NameSaved.on(&site, "/account"))
}

/// Changes where papers are delivered.
pub(super) async fn change_delivery(
    State(site): State<Arc<Site>>,
    Accepts(encoding): Accepts,
    reader: SignedIn,
    ReaderForm(form): ReaderForm<DeliveryForm>,
) -> Handled {
    let entered = delivery::entered(&site.snapshot(), &form.delivery_name, &form.delivery_lines);
    let faulty = match entered {
        Ok(address) => {
            let (account, now) = (reader.account.id, (site.clock)());
            site.store.set_delivery_address(account, &address, now).await?;
            reader.log(&site, SecurityEvent::DeliveryChanged);
            return Ok(Note::DeliverySaved.on(&site, "/account"));
        }
        Err(faulty) => faulty,
    };
    let links = reader.links(&site);
    let delivery = Some(faulty);
    let context = AccountContext { delivery, is_faulty: true, ..context(&site, reader).await? };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    site.personal_page(encoding, status, links, Template::Account, &context)
}

/// Removes where papers are delivered, unless some are.
pub(super) async fn remove_delivery(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let removed = site.store.remove_delivery_address(reader.account.id, (site.clock)()).await?;
    if removed {
        reader.log(&site, SecurityEvent::DeliveryChanged);
    }
    Ok(Note::DeliveryRemoved.on_account_if(&site, removed))
}

/// Ends one of the reader's sessions.
pub(super) async fn end_session(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    UrlPath(key): UrlPath<String>,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let unchanged = || Ok(Note::Unchanged.on(&site, "/account"));
    let Ok(key) = key.parse::<Digest>() else { return unchanged() };
    if !site.store.end_session(reader.account.id, &key).await? {
        return unchanged();
    }
    site.accounts.forget_sessions([key]).await;
    reader.log(&site, SecurityEvent::SessionEnded);
    let is_current = key == reader.session.key;
    Ok(if is_current { signed_out(&site) } else { Note::DeviceSignedOut.on(&site, "/account") })
}

/// Ends all of the reader's sessions.
pub(super) async fn end_sessions(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    end_all(&site, &reader.account).await?;
    reader.log(&site, SecurityEvent::SessionsEnded);
    Ok(signed_out(&site))
}

async fn end_all(site: &Site, account: &Account) -> Result<(), StoreError> {
    let sessions = site.store.sessions_of(account.id).await?;
    site.store.end_sessions(account.id).await?;
    site.accounts.forget_sessions(sessions.into_iter().map(|session| session.key)).await;
    Ok(())
}

fn signed_out(site: &Site) -> Response {
    let cookies = site.cookies;
    let ended = [cookies.set(cookies.session, "", 0), cookies.set(cookies.asked, "", 0)];
    see_other("/account/signed-out", &ended)
}

/// Says that the reader is signed out, if they are.
pub(super) async fn is_signed_out(MaybeSignedIn(reader): MaybeSignedIn) -> Response {
    match reader {
        Some(_) => see_other("/account", &[]),
        None => Notice::SignedOut.into_response(),
    }
}

/// Deletes the account.
pub(super) async fn delete(
    State(site): State<Arc<Site>>,
    ConfirmedForm { reader, form }: ConfirmedForm<DeletionForm>,
) -> Handled {
    if form.sure != "yes" {
        return Ok(Note::Unchanged.on(&site, "/account"));
    }
    let account = &reader.account;
    if site.store.is_last_owner(account.id).await? {
        return Err(Notice::LastOwner.into());
    }
    end_all(&site, account).await?;
    // What is still to be written must not come after the deletion.
    site.accounts.flush().await?;
    if !site.store.delete_account(account, (site.clock)()).await? {
        return Err(Notice::LastOwner.into());
    }
    site.accounts.forget(account.id);
    reader.log(&site, SecurityEvent::AccountDeleted);
    let mut answer = Notice::AccountDeleted.into_response();
    let cookie = HeaderValue::try_from(site.cookies.set(site.cookies.session, "", 0));
    if let Ok(cookie) = cookie {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}
