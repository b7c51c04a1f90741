//! Cancelling a subscription without signing in, as the law of some countries wants it: the reader enters the address of their
//! subscription, and confirms by the link in an email. What a page says, how long it takes, and that an email is sent, does not
//! depend on whether there is a subscription: the email is composed after the response.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use masthead_billing::linked_cancellation::LinkOutcome;
use masthead_circulation::{
    CancellationRequest, EmailAddress, Event, Subscription, SubscriptionId,
};
use masthead_mail::emails;
use masthead_publication::{
    Template,
    compression::Encoding,
    contexts::{CancelChoiceContext, CancelConfirmContext, CancelContext, CancelDoneContext, Link},
};
use masthead_telemetry::security::{SecurityEntry, SecurityEvent};
use masthead_web::client::Origin;
use serde::{Deserialize, Serialize};

use super::{
    sign_in::is_known,
    subscription_view::{can_be_taken_back, cancel_words, cancelled_words},
};
use crate::{
    email_limits::Sender,
    error::{Handled, SiteError},
    extract::{ClientAddress, Device, Limited, ReaderForm, UrlPath, limit::SignIns},
    notice::Notice,
    pages::form_status,
    security::RequestLimit,
    state::Site,
};

/// What the names of the fields begin with that choose subscriptions; their numbers follow.
const CHOICE: &str = "subscription-";
/// The name of the button that cancels all of them.
const ALL: &str = "all";

#[derive(Default, Deserialize)]
pub(super) struct CancellationForm {
    email: String,
    #[serde(default)]
    reason: String,
}

/// The page with the form.
pub(super) async fn page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Handled {
    form_page(&site, &headers, &CancellationForm::default(), false).await
}

async fn form_page(
    site: &Site,
    headers: &HeaderMap,
    form: &CancellationForm,
    is_faulty: bool,
) -> Handled {
    let snapshot = site.snapshot();
    let fault = if is_faulty { snapshot.theme.word("fault_email") } else { "" };
    let context = CancelContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("cancel_page")),
        email: form.email.clone(),
        reason: form.reason.clone(),
        fault: fault.to_owned(),
    };
    show(site, headers, form_status(is_faulty), Template::Cancel, &context).await
}

/// Shows one of these pages, with the links of the reader who may be signed in.
async fn show(
    site: &Site,
    headers: &HeaderMap,
    status: StatusCode,
    template: Template,
    context: &impl Serialize,
) -> Handled {
    let (links, _) = site.reader_links(headers, None).await;
    site.personal_page(Encoding::accepted(headers), status, links, template, context)
}

/// Sends the email.
pub(super) async fn request(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    headers: HeaderMap,
    ClientAddress(client): ClientAddress,
    device: Device,
    ReaderForm(form): ReaderForm<CancellationForm>,
) -> Handled {
    let Ok(email) = form.email.trim().parse::<EmailAddress>() else {
        return form_page(&site, &headers, &form, true).await;
    };
    let now = (site.clock)();
    let is_known = is_known(&site, &device, &email).await?;
    let from = if is_known { Sender::KnownDevice } else { Sender::UnknownDevice(client) };
    if !site.email_limits.admit_cancellation(&site.store, &email, from, now).await? {
        site.log_limit(RequestLimit::SignInEmails, Some(client), None);
        return Err(Notice::TooManyEmails.into());
    }
    let sending = Arc::clone(&site);
    site.background.start(async move {
        if let Err(error) = send_email(&sending, &email, &form.reason, now).await {
            tracing::error!(%error, "cancellation: email not sent");
        }
    });
    Ok(Notice::CancellationSent.into_response())
}

async fn send_email(
    site: &Site,
    to: &EmailAddress,
    reason: &str,
    now: Timestamp,
) -> Result<(), SiteError> {
    let snapshot = site.snapshot();
    let email = match asked_for(site, to, reason, now).await? {
        Some((request, open)) => {
            let link = request.seal(&site.link_keys, &mut rand::rng());
            let link = link.map_err(SiteError::failed("cancellation: seal link"))?;
            emails::cancellation(&snapshot, to, &open, &link)?
        }
        None => emails::no_cancellation(&snapshot, to)?,
    };
    site.store.enqueue_email(&email, now).await?;
    site.outbox_wakeup.notify_one();
    Ok(())
}

