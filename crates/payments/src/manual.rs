//! Invoices and bank transfers: nobody collects anything. The reader is asked by letter, and staff enter
//! what has arrived.

use async_trait::async_trait;
use masthead_circulation::{Checkout, MANUAL, Mandate};

use crate::{
    CheckoutOutcome, CheckoutRequest, Collected, Order, PaymentPage, Processor, ProcessorError,
    RefundRequest,
};

/// See the module's documentation.
pub struct Manual;

#[async_trait]
impl Processor for Manual {
    fn name(&self) -> &'static str {
        MANUAL
    }

    /// There is no till: the reader comes straight back.
    async fn begin(&self, errand: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        Ok(PaymentPage { reference: String::new(), page: errand.path.to_owned() })
    }

    /// Who asks for an invoice reads at once, and pays it afterwards.
    async fn outcome(&self, _: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        Ok(CheckoutOutcome::Paid(Mandate::manual()))
    }

    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        let given = order.amount.is_zero();
        Ok(if given { Collected::Paid } else { Collected::AwaitingTransfer })
    }

    /// Staff have sent it, as they have entered what arrived.
    async fn repay(&self, _: &RefundRequest) -> Result<(), ProcessorError> {
        Ok(())
    }
}
