//! The sandbox's till, where a real processor would ask for a card.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_circulation::Checkout;
use masthead_payments::sandbox::{self, Answer, SandboxCard};
use masthead_web::form::{self, see_other};
use serde::Deserialize;

use super::checkout::own_checkout;
use crate::state::Site;
use masthead_publication::{
    PageError, Template,
    contexts::{SandboxCardContext, SandboxContext},
};

#[derive(Deserialize)]
struct Chosen {
    card: String,
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    let answer = match payable(&site, &secret, &headers).await {
        Ok(Ok(checkout)) => Ok(till(&site, &secret, &checkout, &headers, "", "")),
        Ok(Err(refused)) => Ok(refused),
        Err(error) => Err(error),
    };
    site.or_failed(&headers, answer).await
}

/// The checkout to be paid here, or what is said instead.
async fn payable(
    site: &Site,
    secret: &str,
    headers: &HeaderMap,
) -> Result<Result<Checkout, Response>, PageError> {
    let Some(checkout) = own_checkout(site, secret, headers).await? else {
        return Ok(Err(site.notice(StatusCode::NOT_FOUND, headers, "checkout_gone", "/offers")));
    };
    if checkout.processor == sandbox::NAME && checkout.can_be_paid((site.clock)()) {
        return Ok(Ok(checkout));
    }
    Ok(Err(see_other(&format!("/checkout/pay/{secret}"), &[])))
}

fn till(
    site: &Site,
    secret: &str,
    checkout: &Checkout,
    headers: &HeaderMap,
    confirming: &str,
    fault: &str,
) -> Response {
    let snapshot = site.snapshot();
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let card = |card: &SandboxCard| SandboxCardContext {
        name: card.name().to_owned(),
        label: word(&format!("sandbox_{}", card.name().replace('-', "_"))),
    };
    let path = format!("/checkout/pay/{secret}/sandbox");
    let context = SandboxContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("sandbox")),
        product: checkout.terms.name.clone(),
        amount: snapshot.rates().money(checkout.amount),
        cards: SandboxCard::ALL.iter().map(card).collect(),
        confirming: confirming.to_owned(),
        fault: if fault.is_empty() { String::new() } else { word(&format!("refused_{fault}")) },
        action: if confirming.is_empty() { path } else { format!("{path}/confirmation") },
    };
    let status = if fault.is_empty() { StatusCode::OK } else { StatusCode::PAYMENT_REQUIRED };
    site.personal_page(status, headers, Template::Sandbox, &context)
}

pub(super) async fn pay(
    State(site): State<Arc<Site>>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    hand_over(&site, &secret, request, false).await
}

pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    hand_over(&site, &secret, request, true).await
}

async fn hand_over(site: &Site, secret: &str, request: Request, confirmed: bool) -> Response {
    let headers = request.headers().clone();
    if !site.limits.admit_form(site.client(&request)) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "fault_often", "/offers");
    }
    let Ok(chosen) = form::read::<Chosen>(request, &site.snapshot().publication.address).await
    else {
        return site.notice(StatusCode::BAD_REQUEST, &headers, "fault_form", "/offers");
    };
    let answer = charge(site, secret, &headers, &chosen.card, confirmed).await;
    site.or_failed(&headers, answer).await
}

async fn charge(
    site: &Site,
    secret: &str,
    headers: &HeaderMap,
    card: &str,
    confirmed: bool,
) -> Result<Response, PageError> {
    let checkout = match payable(site, secret, headers).await? {
        Ok(checkout) => checkout,
        Err(refused) => return Ok(refused),
    };
    let page =
        |confirming: &str, fault: &str| till(site, secret, &checkout, headers, confirming, fault);
    let Some(card) = SandboxCard::named(card) else { return Ok(page("", "unconfirmed")) };
    Ok(match site.billing.processors().sandbox().pay(&checkout, card, confirmed).await {
        Ok(Answer::Paid) => see_other(&format!("/checkout/pay/{secret}"), &[]),
        Ok(Answer::Confirm) => page(card.name(), ""),
        Ok(Answer::Refused(refusal)) => page("", refusal.name()),
        Err(error) => {
            tracing::error!(%error, "payments: sandbox cannot record the charge");
            site.notice(StatusCode::SERVICE_UNAVAILABLE, headers, "till_closed", "/offers")
        }
    })
}
