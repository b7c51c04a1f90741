//! Collecting what is due, with one Payment Intent per order (<https://docs.stripe.com/api/payment_intents>).

use jiff::SignedDuration;
use serde::Serialize;
use stripe::StripeError;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Metadata, Stripe,
    errors::{fault, refusal},
    objects::{Found, PaymentIntent},
    parts,
};
use crate::{Collected, Order, ProcessorError, Refusal};

/// How long Stripe remembers an order by its key, less a margin
/// (<https://docs.stripe.com/api/idempotent_requests>).
const REMEMBERS: SignedDuration = SignedDuration::from_hours(20);

#[derive(Serialize)]
struct NewPaymentIntent<'a> {
    amount: u64,
    currency: String,
    customer: &'a str,
    payment_method: &'a str,
    confirm: bool,
    off_session: bool,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct Search {
    query: String,
}

impl Stripe {
    /// Collects what is due.
    pub(super) async fn charge(&self, order: &Order) -> Result<Collected, ProcessorError> {
        if let Some(found) = self.find(order).await? {
            return Ok(outcome_of(&found));
        }
        let Some((customer, method)) = parts(&order.mandate) else {
            return Ok(Collected::Refused(Refusal::Declined));
        };
        let intent = NewPaymentIntent {
            amount: order.amount.minor(),
            currency: order.amount.currency().code().to_lowercase(),
            customer,
            payment_method: method,
            confirm: true,
            off_session: true,
            metadata: Metadata { order: &order.key },
        };
        let key = format!("order-{}", order.key);
        match self.create::<PaymentIntent>("/payment_intents", &intent, &key).await {
            Ok(intent) if intent.status == "processing" => self.decided(&intent).await,
            Ok(intent) => Ok(outcome_of(&intent)),
            Err(StripeError::Stripe(error, 402)) => Ok(Collected::Refused(refusal(&error))),
            // The customer or the card no longer exists.
            Err(StripeError::Stripe(_, 404)) => Ok(Collected::Refused(Refusal::Declined)),
            Err(error) => Err(fault(&error)),
        }
    }

    /// Returns the Payment Intent of the order with this key, or `None` if there is none.
    pub(super) async fn search(
        &self,
        order: &str,
    ) -> Result<Option<PaymentIntent>, ProcessorError> {
        let search = Search { query: format!("metadata['order']:'{order}'") };
        let request = RequestBuilder::new(StripeMethod::Get, "/payment_intents/search");
        let found: Found<PaymentIntent> = self.ask(request.query(&search)).await?;
        Ok(found.data.into_iter().next())
    }

    /// Returns what Stripe has collected for an order that was given so long ago, or by an earlier
    /// version under another key, that its idempotency key does not help any more.
    async fn find(&self, order: &Order) -> Result<Option<PaymentIntent>, ProcessorError> {
        if order.now.duration_since(order.due) >= REMEMBERS
            && let Some(found) = self.search(&order.key).await?
        {
            return Ok(Some(found));
        }
        match &order.former_key {
            Some(former) => self.search(former).await,
            None => Ok(None),
        }
    }

    /// Returns what the bank has decided since. An order that is given again is answered as it was the first
    /// time.
    async fn decided(&self, intent: &PaymentIntent) -> Result<Collected, ProcessorError> {
        let path = format!("/payment_intents/{}", intent.id);
        let request = RequestBuilder::new(StripeMethod::Get, path);
        let decided = self.ask::<PaymentIntent>(request).await;
        // The intent exists: whatever Stripe says to this question, the order was processed.
        decided.map(|intent| outcome_of(&intent)).map_err(ProcessorError::into_unreachable)
    }
}

fn outcome_of(intent: &PaymentIntent) -> Collected {
    match intent.status.as_str() {
        "succeeded" => Collected::Paid,
        "processing" => Collected::Pending,
        "requires_action" => Collected::Refused(Refusal::Unconfirmed),
        _ => Collected::Refused(Refusal::Declined),
    }
}
