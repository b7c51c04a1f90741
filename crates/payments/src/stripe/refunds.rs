//! Refunds of Payment Intents (<https://docs.stripe.com/api/refunds>).
//!
//! Stripe forgets an idempotency key after a day, so a refund names the payment in its metadata, and is looked
//! for before it is made.

use jiff::SignedDuration;
use masthead_circulation::{Money, ProcessorRefund};
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Stripe,
    amounts::{from_stripe, to_stripe},
    errors::fault,
    objects::{Found, MadeRefund},
};
use crate::{ProcessorError, RefundOutcome, RefundRequest};

/// The most refunds that Stripe lists at once. A payment has few from here.
const LISTED: u32 = 100;
/// For how long Stripe's search may not know a payment. It is usually less than a minute, and longer during an
/// outage.
const SEARCH_LAG: SignedDuration = SignedDuration::from_hours(1);

#[derive(Serialize)]
struct NewRefund<'a> {
    payment_intent: &'a str,
    /// `None` for all that Stripe took.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
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

/// What Stripe knows of the refunds of a payment.
struct KnownRefunds {
    /// What became of the attempt that is asked about.
    outcome: RefundOutcome,
    /// How much is left to be refunded for it, in minor units: an attempt that was taken for refused may have been made.
    left: u64,
}

impl Stripe {
    /// Refunds a payment or a part of it, unless that was done before.
    pub(super) async fn make_refund(&self, refund: &RefundRequest) -> Result<(), ProcessorError> {
        let intent = self.intent_of(refund).await?;
        let known = self.known_refunds(refund, &intent).await?;
        match known.outcome {
            // What an earlier attempt lacks is for staff to decide about.
            RefundOutcome::Made | RefundOutcome::EarlierFailed(_) => return Ok(()),
            RefundOutcome::Failed(reason) => return Err(ProcessorError::Misunderstood(reason)),
            RefundOutcome::Unknown => {}
        }
        let payment = refund.payment.to_string();
        let form = NewRefund {
            payment_intent: &intent,
            amount: amount_to_ask(refund, known.left)?,
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
        Ok(self.known_refunds(refund, &intent).await?.outcome)
    }

    /// The Payment Intent with which something was paid: that of its checkout, or the one that is marked with
    /// its order.
    pub(super) async fn intent_of(&self, refund: &RefundRequest) -> Result<String, ProcessorError> {
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
    /// is taken for it. If a part was refunded before, everything that was refunded of the payment counts.
    async fn known_refunds(
        &self,
        refund: &RefundRequest,
        intent: &str,
    ) -> Result<KnownRefunds, ProcessorError> {
        let query = RefundsOf { payment_intent: intent, limit: LISTED };
        let request = RequestBuilder::new(StripeMethod::Get, "/refunds").query(&query);
        let listed: Result<Found<MadeRefund>, _> = self.ask(request).await;
        let listed = listed.map_err(ProcessorError::into_undecided)?.data;
        Ok(known(refund, &listed))
    }
}

/// Returns how much to ask for if `left` minor units are left to be refunded; `None` for all that Stripe took.
fn amount_to_ask(refund: &RefundRequest, left: u64) -> Result<Option<u64>, ProcessorError> {
    if refund.is_whole && left == refund.amount.minor() {
        return Ok(None);
    }
    to_stripe(Money::of(left, refund.amount.currency())).map(Some)
}

fn known(refund: &RefundRequest, listed: &[MadeRefund]) -> KnownRefunds {
    let payment = refund.payment.to_string();
    let asked = (refund.asked - ProcessorRefund::CLOCK_TOLERANCE).as_second();
    let amount = |made: &MadeRefund| from_stripe(made.amount, refund.amount.currency()).minor();
    let is_ours = |made: &MadeRefund| made.payment() == Some(payment.as_str());
    let counts = |made: &MadeRefund| match made.payment() {
        _ if !refund.before.is_zero() => true,
        Some(marked) => marked == payment,
        None => amount(made) == refund.amount.minor() && made.created >= asked,
    };
    let valid = || listed.iter().filter(|made| made.is_valid());
    let sum = valid().filter(|made| counts(made)).map(amount).sum::<u64>();
    let wanted = refund.before.minor().saturating_add(refund.amount.minor());
    let left = wanted.saturating_sub(sum);
    let is_made = valid().any(|made| is_ours(made) && made.is_marked(refund.attempt));
    let is_failed = |made: &&MadeRefund| {
        is_ours(made) && !made.is_valid() && made.is_of_attempt(refund.attempt)
    };
    let outcome = if is_made && left > 0 && !refund.before.is_zero() {
        RefundOutcome::EarlierFailed(Money::of(left, refund.amount.currency()))
    } else if is_made || left == 0 {
        RefundOutcome::Made
    } else {
        let failed = listed.iter().find(is_failed).map(MadeRefund::failure);
        failed.map_or(RefundOutcome::Unknown, RefundOutcome::Failed)
    };
    KnownRefunds { outcome, left }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use masthead_circulation::PaymentNumber;

    use super::*;

    #[test]
    fn a_whole_payment_is_refunded_as_it_was_taken() {
        let ariary = "MGA".parse().expect("a currency");
        let whole = RefundRequest {
            payment: PaymentNumber(1),
            attempt: 0,
            asked: Timestamp::UNIX_EPOCH,
            paid: Timestamp::UNIX_EPOCH,
            now: Timestamp::UNIX_EPOCH,
            account: None,
            processor: "stripe".to_owned(),
            order: String::new(),
            reference: String::new(),
            amount: Money::of(2_500_000, ariary),
            before: Money::zero(ariary),
            is_whole: true,
        };
        assert_eq!(amount_to_ask(&whole, 2_500_000).expect("an amount"), None);
        // A part was refunded in Stripe's dashboard.
        assert_eq!(amount_to_ask(&whole, 1_000_000).expect("an amount"), Some(10_000));
        let part = RefundRequest { is_whole: false, ..whole };
        assert_eq!(amount_to_ask(&part, 2_500_000).expect("an amount"), Some(25_000));
    }
}
