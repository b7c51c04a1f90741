//! Checkouts of which nobody knows whether they were paid.

use jiff::SignedDuration;
use masthead_circulation::{Checkout, offer::CHECKOUT_LIFETIME};

use super::{BATCH, Mismatch};
use crate::{Billing, BillingError, sweeps::RESOLVED_WITHIN};

/// How long a checkout that was given up is shown.
const SHOWN: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Billing {
    /// Checkouts whose processor does not answer, is no longer set up, or does not know them. Nothing is
    /// collected at a checkout without a processor.
    pub(super) async fn unsettled_checkouts(&self) -> Result<Vec<Mismatch>, BillingError> {
        let now = self.now();
        let old = now - CHECKOUT_LIFETIME - RESOLVED_WITHIN;
        let mut unsettled = self.store.open_checkouts(old, BATCH).await?;
        unsettled.extend(self.store.unresolved_checkouts(now - SHOWN, BATCH).await?);
        unsettled.retain(|checkout| !checkout.processor.is_empty());
        Ok(unsettled.into_iter().map(mismatch).collect())
    }
}

fn mismatch(checkout: Checkout) -> Mismatch {
    let Checkout { key, processor, reference, .. } = checkout;
    let reference = if reference.is_empty() { key.to_string() } else { reference };
    Mismatch::CheckoutUnsettled { processor, reference }
}
