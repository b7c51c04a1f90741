//! Cancelling a subscription without signing in, as the law of some countries wants it: the reader enters the address of their
//! subscription, and confirms by the link in an email. What a page says, and that an email is sent, does not depend on
//! whether there is a subscription.

use std::sync::Arc;

use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::{CancellationRequest, EmailAddress, Event, Subscription};
use masthead_mail::emails;
use masthead_publication::{
    ReaderLinks, Template,
    compression::Encoding,
    contexts::{CancelConfirmContext, CancelContext},
};
use masthead_store::StoreError;
use serde::Deserialize;

use super::subscription_view::cancel_words;
use crate::{
    error::{Handled, SiteError},
    extract::{Accepts, ClientAddress, EmptyForm, Limited, ReaderForm, UrlPath, limit::SignIns},
    notice::Notice,
    pages::form_status,
    security::RequestLimit,
    state::Site,
};

#[derive(Default, Deserialize)]
pub(super) struct CancellationForm {
    email: String,
    #[serde(default)]
    reason: String,
}

/// The page with the form.
pub(super) async fn page(State(site): State<Arc<Site>>, Accepts(encoding): Accepts) -> Handled {
    form_page(&site, encoding, &CancellationForm::default(), false)
}

fn form_page(site: &Site, encoding: Encoding, form: &CancellationForm, is_faulty: bool) -> Handled {
    let snapshot = site.snapshot();
    let fault = if is_faulty { snapshot.theme.word("fault_email") } else { "" };
    let context = CancelContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("cancel_page")),
        email: form.email.clone(),
        reason: form.reason.clone(),
        fault: fault.to_owned(),
    };
    let status = form_status(is_faulty);
    site.personal_page(encoding, status, ReaderLinks::Account, Template::Cancel, &context)
}

/// Sends the email.
pub(super) async fn request(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    Accepts(encoding): Accepts,
    ClientAddress(client): ClientAddress,
    ReaderForm(form): ReaderForm<CancellationForm>,
) -> Handled {
    let Ok(email) = form.email.trim().parse::<EmailAddress>() else {
        return form_page(&site, encoding, &form, true);
    };
    let now = (site.clock)();
    if !site.email_limits.admit_cancellation(&site.store, &email, client, now).await? {
        site.log_limit(RequestLimit::SignInEmails, Some(client), None);
        return Err(Notice::TooManyEmails.into());
    }
    send_email(&site, &email, &form.reason, now).await?;
    Ok(Notice::CancellationSent.into_response())
}

async fn send_email(
    site: &Site,
    to: &EmailAddress,
    reason: &str,
    now: Timestamp,
) -> Result<(), SiteError> {
    let snapshot = site.snapshot();
    let email = match cancellable_at(site, to, now).await? {
        Some(subscription) => {
            let request = CancellationRequest::new(subscription.id, reason, now);
            let link = request.seal(&site.link_keys, &mut rand::rng());
            let link = link.map_err(SiteError::failed("cancellation: seal link"))?;
            emails::cancellation(&snapshot, to, &subscription, &link)?
        }
        None => emails::no_cancellation(&snapshot, to)?,
    };
    site.store.enqueue_email(&email, now).await?;
    site.outbox_wakeup.notify_one();
    Ok(())
}

/// Returns the subscription at an address that can be cancelled; one that is paid for before one that is given.
async fn cancellable_at(
    site: &Site,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Option<Subscription>, StoreError> {
    let Some(account) = site.store.account_at(email).await? else { return Ok(None) };
    let held = site.store.subscriptions_of(account.id).await?;
    let open = held.into_iter().filter(|held| is_cancellable(held, now));
    Ok(open.min_by_key(|held| held.terms.amount.is_zero()))
}

fn is_cancellable(subscription: &Subscription, now: Timestamp) -> bool {
    subscription.after(Event::Cancelled, now).is_ok()
}

/// A request to cancel that came by a genuine link, with its subscription.
async fn requested(
    site: &Site,
    link: &str,
) -> Result<(CancellationRequest, Subscription), SiteError> {
    let now = (site.clock)();
    let request = CancellationRequest::open(link, &site.link_keys, now);
    let request = request.ok_or(Notice::CancellationExpired)?;
    let found = site.store.subscription(request.subscription).await?;
    let subscription = found.ok_or(Notice::CancellationExpired)?;
    if is_cancellable(&subscription, now) {
        Ok((request, subscription))
    } else {
        Err(Notice::CancellationDone.into())
    }
}

/// The page behind the link. Mail programs follow links by themselves, so that confirming takes a button.
pub(super) async fn confirm_page(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    Accepts(encoding): Accepts,
) -> Handled {
    let (_, subscription) = requested(&site, &link).await?;
    let snapshot = site.snapshot();
    let context = CancelConfirmContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("cancel_page")),
        text: cancel_words(&snapshot, &subscription, (site.clock)()),
        product: subscription.terms.name,
        action: format!("/cancel/{link}"),
    };
    let links = ReaderLinks::Account;
    site.personal_page(encoding, StatusCode::OK, links, Template::CancelConfirm, &context)
}

/// Cancels the subscription, and keeps the reason for staff.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    _: ReaderForm<EmptyForm>,
) -> Result<Notice, SiteError> {
    let (request, subscription) = requested(&site, &link).await?;
    site.billing.cancel(subscription.id).await?;
    if !request.reason.is_empty() {
        let now = (site.clock)();
        site.store.note_cancellation_reason(subscription.id, &request.reason, now).await?;
    }
    Ok(Notice::CancellationDone)
}
