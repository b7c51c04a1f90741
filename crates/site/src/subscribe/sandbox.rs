//! The sandbox's payment page, in place of a real processor's.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use masthead_payments::sandbox::{self, Answer, SandboxCard};
use masthead_publication::{
    ReaderLinks, Template,
    compression::Encoding,
    contexts::{SandboxCardContext, SandboxContext},
};
use masthead_web::form::see_other;
use serde::Deserialize;

use super::own_checkout::OwnCheckout;
use crate::{
    error::{FailureMessage, Handled, SiteError},
    extract::{Accepts, Limited, ReaderForm, limit::Payments},
    notice::Notice,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct CardForm {
    card: String,
}

/// What the page asks for.
enum Step<'a> {
    /// A card.
    ChooseCard,
    /// Another card, because of a refusal with this name.
    ChooseAgain(&'a str),
    /// That the holder of this card confirms the payment.
    Confirm(SandboxCard),
}

/// The page that asks for a card.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Accepts(encoding): Accepts,
    own: OwnCheckout,
) -> Handled {
    check_payable(&site, &own)?;
    render(&site, encoding, &own, &Step::ChooseCard)
}

/// Leads back to the checkout unless it is to be paid here.
fn check_payable(site: &Site, own: &OwnCheckout) -> Result<(), SiteError> {
    let is_open = !site.billing.processors().is_closed(sandbox::NAME);
    let is_ours = is_open && own.checkout.processor == sandbox::NAME;
    if is_ours && own.checkout.can_be_paid((site.clock)()) {
        Ok(())
    } else {
        Err(SiteError::SeeOther(own.path().into()))
    }
}

fn render(site: &Site, encoding: Encoding, own: &OwnCheckout, step: &Step<'_>) -> Handled {
    let snapshot = site.snapshot();
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let card = |card: &SandboxCard| SandboxCardContext {
        name: card.name().to_owned(),
        label: word(&format!("sandbox_{}", card.name().replace('-', "_"))),
    };
    let path = own.step("/sandbox");
    let (action, confirming, fault, status) = match step {
        Step::ChooseCard => (path, "", String::new(), StatusCode::OK),
        Step::ChooseAgain(refusal) => {
            (path, "", word(&format!("refused_{refusal}")), StatusCode::PAYMENT_REQUIRED)
        }
        Step::Confirm(card) => {
            (own.step("/sandbox/confirmation"), card.name(), String::new(), StatusCode::OK)
        }
    };
    let context = SandboxContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("sandbox")),
        product: own.checkout.terms.name.clone(),
        amount: snapshot.rates().money(own.checkout.amount),
        cards: SandboxCard::ALL.iter().map(card).collect(),
        confirming: confirming.to_owned(),
        fault,
        action,
        cancel: own.step("/cancelled"),
    };
    site.personal_page(encoding, status, ReaderLinks::Account, Template::Sandbox, &context)
}

/// Pays with a card.
pub(super) async fn pay(
    State(site): State<Arc<Site>>,
    _: Limited<Payments>,
    Accepts(encoding): Accepts,
    own: OwnCheckout,
    ReaderForm(form): ReaderForm<CardForm>,
) -> Handled {
    charge(&site, encoding, &own, &form.card, false).await
}

/// Pays with a card whose holder has confirmed the payment.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    _: Limited<Payments>,
    Accepts(encoding): Accepts,
    own: OwnCheckout,
    ReaderForm(form): ReaderForm<CardForm>,
) -> Handled {
    charge(&site, encoding, &own, &form.card, true).await
}

async fn charge(
    site: &Site,
    encoding: Encoding,
    own: &OwnCheckout,
    card: &str,
    confirmed: bool,
) -> Handled {
    check_payable(site, own)?;
    let page = |step: &Step<'_>| render(site, encoding, own, step);
    let Some(card) = SandboxCard::named(card) else {
        return page(&Step::ChooseAgain("unconfirmed"));
    };
    let sandbox = site.billing.processors().sandbox();
    let answer = sandbox.pay(&own.checkout, card, confirmed).await;
    let message = FailureMessage::Notice(Notice::PaymentsUnavailable);
    match answer.map_err(SiteError::failed_with(message, "sandbox: record charge"))? {
        Answer::Paid => Ok(see_other(&own.path(), &[])),
        Answer::Confirm => page(&Step::Confirm(card)),
        Answer::Refused(refusal) => page(&Step::ChooseAgain(refusal.name())),
    }
}
