//! Refunds of Payment Intents (<https://docs.stripe.com/api/refunds>).

use serde::Serialize;

use super::{Stripe, errors::fault, objects::Refunded};
use crate::{ProcessorError, RefundRequest};

#[derive(Serialize)]
struct NewRefund<'a> {
    payment_intent: &'a str,
    amount: u64,
}

impl Stripe {
    /// Refunds a payment or a part of it.
    pub(super) async fn make_refund(&self, refund: &RefundRequest) -> Result<(), ProcessorError> {
        let intent = self.intent_of(refund).await?;
        let form = NewRefund { payment_intent: &intent, amount: refund.amount.minor() };
        let key = format!("refund-{}", refund.number);
        match self.create::<Refunded>("/refunds", &form, &key).await {
            Ok(refunded) if refunded.status.as_deref() != Some("failed") => Ok(()),
            Ok(_) => Err(ProcessorError::Misunderstood("the refund failed".to_owned())),
            Err(error) => Err(fault(&error)),
        }
    }

    /// The Payment Intent with which something was paid.
    async fn intent_of(&self, refund: &RefundRequest) -> Result<String, ProcessorError> {
        let intent = if refund.reference.is_empty() {
            self.search(&refund.order).await?.map(|intent| intent.id)
        } else {
            self.session(&refund.reference).await?.intent()
        };
        intent.ok_or_else(|| {
            ProcessorError::Misunderstood("there is no such payment at Stripe".to_owned())
        })
    }
}
