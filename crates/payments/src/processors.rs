//! The processors of a publication: one that is paid at now, and those that readers have paid at. What is
//! asked goes to the one whose name the checkout or mandate bears.

use masthead_circulation::{Checkout, MANUAL};

use crate::{
    CheckoutOutcome, CheckoutRequest, Collected, Manual, Order, PaymentPage, Processor,
    ProcessorError, RefundRequest, Sandbox, Stripe, sandbox, stripe,
};

/// The processors of a publication.
pub struct Processors {
    /// The sandbox, which is used where there is no other.
    pub sandbox: Sandbox,
    /// Stripe, where the publication has an account there.
    pub stripe: Option<Stripe>,
}

impl Processors {
    /// The one that new readers pay at.
    pub fn current(&self) -> &dyn Processor {
        match &self.stripe {
            Some(stripe) => stripe,
            None => &self.sandbox,
        }
    }

    /// The one of this name. One that the publication has no account with any more does not answer.
    fn named(&self, name: &str) -> Result<&dyn Processor, ProcessorError> {
        let gone = || {
            ProcessorError::Unreachable(format!(
                "there is no account with \"{name}\" under [payments]"
            ))
        };
        match name {
            sandbox::NAME => Ok(&self.sandbox),
            MANUAL => Ok(&Manual),
            stripe::NAME => {
                self.stripe.as_ref().map(|stripe| stripe as &dyn Processor).ok_or_else(gone)
            }
            _ => Err(gone()),
        }
    }

    /// See [`Processor::begin`].
    pub async fn begin(&self, errand: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        self.named(&errand.checkout.processor)?.begin(errand).await
    }

    /// See [`Processor::outcome`]. Nobody is paid for a trial that asks for no card.
    pub async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        if checkout.processor.is_empty() {
            return Ok(CheckoutOutcome::Open);
        }
        self.named(&checkout.processor)?.outcome(checkout).await
    }

    /// See [`Processor::collect`].
    pub async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        self.named(&order.mandate.processor)?.collect(order).await
    }

    /// See [`Processor::repay`].
    pub async fn repay(&self, repayment: &RefundRequest) -> Result<(), ProcessorError> {
        self.named(&repayment.processor)?.repay(repayment).await
    }
}
