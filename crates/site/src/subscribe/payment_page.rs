//! The way to a processor's payment page.

use masthead_circulation::{
    Account, Checkout, EmailAddress, Mandate, Progress, Purpose, Secret, Terms,
};
use masthead_payments::CheckoutRequest;
use masthead_web::form::{safe_local_path, see_other};

use super::own_checkout::payment_path;
use crate::{
    error::{FailureMessage, Handled, SiteError},
    notice::Notice,
    state::Site,
};

/// Who pays, and with what so far.
pub(crate) struct Payer<'a> {
    pub(crate) email: &'a EmailAddress,
    pub(crate) mandate: Option<&'a Mandate>,
    /// The code of the offer, for who cancels the payment and goes back to the order; empty without one.
    pub(crate) code: &'a str,
}

/// A checkout that begins now, with the secret in its address. Its processor is not chosen yet.
pub(crate) fn new_checkout(
    site: &Site,
    account: &Account,
    purpose: Purpose,
    terms: Terms,
    from: &str,
) -> (Secret, Checkout) {
    let now = (site.clock)();
    let amount = terms.first(now, &site.live.peek().publication.policy.zone).amount;
    let secret = Secret::generate(&mut rand::rng());
    let checkout = Checkout {
        key: secret.digest(),
        account: Some(account.id),
        purpose,
        terms,
        amount,
        begun: now,
        from: safe_local_path(from).to_owned(),
        experiment: None,
        processor: String::new(),
        reference: String::new(),
        is_superseded: false,
        progress: Progress::Open,
    };
    (secret, checkout)
}

/// Sends a reader to the payment page. If the processor does not answer, the checkout is abandoned and nothing is
/// collected: they can try again.
pub(crate) async fn open_payment_page(
    site: &Site,
    secret: &Secret,
    checkout: &Checkout,
    payer: Payer<'_>,
) -> Handled {
    let path = payment_path(secret, "", "");
    let cancel = payment_path(secret, "/cancelled", payer.code);
    let address = site.snapshot().publication.address.clone();
    let request = CheckoutRequest {
        checkout,
        email: payer.email,
        mandate: payer.mandate,
        address: &address,
        path: &path,
        cancel: &cancel,
    };
    let opened = site.billing.processors().begin(&request).await;
    if opened.is_err() {
        site.store.abandon_checkout(checkout).await?;
    }
    let message = FailureMessage::Notice(Notice::PaymentsUnavailable);
    let page = opened.map_err(SiteError::failed_with(message, "checkout: open payment page"))?;
    site.store.refer_checkout(&checkout.key, &page.reference).await?;
    let is_sandbox = page.page == payment_path(secret, "/sandbox", "");
    let sandbox = is_sandbox.then(|| payment_path(secret, "/sandbox", payer.code));
    Ok(see_other(sandbox.as_deref().unwrap_or(&page.page), &[]))
}
