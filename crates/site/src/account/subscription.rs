//! What a reader can do with their subscription, on the account page.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use masthead_billing::plan_change::PlanChange;
use masthead_circulation::{
    Ending, Event, Money, Purpose, State as SubscriptionState, Subscription, SubscriptionId,
};
use masthead_mail::emails;
use serde::Deserialize;

use super::page::{Nothing, Present, act};
use crate::{
    billing_view,
    state::Site,
    subscribe::checkout::{fresh, to_till},
};
use masthead_publication::{
    PageError, SiteSnapshot,
    contexts::{SubscriptionContext, SwitchContext},
};
use masthead_web::form::see_other;

/// The longest rest, in weeks.
const LONGEST_REST: u8 = 26;

#[derive(Deserialize)]
struct Rest {
    weeks: u8,
}

#[derive(Deserialize)]
struct Switch {
    price: String,
    today: u64,
}

/// A subscription as its reader sees it.
pub(super) fn context(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> SubscriptionContext {
    let state = subscription.state.after(Event::TimePassed, now).unwrap_or(subscription.state);
    let card = subscription.mandate.card.as_ref();
    let card = card.map(|card| emails::card_words(snapshot, card)).unwrap_or_default();
    let live = !matches!(state, SubscriptionState::Ended { .. });
    let invoice = match state {
        SubscriptionState::Grace { ends, .. } if subscription.mandate.is_manual() => {
            emails::invoice_facts(snapshot, subscription, &snapshot.date_of(ends))
        }
        _ => Vec::new(),
    };
    SubscriptionContext {
        id: subscription.id.0,
        name: subscription.terms.name.clone(),
        channels: snapshot.channel_words(&subscription.terms.channels),
        state: state.name(),
        status: status(snapshot, subscription, state, &card),
        card: if live { card } else { String::new() },
        cancel: cancel_words(snapshot, subscription, now),
        can_go_on: [Event::Uncancelled, Event::Resumed]
            .into_iter()
            .any(|event| subscription.after(event, now).is_ok()),
        can_rest: subscription.after(Event::Paused { until: Timestamp::MAX }, now).is_ok(),
        mend: mend_word(subscription, state)
            .map(|word| snapshot.theme.word(word).to_owned())
            .unwrap_or_default(),
        invoice,
        switches: switches(snapshot, subscription, now),
    }
}

/// What the button for another card says, where there is one.
fn mend_word(subscription: &Subscription, state: SubscriptionState) -> Option<&'static str> {
    let free = subscription.terms.amount.is_zero();
    let manual = subscription.mandate.is_manual();
    match state {
        _ if free => None,
        SubscriptionState::Grace { .. } if manual => Some("pay_with_card"),
        SubscriptionState::Grace { .. } => Some("mend_now"),
        SubscriptionState::Active { .. } | SubscriptionState::Trial { renews: true, .. } => {
            Some(if manual { "change_to_card" } else { "other_card" })
        }
        SubscriptionState::Trial { renews: false, .. }
        | SubscriptionState::Paused { .. }
        | SubscriptionState::Cancelling { .. }
        | SubscriptionState::Ended { .. } => None,
    }
}

fn status(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    state: SubscriptionState,
    card: &str,
) -> String {
    let free = subscription.terms.amount.is_zero();
    let (word, date) = match state {
        SubscriptionState::Active { through } if free => ("sub_given", through),
        SubscriptionState::Cancelling { ends, .. } if free => ("sub_given_until", ends),
        SubscriptionState::Grace { ends, .. } if subscription.mandate.is_manual() => {
            ("sub_invoiced", ends)
        }
        SubscriptionState::Trial { ends, renews: true } => ("sub_trial_renews", ends),
        SubscriptionState::Trial { ends, renews: false } => ("sub_trial", ends),
        SubscriptionState::Active { through } => ("sub_active", through),
        SubscriptionState::Grace { ends, .. } => ("sub_grace", ends),
        SubscriptionState::Paused { until, .. } => ("sub_paused", until),
        SubscriptionState::Cancelling { ends, .. } => ("sub_cancelling", ends),
        SubscriptionState::Ended { at, why: Ending::Replaced } => ("sub_replaced", at),
        SubscriptionState::Ended { at, .. } => ("sub_ended", at),
    };
    let terms = &subscription.terms;
    let next = subscription.next_payment(&snapshot.publication.policy.zone);
    snapshot
        .theme
        .word(word)
        .replace("{date}", &snapshot.date_of(date))
        .replace("{price}", &snapshot.rates().each(terms.amount, terms.every))
        .replace("{amount}", &snapshot.rates().money(next.amount))
        .replace("{card}", card)
}

/// What cancelling means; empty where there is nothing to cancel.
fn cancel_words(snapshot: &SiteSnapshot, subscription: &Subscription, now: Timestamp) -> String {
    let word = |name: &str| snapshot.theme.word(name);
    match subscription.state.after(Event::Cancelled, now) {
        Ok(SubscriptionState::Cancelling { ends, .. }) => {
            word("cancel_text").replace("{date}", &snapshot.date_of(ends))
        }
        Ok(_) => word("cancel_now_text").to_owned(),
        Err(_) => String::new(),
    }
}

