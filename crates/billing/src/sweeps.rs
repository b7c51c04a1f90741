//! What was interrupted is taken up: unanswered orders, payments that were recorded and not applied, and
//! checkouts that nobody came back from.

use std::collections::HashSet;

use jiff::SignedDuration;
use masthead_circulation::offer::CHECKOUT_LIFETIME;

use crate::{Billing, BillingError, checkout::CheckoutStatus};

/// How long a reader has to come back from the payment page by themselves.
const COMES_BACK: SignedDuration = SignedDuration::from_secs(60);
/// How long a recorded payment is left to the server that recorded it.
const APPLIED_WITHIN: SignedDuration = SignedDuration::from_secs(30);
/// Rows that are read at once.
const BATCH: u64 = 200;

impl Billing {
    /// Asks about checkouts that nobody came back from: what was paid is delivered, and what was not is
    /// given up once its time is over.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or an email cannot be composed.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_checkouts(&self) -> Result<(), BillingError> {
        let now = self.now();
        // A processor that does not answer is not asked again this time, and holds up no other.
        let mut silent = HashSet::new();
        for checkout in self.store.open_checkouts(now - COMES_BACK, BATCH).await? {
            if silent.contains(&checkout.processor) {
                continue;
            }
            let over = self.processors.gives_up(&checkout)
                && now.duration_since(checkout.begun) > CHECKOUT_LIFETIME + COMES_BACK;
            match self.settle(&checkout).await {
                Ok(CheckoutStatus::Waiting) if over => {
                    self.store.abandon_checkout(&checkout).await?;
                }
                Ok(CheckoutStatus::Waiting | CheckoutStatus::Over | CheckoutStatus::Done) => {}
                Ok(CheckoutStatus::Unanswered) => {
                    silent.insert(checkout.processor);
                }
                Err(error) => {
                    let key = checkout.key.to_string();
                    tracing::error!(%error, key, "checkouts: not settled, trying again");
                }
            }
        }
        Ok(())
    }

    /// Asks again for the answers of orders that were interrupted, and applies payments that were recorded
    /// and not applied.
    ///
    /// # Errors
    ///
    /// Fails if the database does. An order or payment that fails is logged and tried again next time.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_orders(&self) -> Result<(), BillingError> {
        let now = self.now();
        for order in self.store.open_charges(now, BATCH).await? {
            if let Err(error) = self.ask_and_apply(&order).await {
                let subscription = order.subscription.map(|id| id.0);
                tracing::error!(%error, subscription, "orders: not taken up, trying again");
            }
        }
        for payment in self.store.unapplied_payments(now - APPLIED_WITHIN, BATCH).await? {
            if let Err(error) = self.apply(&payment, None).await {
                let payment = payment.number;
                tracing::error!(%error, payment, "payments: not applied, trying again");
            }
        }
        Ok(())
    }
}
