//! Collecting what is due, with one Payment Intent per order (<https://docs.stripe.com/api/payment_intents>).

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use stripe::StripeError;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Metadata, Stripe,
    amounts::to_stripe,
    errors::{fault, refusal},
    objects::PaymentIntent,
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

impl Stripe {
    /// Collects what is due.
    pub(super) async fn charge(&self, order: &Order) -> Result<Collected, ProcessorError> {
        let Some((customer, method)) = parts(&order.mandate) else {
            return Ok(Collected::Refused(Refusal::Declined));
        };
        if let Some(found) = self.find(order, customer).await?
            && (is_forgotten(order) || is_paid_or_pending(&found))
        {
            return Ok(outcome_of(&found));
        }
        let intent = NewPaymentIntent {
            amount: to_stripe(order.amount)?,
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

    /// Returns what Stripe has collected for an order that may have been given before: so long ago, or by an earlier version under
    /// another key, that its idempotency key does not help any more. How long ago is not known if this clock was wrong then or is
    /// wrong now, so every order is looked up that is not given for the first time, or before it is due.
    async fn find(
        &self,
        order: &Order,
        customer: &str,
    ) -> Result<Option<PaymentIntent>, ProcessorError> {
        let is_early = order.now < order.due;
        let is_to_be_found = order.is_repeated || is_early || is_forgotten(order);
        let key = is_to_be_found.then_some(order.key.as_str());
        let keys: Vec<&str> = key.into_iter().chain(order.former_key.as_deref()).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        // By a clock that was ahead it may have been made long before it was due.
        let since = if is_early { Timestamp::UNIX_EPOCH } else { order.due };
        match self.intent_of_customer(customer, &keys, since).await {
            // The customer was deleted at Stripe. Nothing more can be collected from them, so the search, which may
            // lag behind, only has to find what is old.
            Err(ProcessorError::Misunderstood(_)) => self.search_all(&keys).await,
            found => found,
        }
    }

    async fn search_all(&self, keys: &[&str]) -> Result<Option<PaymentIntent>, ProcessorError> {
        for key in keys {
            let found = self.search(key).await.map_err(ProcessorError::into_undecided)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Returns what the bank has decided since. An order that is given again is answered as it was the first
    /// time.
    async fn decided(&self, intent: &PaymentIntent) -> Result<Collected, ProcessorError> {
        let path = format!("/payment_intents/{}", intent.id);
        let request = RequestBuilder::new(StripeMethod::Get, path);
        let decided = self.ask::<PaymentIntent>(request).await;
        // The intent exists: whatever Stripe says to this question, the order was processed.
        decided.map(|intent| outcome_of(&intent)).map_err(ProcessorError::into_undecided)
    }
}

/// Whether Stripe has forgotten the idempotency key of an order, if the clock is right.
fn is_forgotten(order: &Order) -> bool {
    order.now.duration_since(order.due) >= REMEMBERS
}

/// Whether money was or may be collected. Anything else that a list shows may be about to change: the order is given again under its
/// idempotency key, and Stripe answers it as it did the first time, or that it is not ready.
fn is_paid_or_pending(intent: &PaymentIntent) -> bool {
    matches!(intent.status.as_str(), "succeeded" | "processing")
}

fn outcome_of(intent: &PaymentIntent) -> Collected {
    match intent.status.as_str() {
        "succeeded" => Collected::Paid,
        "processing" => Collected::Pending,
        "requires_action" => Collected::Refused(Refusal::Unconfirmed),
        _ => Collected::Refused(Refusal::Declined),
    }
}
