//! Agreeing to an offer or price, and coming back from the till.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_audience::CountedEvent;
use masthead_billing::checkout::CheckoutStatus;
use masthead_circulation::{
    Account, Checkout, Digest, History, MANUAL, Mandate, Progress, Purpose, Secret, Terms,
    entitlement,
};
use masthead_payments::CheckoutRequest;
use masthead_web::form::{self, see_other};
use serde::Deserialize;

use super::{history_of, offers::checkout_address};
use crate::{account::page::act, billing_view, state::Site};
use masthead_publication::{PageError, Template, contexts::CheckoutContext};

#[derive(Deserialize)]
pub(super) struct Way {
    #[serde(default)]
    code: String,
    #[serde(default)]
    from: String,
    /// `invoice`, where the reader would rather have one than pay with a card.
    #[serde(default)]
    by: String,
}

/// What is agreed to, with everything that it takes.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    Query(way): Query<Way>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    if !way.code.is_empty() && !site.limits.admit_code(site.client(&request)) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "code_often", "/offers");
    }
    let answer = checkout_page(&site, &name, &way, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn checkout_page(
    site: &Site,
    name: &str,
    way: &Way,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let member = site.signed_in(headers).await.map(|(_, member)| member);
    let account = match &member {
        Some(member) => site.store.account(member.account).await?,
        None => None,
    };
    let held = member.as_ref().map(|member| member.subscriptions()).unwrap_or_default();
    let history = history_of(member.as_deref(), now);
    let Some(deal) = snapshot.open_quote(name, history, &way.code, now) else {
        return Ok(site.no_deal(headers, history));
    };
    let zone = &snapshot.publication.policy.zone;
    let Some(terms) = snapshot.publication.catalogue.terms(deal) else {
        return Ok(site.no_deal(headers, history));
    };
    let rates = snapshot.rates();
    let first = terms.first(now, zone);
    let then = snapshot.theme.word("later");
    let then = then
        .replace("{date}", &snapshot.date_of(first.through))
        .replace("{price}", &rates.each(terms.amount, terms.every));
    let from = form::safe_local_path(&way.from).to_owned();
    let here = checkout_address(name, &way.code, &from);
    let context = CheckoutContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("checkout")),
        card: snapshot.offer_card(deal, here.clone()),
        today: rates.money(first.amount),
        later: if terms.needs_card() { then } else { String::new() },
        needs_card: terms.needs_card(),
        email: account.map(|account| account.email.to_string()).unwrap_or_default(),
        here,
        code: way.code.clone(),
        from,
        invoice: if snapshot.accepts_invoice(&terms, &held) {
            snapshot.theme.word("checkout_invoice").to_owned()
        } else {
            String::new()
        },
        sandbox: terms.needs_card() && site.billing.processors().current().is_practice(),
    };
    Ok(site.personal_page(StatusCode::OK, headers, Template::Checkout, &context))
}

impl Site {
    /// What is said to a reader who begins checkouts again and again.
    pub(crate) fn often(&self, headers: &HeaderMap) -> Response {
        self.notice(StatusCode::TOO_MANY_REQUESTS, headers, "checkout_often", "/account")
    }

    /// What is said to a reader who cannot buy that, or not any more.
    fn no_deal(&self, headers: &HeaderMap, history: History) -> Response {
        if history.may_buy() {
            self.notice(StatusCode::GONE, headers, "offer_over", "/offers")
        } else {
            self.notice(StatusCode::CONFLICT, headers, "offer_have", "/account")
        }
    }
}

/// A reader agrees.
pub(super) async fn begin(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    if !site.limits.admit_form(site.client(&request)) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "checkout_often", "/offers");
    }
    act(&site, request, async |present, way: Way| {
        if !site.limits.admit_checkout(present.account.id) {
            return Ok(site.often(&headers));
        }
        agree(&site, &name, &way, &present.account, &headers).await
    })
    .await
}

