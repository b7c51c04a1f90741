//! Ending subscriptions without signing in, as the law of some countries wants it: the reader enters the address of their subscription,
//! and confirms by the link in an email. What a page says, how long it takes, and that an email is sent, does not depend on whether
//! there is a subscription: the email is asked for before the response, and composed after it. A cancellation may also take effect without the
//! link, if the publication wants that and the reader can take it back.
//!
//! [`cancellation`](super::cancellation) and [`withdrawal`](super::withdrawal) have the pages, and
//! [`own_ending`](super::own_ending) that of readers who are signed in. To add another way to end a
//! subscription, give it a variant of [`EndingKind`], which the compiler asks for its words, and a module of its own.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use masthead_billing::endings::{EndedSubscription, EndingOutcome};
use masthead_circulation::{EmailAddress, EndingKind, EndingRequest, Subscription, SubscriptionId};
use masthead_mail::emails;
use masthead_publication::{
    Template,
    compression::Encoding,
    contexts::{EndingChoiceContext, EndingDoneContext},
};
use masthead_store::{EndingEmailRequest, RequestedEmail, StoreError};
use masthead_telemetry::security::{SecurityEntry, SecurityEvent, SecurityOrigin};
use serde::{Deserialize, Serialize};

use super::{sign_in::is_known, subscription_view::can_be_taken_back};
use crate::{
    email_limits::Sender,
    error::{Handled, SiteError},
    extract::Device,
    notice::Notice,
    security::RequestLimit,
    state::Site,
};

/// What the names of the fields begin with that choose subscriptions; their numbers follow.
const CHOICE: &str = "subscription-";
/// The name of the button that ends all of them.
const ALL: &str = "all";
/// How many requested emails are written in a run.
const BATCH: u64 = 100;

/// How the page with the form is asked for.
#[derive(Deserialize)]
pub(super) struct EndingQuery {
    /// Whether a reader who is signed in asks for the form, for a subscription with another address.
    #[serde(default)]
    pub other: bool,
}

/// What readers are told about a way to end subscriptions.
#[derive(Clone, Copy)]
pub(super) struct EndingNotices {
    /// An email was sent.
    pub sent: Notice,
    /// The link has expired.
    pub expired: Notice,
    /// The link was used before.
    pub used: Notice,
    /// There is nothing to end.
    pub nothing: Notice,
}

pub(super) fn notices(kind: EndingKind) -> EndingNotices {
    match kind {
        EndingKind::Cancellation => EndingNotices {
            sent: Notice::CancellationSent,
            expired: Notice::CancellationExpired,
            used: Notice::CancellationUsed,
            nothing: Notice::NothingToCancel,
        },
        EndingKind::Withdrawal => EndingNotices {
            sent: Notice::WithdrawalSent,
            expired: Notice::WithdrawalExpired,
            used: Notice::WithdrawalUsed,
            nothing: Notice::NothingToWithdraw,
        },
    }
}

/// What was ended, or why nothing was.
pub(super) fn ended(
    kind: EndingKind,
    outcome: EndingOutcome,
) -> Result<Vec<EndedSubscription>, SiteError> {
    match outcome {
        EndingOutcome::Ended(ended) => Ok(ended),
        EndingOutcome::Used => Err(notices(kind).used.into()),
        EndingOutcome::Nothing => Err(notices(kind).nothing.into()),
    }
}

/// Shows one of these pages, with the links of the reader who may be signed in.
pub(super) async fn show(
    site: &Site,
    headers: &HeaderMap,
    status: StatusCode,
    template: Template,
    context: &impl Serialize,
) -> Handled {
    let (links, _) = site.reader_links(headers, None).await;
    site.personal_page(Encoding::accepted(headers), status, links, template, context)
}

/// Who asks for an email to this address: a device on which its account was signed in, or any other.
pub(super) async fn sender(
    site: &Site,
    device: &Device,
    client: IpAddr,
    to: &EmailAddress,
) -> Result<Sender, SiteError> {
    let is_known = is_known(site, device, to).await?;
    Ok(if is_known { Sender::KnownDevice } else { Sender::UnknownDevice(client) })
}

/// Records in the security log that a link has ended subscriptions.
pub(super) fn record_by_link(site: &Site, origin: &SecurityOrigin, request: &EndingRequest) {
    let entry = SecurityEntry::success(SecurityEvent::EndedByLink, origin);
    let detail = match request.kind {
        EndingKind::Cancellation => "cancellation",
        EndingKind::Withdrawal => "withdrawal",
    };
    site.security_log.record(&entry.by(request.account.0).detail(detail));
}

/// Sends the email with the link. `note` is the reason for cancelling, or the name of the one who withdraws.
pub(super) async fn send_link(
    site: &Arc<Site>,
    kind: EndingKind,
    to: EmailAddress,
    note: String,
    from: Sender,
) -> Handled {
    let now = (site.clock)();
    if !site.email_limits.admit_ending(&site.store, kind, &to, from, now).await? {
        site.log_limit(RequestLimit::SignInEmails, from.address(), None);
        return Err(Notice::TooManyEmails.into());
    }
    site.store.request_ending_email(&EndingEmailRequest { kind, to, note }, now).await?;
    let writing = Arc::clone(site);
    site.background.start(async move {
        if let Err(error) = writing.write_requested_emails().await {
            tracing::error!(%error, ?kind, "ending: email not written, trying again");
        }
    });
    let is_received = needs_no_link(site, kind);
    let notice = if is_received { Notice::CancellationReceived } else { notices(kind).sent };
    Ok(notice.into_response())
}

