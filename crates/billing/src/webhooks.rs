//! Messages from processors. A message only names what to ask the processor about.

use masthead_circulation::{Actor, Checkout, PaymentNumber, PaymentSource, Subscription};
use masthead_payments::{ProcessorError, WebhookMessage, WebhookSubject};

use crate::{
    Billing, BillingError, billing::PlannedChange, checkout::CheckoutStatus,
    staff_actions::EntryError,
};

/// Whether a message was dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookStatus {
    /// It was, now or before.
    Done,
    /// The processor did not answer what was asked, or was not asked because the clock has jumped, or what it says could not be
    /// carried out yet. It should send the message again.
    SendAgain,
}

impl Billing {
    /// Handles a message from a processor once.
    ///
    /// # Errors
    ///
    /// Fails if the database does. The message should then be sent again.
    #[tracing::instrument(skip_all)]
    pub async fn handle_webhook(
        &self,
        processor: &str,
        message: &WebhookMessage,
    ) -> Result<WebhookStatus, BillingError> {
        if self.store.is_webhook_processed(&message.id).await? {
            return Ok(WebhookStatus::Done);
        }
        let status = match &message.subject {
            WebhookSubject::Nothing => WebhookStatus::Done,
            WebhookSubject::Checkout(reference) => {
                self.ask_about_checkout(processor, reference).await?
            }
            WebhookSubject::Order(key) => self.ask_about_order(key).await?,
            WebhookSubject::Card(reference) => self.ask_about_card(processor, reference).await?,
            WebhookSubject::Dispute(reference) => {
                self.ask_about_dispute(processor, reference).await?
            }
            WebhookSubject::Refund(payment) => self.ask_about_refund(*payment).await?,
            WebhookSubject::RefundOf(payment) => {
                // It is rare, and its future is large.
                Box::pin(self.ask_about_refunds(processor, payment)).await?
            }
        };
        if status == WebhookStatus::Done {
            self.store.mark_webhook_processed(&message.id, self.now()).await?;
        }
        Ok(status)
    }

    async fn ask_about_checkout(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<WebhookStatus, BillingError> {
        match self.store.checkout_of(processor, reference).await? {
            Some(checkout) => self.settle_known(&checkout).await,
            None => Ok(WebhookStatus::Done),
        }
    }

    async fn settle_known(&self, checkout: &Checkout) -> Result<WebhookStatus, BillingError> {
        Ok(match self.settle(checkout).await? {
            CheckoutStatus::Unanswered | CheckoutStatus::Undelivered => WebhookStatus::SendAgain,
            CheckoutStatus::Done | CheckoutStatus::Waiting | CheckoutStatus::Over => {
                WebhookStatus::Done
            }
        })
    }

    /// The bank has decided about an order.
    async fn ask_about_order(&self, key: &str) -> Result<WebhookStatus, BillingError> {
        if let Some(open) = self.store.open_charge(key).await?
            && !self.ask_and_apply(&open).await?
        {
            return Ok(WebhookStatus::SendAgain);
        }
        let source = PaymentSource::from(key);
        if let PaymentSource::Checkout(key) = &source
            && let Some(checkout) = self.store.checkout(key).await?
        {
            return self.settle_known(&checkout).await;
        }
        // A renewal that was refused is handled with its subscription.
        let Some(id) = source.subscription() else {
            return Ok(WebhookStatus::Done);
        };
        if let Some(subscription) = self.latest(id).await? {
            let due = subscription.due(&self.zone());
            if due.is_some_and(|(due, _)| due <= self.now()) {
                self.handle_due(&subscription).await?;
            }
        }
        Ok(WebhookStatus::Done)
    }

    /// Something has become of a refund. The processor says what, so that messages may come in any order.
    async fn ask_about_refund(
        &self,
        payment: PaymentNumber,
    ) -> Result<WebhookStatus, BillingError> {
        match self.follow_refund(payment).await {
            Ok(()) | Err(EntryError::RefundRefused(_)) => Ok(WebhookStatus::Done),
            Err(EntryError::Failed(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, payment = payment.0, "webhooks: refund not looked up");
                Ok(WebhookStatus::SendAgain)
            }
        }
    }

    /// A bank has replaced a card.
    async fn ask_about_card(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<WebhookStatus, BillingError> {
        for before in self.store.subscriptions_by(processor, reference).await? {
            let mandate = match self.processors.current_mandate(&before.mandate).await {
                Ok(mandate) => mandate,
                Err(error @ ProcessorError::Misunderstood(_)) => {
                    tracing::warn!(%error, subscription = before.id.0, "webhooks: card not found");
                    continue;
                }
                Err(ProcessorError::Unreachable(_) | ProcessorError::Undecided(_)) => {
                    return Ok(WebhookStatus::SendAgain);
                }
            };
            if mandate == before.mandate {
                continue;
            }
            let after = Subscription { mandate, ..before.clone() };
            let (actor, what) = (Actor::Processor, "card-changed");
            let (payment, news) = (None, None);
            let planned = PlannedChange { before: &before, after, actor, what, payment, news };
            if !self.change(planned).await? {
                return Ok(WebhookStatus::SendAgain);
            }
        }
        Ok(WebhookStatus::Done)
    }
}
