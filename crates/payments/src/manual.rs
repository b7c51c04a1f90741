//! Invoices and bank transfers: nothing is collected. The reader is asked by email, and staff enter what
//! has arrived.

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{Checkout, MANUAL, Mandate};

use crate::{
    CheckoutOutcome, CheckoutRequest, Collected, DisputeReport, ListedDispute, ListedRefund, Order,
    PaymentPage, PaymentRefunds, Processor, ProcessorError, ProcessorList, RefundOutcome,
    RefundRequest, WebhookError, WebhookMessage, WebhookRequest,
};

/// See the module's documentation.
pub struct Manual;

#[async_trait]
impl Processor for Manual {
    fn name(&self) -> &'static str {
        MANUAL
    }

    fn is_practice(&self) -> bool {
        false
    }

    fn api(&self) -> Option<&str> {
        None
    }

    fn form_action(&self) -> Option<&'static str> {
        None
    }

    fn closes_checkouts(&self) -> bool {
        false
    }

    fn sends_webhooks(&self) -> bool {
        false
    }

    fn read_webhook(&self, _: &WebhookRequest<'_>) -> Result<WebhookMessage, WebhookError> {
        Err(WebhookError::NotSent)
    }

    /// There is no payment page: the reader comes straight back.
    async fn begin(&self, request: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        Ok(PaymentPage { reference: String::new(), page: request.path.to_owned() })
    }

    /// A reader who asks for an invoice reads at once and pays afterwards.
    async fn outcome(&self, _: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        Ok(CheckoutOutcome::Paid(Mandate::manual()))
    }

    /// The publication gives the checkout up by itself.
    async fn close(&self, _: &Checkout) -> Result<(), ProcessorError> {
        Ok(())
    }

    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        let free = order.amount.is_zero();
        Ok(if free { Collected::Paid } else { Collected::AwaitingTransfer })
    }

    async fn current_mandate(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError> {
        Ok(mandate.clone())
    }

    /// Staff send the money themselves, as they entered it themselves.
    async fn refund(&self, _: &RefundRequest) -> Result<(), ProcessorError> {
        Ok(())
    }

    async fn refund_outcome(&self, _: &RefundRequest) -> Result<RefundOutcome, ProcessorError> {
        Ok(RefundOutcome::Made)
    }

    async fn refunds_of(&self, _: &str) -> Result<PaymentRefunds, ProcessorError> {
        Err(ProcessorError::Misunderstood("nothing is refunded here by others".to_owned()))
    }

    async fn refunds(&self, _: Timestamp) -> Result<ProcessorList<ListedRefund>, ProcessorError> {
        Ok(Vec::new().into())
    }

    async fn dispute(&self, _: &str) -> Result<DisputeReport, ProcessorError> {
        Err(ProcessorError::Misunderstood("there are no disputes here".to_owned()))
    }

    async fn disputes(&self, _: Timestamp) -> Result<ProcessorList<ListedDispute>, ProcessorError> {
        Ok(Vec::new().into())
    }
}