/// Returns the request for a link, with the subscriptions at an address that it can cancel; `None` if there are none.
async fn asked_for(
    site: &Site,
    email: &EmailAddress,
    reason: &str,
    now: Timestamp,
) -> Result<Option<(CancellationRequest, Vec<Subscription>)>, SiteError> {
    let Some(account) = site.store.account_at(email).await? else { return Ok(None) };
    let cancelled = site.store.cancellations_of(account.id).await?;
    let mut open = site.store.subscriptions_of(account.id).await?;
    open.retain(|held| held.after(Event::Cancelled, now).is_ok());
    open.reverse();
    let request = CancellationRequest::new(account.id, cancelled, reason, now);
    Ok((!open.is_empty()).then_some((request, open)))
}

/// The request of a genuine link.
fn opened(site: &Site, link: &str) -> Result<CancellationRequest, SiteError> {
    let request = CancellationRequest::open(link, &site.link_keys, (site.clock)());
    request.ok_or_else(|| Notice::CancellationExpired.into())
}

/// The page behind the link. Mail programs follow links by themselves, so that confirming takes a button.
pub(super) async fn confirm_page(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
) -> Handled {
    let request = opened(&site, &link)?;
    choice_page(&site, &headers, &link, &request, false).await
}

async fn choice_page(
    site: &Site,
    headers: &HeaderMap,
    link: &str,
    request: &CancellationRequest,
    is_faulty: bool,
) -> Handled {
    let open = site.billing.cancellable_by(request).await?.ok_or(Notice::CancellationUsed)?;
    if open.is_empty() {
        return Err(Notice::NothingToCancel.into());
    }
    let (snapshot, now) = (site.snapshot(), (site.clock)());
    let choice = |held: &Subscription| CancelChoiceContext {
        field: format!("{CHOICE}{}", held.id.0),
        product: held.terms.name.clone(),
        text: cancel_words(&snapshot, held, now),
    };
    let fault = if is_faulty { snapshot.theme.word("fault_cancel_choice") } else { "" };
    let context = CancelConfirmContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("cancel_page")),
        subscriptions: open.iter().map(choice).collect(),
        fault: fault.to_owned(),
        action: format!("/cancel/{link}"),
    };
    show(site, headers, form_status(is_faulty), Template::CancelConfirm, &context).await
}

/// Cancels the chosen subscriptions, and keeps the reason for staff.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
    Origin(origin): Origin,
    ReaderForm(fields): ReaderForm<BTreeMap<String, String>>,
) -> Handled {
    let request = opened(&site, &link)?;
    let chosen = chosen(&site, &request, &fields).await?;
    if chosen.is_empty() {
        return choice_page(&site, &headers, &link, &request, true).await;
    }
    match site.billing.cancel_by_link(&request, &chosen).await? {
        LinkOutcome::Cancelled(before) => {
            let entry = SecurityEntry::success(SecurityEvent::CancelledByLink, &origin);
            site.security_log.record(&entry.by(request.account.0));
            done_page(&site, &headers, &before).await
        }
        LinkOutcome::Used => Err(Notice::CancellationUsed.into()),
        LinkOutcome::Nothing => Err(Notice::NothingToCancel.into()),
    }
}

/// The subscriptions that a form chooses.
async fn chosen(
    site: &Site,
    request: &CancellationRequest,
    fields: &BTreeMap<String, String>,
) -> Result<Vec<SubscriptionId>, SiteError> {
    let number = |name: &String| name.strip_prefix(CHOICE)?.parse().ok().map(SubscriptionId);
    if !fields.contains_key(ALL) {
        return Ok(fields.keys().filter_map(number).collect());
    }
    let open = site.billing.cancellable_by(request).await?.ok_or(Notice::CancellationUsed)?;
    Ok(open.iter().map(|held| held.id).collect())
}

/// Says what was cancelled, until when it goes on, and what happens next.
async fn done_page(
    site: &Site,
    headers: &HeaderMap,
    before: &[Subscription],
) -> Result<Response, SiteError> {
    let (snapshot, now) = (site.snapshot(), (site.clock)());
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let done = |held: &Subscription| CancelChoiceContext {
        field: String::new(),
        product: held.terms.name.clone(),
        text: cancelled_words(&snapshot, held, now),
    };
    let heading = word(if before.len() == 1 { "cancel_done_title" } else { "cancel_done_several" });
    let is_undoable = before.iter().any(|held| can_be_taken_back(held, now));
    let (next, link) = if is_undoable {
        ("cancelled_next", Link::to("/account#subscription", &word("manage_subscription")))
    } else {
        ("cancelled_over", Link::to("/offers", &word("see_offers")))
    };
    let context = CancelDoneContext {
        chrome: snapshot.layout().bare_chrome(&heading),
        heading,
        subscriptions: before.iter().map(done).collect(),
        next: word(next),
        link,
    };
    show(site, headers, StatusCode::OK, Template::CancelDone, &context).await
}