async fn agree(
    site: &Site,
    name: &str,
    way: &Way,
    account: &Account,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let catalogue = &snapshot.publication.catalogue;
    let held = site.store.subscriptions_of(account.id).await?;
    let history = entitlement::history(&held, now);
    let Some(deal) = snapshot.open_quote(name, history, &way.code, now) else {
        return Ok(site.no_deal(headers, history));
    };
    let Some(terms) = catalogue.terms(deal) else { return Ok(site.no_deal(headers, history)) };
    let limit = deal.offer.and_then(|offer| offer.limit);
    let (secret, mut checkout) = fresh(site, account, Purpose::Begin, terms, &way.from);
    checkout.trial = site.trial_of(headers);
    if checkout.terms.needs_card() {
        let invoice = way.by == "invoice" && snapshot.accepts_invoice(&checkout.terms, &held);
        let name = if invoice { MANUAL } else { site.billing.processors().current().name() };
        name.clone_into(&mut checkout.processor);
    }
    if !site.store.begin_checkout(&checkout, limit).await? {
        site.mark_sold_out().await?;
        return Ok(site.no_deal(headers, history));
    }
    if limit.is_some() {
        site.mark_sold_out().await?;
    }
    site.counters.count_from(&checkout.from, CountedEvent::CheckoutBegun);
    if checkout.terms.needs_card() {
        return to_till(site, &secret, &checkout, (account, None), headers).await;
    }
    // Nothing is paid and nothing ever will be without another word: the trial begins.
    let nothing = Mandate { processor: String::new(), reference: String::new(), card: None };
    site.billing.deliver(&checkout, nothing).await.map_err(billing_view::failed)?;
    Ok(see_other(form::safe_local_path(&checkout.from), &[]))
}

/// A checkout that begins now.
pub(crate) fn fresh(
    site: &Site,
    account: &Account,
    purpose: Purpose,
    terms: Terms,
    from: &str,
) -> (Secret, Checkout) {
    let now = (site.clock)();
    let amount = terms.first(now, &site.snapshot().publication.policy.zone).amount;
    let secret = Secret::generate(&mut rand::rng());
    let checkout = Checkout {
        key: secret.digest(),
        account: Some(account.id),
        purpose,
        terms,
        amount,
        begun: now,
        from: form::safe_local_path(from).to_owned(),
        trial: String::new(),
        processor: String::new(),
        reference: String::new(),
        progress: Progress::Open,
    };
    (secret, checkout)
}

/// Sends a reader to the till. Where the processor does not answer nothing is lost: they can try again.
pub(crate) async fn to_till(
    site: &Site,
    secret: &Secret,
    checkout: &Checkout,
    (account, mandate): (&Account, Option<&Mandate>),
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let path = format!("/checkout/pay/{secret}");
    let address = site.snapshot().publication.address.clone();
    let errand = CheckoutRequest {
        checkout,
        email: &account.email,
        mandate,
        address: &address,
        path: &path,
    };
    match site.billing.processors().begin(&errand).await {
        Ok(till) => {
            site.store.refer_checkout(&checkout.key, &till.reference).await?;
            Ok(see_other(&till.page, &[]))
        }
        Err(error) => {
            tracing::error!(%error, "checkout: payment page cannot be opened");
            site.store.abandon_checkout(checkout).await?;
            Ok(site.notice(StatusCode::SERVICE_UNAVAILABLE, headers, "till_closed", "/offers"))
        }
    }
}

/// The checkout behind an address, if it is this reader's.
pub(super) async fn own_checkout(
    site: &Site,
    secret: &str,
    headers: &HeaderMap,
) -> Result<Option<Checkout>, PageError> {
    let Some((_, member)) = site.signed_in(headers).await else { return Ok(None) };
    let Ok(secret) = secret.parse::<Secret>() else { return Ok(None) };
    let key: Digest = secret.digest();
    let checkout = site.store.checkout(&key).await?;
    Ok(checkout.filter(|checkout| checkout.account == Some(member.account)))
}

/// A reader comes back from the till.
pub(super) async fn back(
    State(site): State<Arc<Site>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    let answer = come_back(&site, &secret, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn come_back(site: &Site, secret: &str, headers: &HeaderMap) -> Result<Response, PageError> {
    let Some(checkout) = own_checkout(site, secret, headers).await? else {
        return Ok(site.notice(StatusCode::NOT_FOUND, headers, "checkout_gone", "/offers"));
    };
    let to = match checkout.purpose {
        Purpose::Begin => form::safe_local_path(&checkout.from),
        Purpose::UpdateCard(_) => "/account",
    };
    if checkout.progress == Progress::Done {
        return Ok(see_other(to, &[]));
    }
    Ok(match site.billing.settle(&checkout).await.map_err(billing_view::failed)? {
        CheckoutStatus::Done => see_other(to, &[]),
        CheckoutStatus::Over => site.notice(StatusCode::GONE, headers, "checkout_over", "/offers"),
        CheckoutStatus::Waiting if !checkout.can_be_paid((site.clock)()) => {
            site.notice(StatusCode::GONE, headers, "checkout_over", "/offers")
        }
        CheckoutStatus::Waiting => {
            site.notice(StatusCode::OK, headers, "checkout_waiting", "/account")
        }
        CheckoutStatus::Unanswered => {
            site.notice(StatusCode::ACCEPTED, headers, "checkout_unanswered", "/account")
        }
    })
}
