//! What readers do with their subscriptions on the account page.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use http::request::Parts;
use jiff::SignedDuration;
use masthead_circulation::{
    Checkout, Money, Purpose, Secret, State as SubscriptionState, Subscription, SubscriptionId,
};
use masthead_web::form::safe_local_path;
use serde::Deserialize;

use crate::{
    error::{Handled, SiteError},
    extract::{EmptyForm, ReaderForm, ReturnPath, SignedIn, UrlPath, limit::admit_checkout},
    note::Note,
    notice::Notice,
    state::Site,
    subscribe::payment_page::{Payer, new_checkout, open_payment_page},
};

/// The longest pause, in weeks.
const MAX_PAUSE: u8 = 26;

#[derive(Deserialize)]
pub(super) struct PauseForm {
    weeks: u8,
}

/// The subscription that the path names, if it is the reader's own. Others are led to the account page.
pub(super) struct OwnSubscription {
    pub(super) reader: SignedIn,
    pub(super) subscription: Subscription,
}

impl FromRequestParts<Arc<Site>> for OwnSubscription {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let reader = SignedIn::from_request_parts(parts, site).await?;
        let to_account = || SiteError::SeeOther("/account".into());
        let path = UrlPath::<u32>::from_request_parts(parts, site).await;
        let UrlPath(number) = path.map_err(|_| to_account())?;
        let found = site.store.subscription(SubscriptionId(number)).await?;
        let own = found.filter(|found| found.account == reader.account.id);
        Ok(Self { subscription: own.ok_or_else(to_account)?, reader })
    }
}

/// Cancels a subscription.
pub(super) async fn cancel(
    State(site): State<Arc<Site>>,
    own: OwnSubscription,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let has_changed = site.billing.cancel(own.subscription.id).await?;
    Ok(Note::Cancelled.on_account_if(&site, has_changed))
}

/// Takes a cancellation back, or ends a pause.
pub(super) async fn resume(
    State(site): State<Arc<Site>>,
    own: OwnSubscription,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let is_paused = matches!(own.subscription.state, SubscriptionState::Paused { .. });
    let note = if is_paused { Note::Resumed } else { Note::Kept };
    let has_changed = site.billing.resume(own.subscription.id).await?;
    Ok(note.on_account_if(&site, has_changed))
}

#[derive(Deserialize)]
pub(super) struct ContinuationForm {
    /// The path to go back to, if the form knows it better than the browser.
    #[serde(default)]
    from: String,
}

/// Ends the pause of the subscriptions for reading online that the reader has paused: the button at a wall, which is the same
/// for all readers, names none. A paper stays paused. The reader goes back to what they wanted to read.
pub(super) async fn end_pause(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    ReturnPath(page): ReturnPath,
    ReaderForm(form): ReaderForm<ContinuationForm>,
) -> Handled {
    let held = site.store.subscriptions_of(reader.account.id).await?;
    let is_paused = |held: &&Subscription| {
        held.is_online() && matches!(held.state, SubscriptionState::Paused { .. })
    };
    let mut note = Note::Unchanged;
    for paused in held.iter().filter(is_paused) {
        if site.billing.end_pause(paused.id).await? {
            note = Note::Resumed;
        }
    }
    let page = if form.from.is_empty() { page.as_str() } else { safe_local_path(&form.from) };
    Ok(note.on(&site, if page == "/" { "/account" } else { page }))
}

/// Pauses a subscription.
pub(super) async fn pause(
    State(site): State<Arc<Site>>,
    own: OwnSubscription,
    ReaderForm(form): ReaderForm<PauseForm>,
) -> Handled {
    let weeks = form.weeks.clamp(1, MAX_PAUSE);
    let until = (site.clock)() + SignedDuration::from_hours(24 * 7 * i64::from(weeks));
    let has_changed = site.billing.pause(own.subscription.id, until).await?;
    Ok(Note::Paused.on_account_if(&site, has_changed))
}

/// Leads to the page of the processor where the reader enters another card, and pays what is due.
pub(super) async fn change_card(
    State(site): State<Arc<Site>>,
    OwnSubscription { reader, subscription }: OwnSubscription,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    if subscription.terms.amount.is_zero() {
        return Ok(Note::Unchanged.on(&site, "/account"));
    }
    if !site.live.peek().publication.sales.takes_cards() {
        return Err(Notice::NothingSold.into());
    }
    admit_checkout(&site, reader.account.id)?;
    let (secret, checkout) = card_checkout(&site, &reader, &subscription);
    site.store.begin_checkout(&checkout, None).await?;
    let mandate = Some(&subscription.mandate);
    let payer = Payer { email: &reader.account.email, mandate, code: "" };
    open_payment_page(&site, &secret, &checkout, payer).await
}

/// The checkout for another card: of the amount that is due now, or of nothing.
fn card_checkout(site: &Site, reader: &SignedIn, held: &Subscription) -> (Secret, Checkout) {
    let purpose = Purpose::UpdateCard(held.id);
    let (secret, mut checkout) =
        new_checkout(site, &reader.account, purpose, held.terms.clone(), "/account");
    let processors = site.billing.processors();
    // A reader who has paid by invoice so far, or at the sandbox, pays at the processor of new subscriptions.
    let is_elsewhere = held.mandate.is_manual() || processors.is_closed(&held.mandate.processor);
    checkout.processor = match processors.current() {
        Some(current) if is_elsewhere => current.name().to_owned(),
        Some(_) | None => held.mandate.processor.clone(),
    };
    checkout.terms.introduction = None;
    checkout.amount = if matches!(held.state, SubscriptionState::Grace { .. }) {
        held.next_payment(&site.live.peek().publication.policy.zone).amount
    } else {
        Money::zero(held.terms.amount.currency())
    };
    (secret, checkout)
}