/// Whether what readers ask for takes effect without the link, if they can take it back.
fn needs_no_link(site: &Site, kind: EndingKind) -> bool {
    kind == EndingKind::Cancellation && site.snapshot().publication.cancels_at_once
}

impl Site {
    /// Writes the emails that readers have asked for to end a subscription. Each is asked for in the database before its reader
    /// is told so, and written after that, by this server or, if it was killed in between, by the next run of any.
    ///
    /// # Errors
    ///
    /// Fails if the requests cannot be read or claimed. An email that fails is logged, and tried again a minute later.
    pub async fn write_requested_emails(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        for requested in self.store.claim_requested_emails(now, BATCH).await? {
            let email = requested.id.0;
            if let Err(error) = write_email(self, requested, now).await {
                tracing::error!(%error, email, "ending: email not written, trying again");
            }
        }
        Ok(())
    }
}

async fn write_email(
    site: &Site,
    requested: RequestedEmail,
    now: Timestamp,
) -> Result<(), SiteError> {
    let RequestedEmail { id, request, asked } = requested;
    let EndingEmailRequest { kind, to, note } =
        request.map_err(SiteError::failed("ending: read request"))?;
    let mut found = asked_for(site, kind, &to, &note, asked).await?;
    if needs_no_link(site, kind)
        && let Some((request, open)) = &found
        && let [held] = open.as_slice()
        && can_be_taken_back(held, (site.clock)())
    {
        match site.billing.end_by_link(request, &[held.id], "").await? {
            // If this server is killed before, the next run sends an email that says that nothing is left to cancel.
            EndingOutcome::Ended(_) => return Ok(site.store.drop_requested_email(id).await?),
            // It was ended in another way meanwhile.
            EndingOutcome::Used | EndingOutcome::Nothing => {
                found = asked_for(site, kind, &to, &note, asked).await?;
            }
        }
    }
    let snapshot = site.snapshot();
    let email = match found {
        Some((request, open)) => {
            let link = request.seal(&site.link_keys, &mut rand::rng());
            let link = link.map_err(SiteError::failed("ending: seal link"))?;
            emails::ending(&snapshot, &to, kind, &open, &link)?
        }
        None => emails::no_ending(&snapshot, &to, kind)?,
    };
    if site.store.write_requested_email(id, &email, now).await? {
        site.outbox_wakeup.notify_one();
    }
    Ok(())
}

/// Returns the request for a link, with the subscriptions at an address that it can end; `None` if there are none.
async fn asked_for(
    site: &Site,
    kind: EndingKind,
    email: &EmailAddress,
    note: &str,
    asked: Timestamp,
) -> Result<Option<(EndingRequest, Vec<Subscription>)>, SiteError> {
    let Some(account) = site.store.account_at(email).await? else { return Ok(None) };
    let ended = site.store.endings_of(account.id, kind).await?;
    let open = site.billing.endable(kind, account.id, asked).await?;
    let request = EndingRequest::new(kind, account.id, ended, note, asked);
    Ok((!open.is_empty()).then_some((request, open)))
}

/// The request of a genuine link.
pub(super) fn opened(
    site: &Site,
    kind: EndingKind,
    link: &str,
) -> Result<EndingRequest, SiteError> {
    let request = EndingRequest::open(link, kind, &site.link_keys, (site.clock)());
    request.ok_or_else(|| notices(kind).expired.into())
}

/// The subscriptions that a link can end, of which there is at least one.
pub(super) async fn open_for(
    site: &Site,
    request: &EndingRequest,
) -> Result<Vec<Subscription>, SiteError> {
    let notices = notices(request.kind);
    let open = site.billing.endable_by(request).await?.ok_or(notices.used)?;
    if open.is_empty() {
        return Err(notices.nothing.into());
    }
    Ok(open)
}

/// A subscription that can be chosen, with what ending it means.
pub(super) fn choice(held: &Subscription, text: String) -> EndingChoiceContext {
    let field = format!("{CHOICE}{}", held.id.0);
    EndingChoiceContext { field, product: held.terms.name.clone(), text }
}

/// A subscription that was ended, with what that has meant.
pub(super) fn done(held: &Subscription, text: String) -> EndingChoiceContext {
    EndingChoiceContext { field: String::new(), product: held.terms.name.clone(), text }
}

/// The subscriptions that a form chooses. `None` if it chooses all.
pub(super) fn chosen(fields: &BTreeMap<String, String>) -> Option<Vec<SubscriptionId>> {
    let number = |name: &String| name.strip_prefix(CHOICE)?.parse().ok().map(SubscriptionId);
    (!fields.contains_key(ALL)).then(|| fields.keys().filter_map(number).collect())
}

/// Says what was ended, and what happens next.
pub(super) async fn done_page(
    site: &Site,
    headers: &HeaderMap,
    context: &EndingDoneContext,
) -> Result<Response, SiteError> {
    show(site, headers, StatusCode::OK, Template::EndingDone, context).await
}
