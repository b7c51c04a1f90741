//! Refunds of Payment Intents (<https://docs.stripe.com/api/refunds>).
//!
//! Stripe forgets an idempotency key after a day, so a refund names the payment in its metadata, and is looked
//! for before it is made.

use jiff::SignedDuration;
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Stripe,
    errors::fault,
    objects::{Found, MadeRefund},
};
use crate::{ProcessorError, RefundOutcome, RefundRequest};

/// The most refunds that Stripe lists at once. A payment has few from here.
const LISTED: u32 = 100;
/// By how much Stripe's clock may differ from this one.
const CLOCKS: SignedDuration = SignedDuration::from_mins(1);
/// For how long Stripe's search may not know a payment. It is usually less than a minute, and longer during an
/// outage.
const SEARCH_LAG: SignedDuration = SignedDuration::from_hours(1);

#[derive(Serialize)]
struct NewRefund<'a> {
    payment_intent: &'a str,
    amount: u64,
    metadata: RefundMetadata<'a>,
}

#[derive(Serialize)]
struct RefundMetadata<'a> {
    payment: &'a str,
    attempt: u32,
}

#[derive(Serialize)]
struct RefundsOf<'a> {
    payment_intent: &'a str,
    limit: u32,
}

impl Stripe {
    /// Refunds a payment or a part of it, unless that was done before.
    pub(super) async fn make_refund(&self, refund: &RefundRequest) -> Result<(), ProcessorError> {
        let intent = self.intent_of(refund).await?;
        match self.outcome_at(refund, &intent).await? {
            RefundOutcome::Made => return Ok(()),
            RefundOutcome::Failed(reason) => return Err(ProcessorError::Misunderstood(reason)),
            RefundOutcome::Unknown => {}
        }
        let payment = refund.payment.to_string();
        let form = NewRefund {
            payment_intent: &intent,
            amount: refund.amount.minor(),
            metadata: RefundMetadata { payment: &payment, attempt: refund.attempt },
        };
        // Stripe answers a key as it did before, so what is asked after a refusal has another.
        let key = format!("refund-{payment}-{}", refund.attempt);
        match self.create::<MadeRefund>("/refunds", &form, &key).await {
            Ok(made) if made.is_valid() => Ok(()),
            Ok(made) => Err(ProcessorError::Misunderstood(made.failure())),
            Err(error) => Err(fault(&error)),
        }
    }

    /// Returns what became of an attempt at a refund.
    pub(super) async fn outcome_of_refund(
        &self,
        refund: &RefundRequest,
    ) -> Result<RefundOutcome, ProcessorError> {
        let intent = self.intent_of(refund).await?;
        self.outcome_at(refund, &intent).await
    }

    /// The Payment Intent with which something was paid: that of its checkout, or the one that is marked with
    /// its order.
    async fn intent_of(&self, refund: &RefundRequest) -> Result<String, ProcessorError> {
        if !refund.reference.is_empty() {
            match self.session(&refund.reference).await.map(|session| session.intent()) {
                Ok(Some(intent)) => return Ok(intent),
                Ok(None) | Err(ProcessorError::Misunderstood(_)) => {}
                Err(no_answer) => return Err(no_answer),
            }
        }
        // That Stripe does not let us look says nothing about what was refunded.
        let found = self.search(&refund.order).await.map_err(ProcessorError::into_undecided)?;
        let missing = "there is no such payment at Stripe".to_owned();
        match found {
            Some(intent) => Ok(intent.id),
            None if refund.now.duration_since(refund.paid) < SEARCH_LAG => {
                Err(ProcessorError::Undecided(missing))
            }
            None => Err(ProcessorError::Misunderstood(missing)),
        }
    }

    /// Returns what became of an attempt at a refund of a Payment Intent. Earlier versions did not mark theirs, and
    /// staff make refunds in Stripe's dashboard: one of the same amount that was made since this one was asked for
    /// is taken for it.
    async fn outcome_at(
        &self,
        refund: &RefundRequest,
        intent: &str,
    ) -> Result<RefundOutcome, ProcessorError> {
        let query = RefundsOf { payment_intent: intent, limit: LISTED };
        let request = RequestBuilder::new(StripeMethod::Get, "/refunds").query(&query);
        let listed: Result<Found<MadeRefund>, _> = self.ask(request).await;
        let listed = listed.map_err(ProcessorError::into_undecided)?.data;
        let payment = refund.payment.to_string();
        let asked = (refund.asked - CLOCKS).as_second();
        let is_it = |made: &MadeRefund| match made.payment() {
            Some(marked) => marked == payment,
            None => made.amount == refund.amount.minor() && made.created >= asked,
        };
        let made = listed.iter().filter(|made| made.is_valid() && is_it(made));
        let (mut sum, mut is_made) = (0_u64, false);
        for made in made {
            sum = sum.saturating_add(made.amount);
            is_made |= made.is_marked(refund.attempt);
        }
        // What was refunded before is no part of this one.
        if is_made || sum > refund.before.minor() {
            return Ok(RefundOutcome::Made);
        }
        let is_attempt = |made: &&MadeRefund| {
            let is_ours = made.payment() == Some(payment.as_str());
            is_ours && !made.is_valid() && made.is_of_attempt(refund.attempt)
        };
        let failed = listed.iter().find(is_attempt).map(MadeRefund::failure);
        Ok(failed.map_or(RefundOutcome::Unknown, RefundOutcome::Failed))
    }
}
