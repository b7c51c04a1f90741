//! Coming back from the payment page: when it is paid, or when the reader has cancelled the payment.

use std::sync::Arc;

use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use masthead_billing::checkout::CheckoutStatus;
use masthead_circulation::{Checkout, MANUAL, Progress, Purpose, entitlement};
use masthead_publication::{
    ReaderLinks, SiteSnapshot, Template,
    contexts::{Link, PaymentCancelledContext},
};
use masthead_web::form::{safe_local_path, see_other};

use super::{checkout::owes, offers::checkout_address, own_checkout::OwnCheckout};
use crate::{
    error::{Handled, SiteError, keeping},
    extract::Accepts,
    note::Note,
    notice::Notice,
    state::Site,
};

/// A reader comes back from the payment page.
pub(super) async fn finish(
    State(site): State<Arc<Site>>,
    OwnCheckout { checkout, .. }: OwnCheckout,
) -> Handled {
    Ok(keeping(&checkout.from, settle(&site, &checkout).await))
}

async fn settle(site: &Site, checkout: &Checkout) -> Handled {
    let arrived = || match checkout.purpose {
        Purpose::Begin => see_other(safe_local_path(&checkout.from), &[Note::Ordered.cookie(site)]),
        Purpose::UpdateCard(_) => Note::CardSaved.on(site, "/account"),
    };
    if checkout.progress == Progress::Done {
        return Ok(arrived());
    }
    let status = site.billing.settle(checkout).await?;
    // A trial does not begin if the reader has subscribed on another device meanwhile.
    if status == CheckoutStatus::Over && has_subscribed(site, checkout).await? {
        return Ok(see_other(safe_local_path(&checkout.from), &[]));
    }
    if status == CheckoutStatus::Over && is_invoice_refused(site, checkout).await? {
        return Ok(Notice::InvoiceRefused.into_response());
    }
    let notice = match status {
        CheckoutStatus::Done => return Ok(arrived()),
        CheckoutStatus::Waiting if checkout.can_be_paid((site.clock)()) => Notice::NotPaidYet,
        CheckoutStatus::Waiting | CheckoutStatus::Over => Notice::CheckoutExpired,
        CheckoutStatus::Unanswered => Notice::CheckoutUnanswered,
        CheckoutStatus::Undelivered => Notice::CheckoutUndelivered,
    };
    Ok(notice.into_response())
}

async fn has_subscribed(site: &Site, checkout: &Checkout) -> Result<bool, SiteError> {
    let Some(account) = checkout.account else { return Ok(false) };
    let held = site.store.subscriptions_of(account).await?;
    // What an account before this one has had keeps nobody from buying.
    Ok(!entitlement::history(&held, false, (site.clock)()).may_buy())
}

/// Whether a checkout is an order by invoice of a reader who may not pay by invoice any more: it is not accepted, as the offer then says
/// from the start.
async fn is_invoice_refused(site: &Site, checkout: &Checkout) -> Result<bool, SiteError> {
    let Some(account) = checkout.account.filter(|_| checkout.processor == MANUAL) else {
        return Ok(false);
    };
    let held = site.store.subscriptions_of(account).await?;
    Ok(!entitlement::may_pay_by_invoice(&held) || owes(site, account).await?)
}

/// A reader has cancelled the payment. Nothing has happened, unless they have paid in another tab: the processor says so.
pub(super) async fn cancelled(
    State(site): State<Arc<Site>>,
    Accepts(encoding): Accepts,
    own: OwnCheckout,
) -> Handled {
    let is_unpaid = own.checkout.progress != Progress::Done
        && match site.billing.settle(&own.checkout).await? {
            CheckoutStatus::Waiting | CheckoutStatus::Over => true,
            CheckoutStatus::Done | CheckoutStatus::Unanswered | CheckoutStatus::Undelivered => {
                false
            }
        };
    if !is_unpaid {
        return Ok(see_other(&own.path(), &[]));
    }
    let context = cancelled_context(&site.snapshot(), &own);
    let (status, links) = (StatusCode::OK, ReaderLinks::Account);
    site.personal_page(encoding, status, links, Template::PaymentCancelled, &context)
}

fn cancelled_context(snapshot: &SiteSnapshot, own: &OwnCheckout) -> PaymentCancelledContext {
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let OwnCheckout { checkout, code, .. } = own;
    let terms = &checkout.terms;
    let from = safe_local_path(&checkout.from);
    let (text, product, again) = match checkout.purpose {
        Purpose::Begin => {
            let name = terms.offer.as_deref().unwrap_or(&terms.price);
            let order = checkout_address(name, code, from);
            let again = Link::to(&order, &word("payment_again"));
            (word("payment_cancelled_text"), terms.name.clone(), again)
        }
        Purpose::UpdateCard(_) => {
            let again = Link::to("/account#subscription", &word("manage_subscription"));
            (word("payment_cancelled_card"), String::new(), again)
        }
    };
    PaymentCancelledContext {
        chrome: snapshot.layout().bare_chrome(&word("payment_cancelled")),
        text,
        product,
        amount: snapshot.rates().money(checkout.amount),
        again,
        back: match from {
            "/" | "/account" => Link::to("/", &word("home")),
            from => Link::to(from, &word("go_back")),
        },
    }
}