/// What a subscription can be changed to, and what that comes to today.
fn switches(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> Vec<SwitchContext> {
    let publication = &snapshot.publication;
    let catalogue = &publication.catalogue;
    let rates = snapshot.rates();
    let all = catalogue.prices().iter().filter_map(|price| {
        let terms = catalogue.terms(price.into())?;
        let switch = subscription.switch(&terms, now, &publication.policy.zone).ok()?;
        // What costs something today cannot be collected from who pays by themselves.
        if subscription.mandate.is_manual() && !switch.today.is_zero() {
            return None;
        }
        let cost = snapshot.theme.word("switch_cost");
        Some(SwitchContext {
            price: price.slug.clone(),
            label: format!("{}: {}", terms.name, rates.each(terms.amount, terms.every)),
            cost: cost
                .replace("{today}", &rates.money(switch.today))
                .replace("{credit}", &rates.money(switch.credit))
                .replace("{amount}", &rates.money(terms.amount))
                .replace("{date}", &snapshot.date_of(switch.through)),
            today: switch.today.minor(),
        })
    });
    all.collect()
}

/// Does something with one of the reader's own subscriptions.
async fn with_own<T: serde::de::DeserializeOwned + 'static>(
    site: &Site,
    number: &str,
    request: Request,
    then: impl AsyncFnOnce(Present, Subscription, T) -> Result<Response, PageError>,
) -> Response {
    let id = number.parse().map(SubscriptionId).ok();
    act(site, request, async |present: Present, form: T| {
        let found = match id {
            Some(id) => site.store.subscription(id).await?,
            None => None,
        };
        match found.filter(|found| found.account == present.account.id) {
            Some(own) => then(present, own, form).await,
            None => Ok(see_other("/account", &[])),
        }
    })
    .await
}

pub(super) async fn cancel(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    with_own(&site, &number, request, async |_, own: Subscription, Nothing {}| {
        site.billing.cancel(own.id).await.map_err(billing_view::failed)?;
        Ok(see_other("/account", &[]))
    })
    .await
}

/// Takes a cancellation back, or ends a pause.
pub(super) async fn go_on(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    with_own(&site, &number, request, async |_, own: Subscription, Nothing {}| {
        site.billing.resume(own.id).await.map_err(billing_view::failed)?;
        Ok(see_other("/account", &[]))
    })
    .await
}

pub(super) async fn rest(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    with_own(&site, &number, request, async |_, own: Subscription, Rest { weeks }| {
        let weeks = weeks.clamp(1, LONGEST_REST);
        let until = (site.clock)() + SignedDuration::from_hours(24 * 7 * i64::from(weeks));
        site.billing.pause(own.id, until).await.map_err(billing_view::failed)?;
        Ok(see_other("/account", &[]))
    })
    .await
}

/// Another card, and with it what is due.
pub(super) async fn mend(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    with_own(&site, &number, request, async |present, own: Subscription, Nothing {}| {
        if own.terms.amount.is_zero() {
            return Ok(see_other("/account", &[]));
        }
        if !site.limits.admit_checkout(own.account) {
            return Ok(site.often(&headers));
        }
        let due = matches!(own.state, SubscriptionState::Grace { .. });
        let (secret, mut checkout) = fresh(
            &site,
            &present.account,
            Purpose::UpdateCard(own.id),
            own.terms.clone(),
            "/account",
        );
        // Who has paid by themselves so far pays where everybody does.
        if own.mandate.is_manual() {
            site.billing.processors().current().name().clone_into(&mut checkout.processor);
        } else {
            checkout.processor.clone_from(&own.mandate.processor);
        }
        checkout.terms.introduction = None;
        checkout.amount = own.next_payment(&site.snapshot().publication.policy.zone).amount;
        if !due {
            checkout.amount = Money::zero(own.terms.amount.currency());
        }
        site.store.begin_checkout(&checkout, None).await?;
        let payer = (&present.account, Some(&own.mandate));
        to_till(&site, &secret, &checkout, payer, &headers).await
    })
    .await
}

/// Changes to another price, for what was shown.
pub(super) async fn switch(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    with_own(&site, &number, request, async |_, own, form: Switch| {
        change_price(&site, &own, &form, &headers).await
    })
    .await
}

async fn change_price(
    site: &Site,
    own: &Subscription,
    form: &Switch,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let changed = site.billing.change_price(own, &form.price, form.today).await;
    let notice = |status, name| Ok(site.notice(status, headers, name, "/account"));
    match changed.map_err(billing_view::failed)? {
        // What happened instead shows on the page.
        PlanChange::Done | PlanChange::Busy => Ok(see_other("/account", &[])),
        PlanChange::Gone => notice(StatusCode::CONFLICT, "switch_gone"),
        PlanChange::CostChanged => notice(StatusCode::CONFLICT, "switch_changed"),
        PlanChange::Refused => notice(StatusCode::CONFLICT, "switch_refused"),
        PlanChange::Pending => notice(StatusCode::ACCEPTED, "checkout_waiting"),
        PlanChange::Unanswered => notice(StatusCode::SERVICE_UNAVAILABLE, "checkout_unanswered"),
        PlanChange::Unusable => notice(StatusCode::CONFLICT, "switch_unused"),
    }
}
