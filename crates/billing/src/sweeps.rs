//! What was interrupted is taken up: unanswered orders and refunds, payments that were recorded and not
//! applied, and checkouts that nobody came back from.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use masthead_circulation::{Refund, offer::CHECKOUT_LIFETIME};

use crate::{Billing, BillingError, checkout::CheckoutStatus, refunds::FIRST_RETRY};

/// How long a reader has to come back from the payment page by themselves.
const COMES_BACK: SignedDuration = SignedDuration::from_secs(60);
/// How long a recorded payment is left to the server that recorded it.
const APPLIED_WITHIN: SignedDuration = SignedDuration::from_secs(30);
/// The longest time before a refund is asked for again.
const LAST_RETRY: SignedDuration = SignedDuration::from_hours(24);
/// Refunds that are asked for at the same time.
const CONCURRENT: usize = 8;
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

    /// Asks again for refunds whose answers were lost, several at the same time. Each waits as long again as it
    /// has waited, so that a processor that is away is asked less and less often.
    ///
    /// # Errors
    ///
    /// Fails if the database does. A refund that is not made is logged and asked for again.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_refunds(&self) -> Result<(), BillingError> {
        let open = self.store.open_refunds(self.now(), BATCH).await?;
        let asking: Vec<_> = open.iter().map(|refund| self.sweep_refund(refund)).collect();
        let asked: Vec<_> = stream::iter(asking).buffer_unordered(CONCURRENT).collect().await;
        asked.into_iter().collect()
    }

    async fn sweep_refund(&self, refund: &Refund) -> Result<(), BillingError> {
        let now = self.now();
        let next = now + now.duration_since(refund.at).clamp(FIRST_RETRY, LAST_RETRY);
        if self.store.claim_refund(refund, now, next).await?
            && let Err(error) = self.ask_refund_again(refund).await
        {
            let payment = refund.payment;
            tracing::error!(%error, payment, "refunds: not made");
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
