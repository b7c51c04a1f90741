//! Refunds as Stripe lists them, wherever they were made (<https://docs.stripe.com/api/refunds/list>). The payment is found by the order that
//! its Payment Intent is marked with.

use jiff::Timestamp;
use masthead_circulation::{Currency, PaymentNumber, ProcessorRefund, RefundMark};
use miniserde::{Deserialize, json};
use serde::Serialize;
use stripe::StripeError;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Stripe,
    amounts::from_stripe,
    disputes::unless_unknown,
    lookup::Since,
    objects::{Found, PaymentIntent, expanded},
};
use crate::{ListedRefund, PaymentRefunds, ProcessorError, ProcessorList};

/// The most refunds that Stripe lists at once. A payment has fewer.
const LISTED: u32 = 100;
/// Pages that are read of the list of all refunds, the latest first.
const PAGES: usize = 50;

/// <https://docs.stripe.com/api/refunds/object>
#[derive(Deserialize)]
struct StripeRefund {
    id: String,
    amount: u64,
    currency: String,
    created: i64,
    status: Option<String>,
    /// Its number, or the whole of it in a list.
    payment_intent: Option<json::Value>,
    metadata: Option<Marks>,
}

#[derive(Deserialize)]
struct Marks {
    payment: Option<String>,
    attempt: Option<String>,
}

#[derive(Serialize)]
struct OfIntent<'a> {
    payment_intent: &'a str,
    limit: u32,
}

#[derive(Serialize)]
struct SinceThen<'a> {
    created: Since,
    limit: u32,
    expand: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

impl Stripe {
    /// Returns all refunds of a Payment Intent.
    pub(super) async fn refunds_of_intent(
        &self,
        intent: &str,
    ) -> Result<PaymentRefunds, ProcessorError> {
        let request = RequestBuilder::new(StripeMethod::Get, format!("/payment_intents/{intent}"));
        let known: Result<PaymentIntent, StripeError> =
            request.customize().send(&self.client).await;
        let known = known.map_err(|error| unless_unknown(&error))?;
        let query = OfIntent { payment_intent: intent, limit: LISTED };
        let request = RequestBuilder::new(StripeMethod::Get, "/refunds").query(&query);
        let listed: Result<Found<StripeRefund>, _> = self.ask(request).await;
        let listed = listed.map_err(ProcessorError::into_undecided)?.data;
        let refunds = listed.iter().map(StripeRefund::read).collect::<Result<_, _>>()?;
        Ok(PaymentRefunds { order: known.order().map(str::to_owned), refunds })
    }

    /// Returns the refunds that were made since `since`. One that cannot be read holds up no other.
    pub(super) async fn list_refunds(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedRefund>, ProcessorError> {
        let gte = since.as_second().max(0);
        let mut found = Vec::new();
        let mut last: Option<String> = None;
        for _ in 0..PAGES {
            let starting_after = last.as_deref();
            let (created, expand) = (Since { gte }, ["data.payment_intent"]);
            let query = SinceThen { created, limit: LISTED, expand, starting_after };
            let request = RequestBuilder::new(StripeMethod::Get, "/refunds").query(&query);
            let page: Found<StripeRefund> = self.ask(request).await?;
            for refund in &page.data {
                // What was taken without a Payment Intent was not taken from here.
                let intent = refund.payment_intent.as_ref().and_then(expanded::<PaymentIntent>);
                let Some(intent) = intent else { continue };
                let order = intent.order().map(str::to_owned);
                match refund.read() {
                    Ok(read) => {
                        found.push(ListedRefund { payment: intent.id, order, refund: read });
                    }
                    Err(error) => {
                        tracing::warn!(%error, reference = refund.id, "stripe: refund not read");
                    }
                }
            }
            last = page.data.into_iter().next_back().map(|refund| refund.id);
            if last.is_none() || page.has_more != Some(true) {
                return Ok(found.into());
            }
        }
        tracing::warn!(
            read = found.len(),
            "stripe: more refunds than are read; older ones are left out"
        );
        Ok(ProcessorList { found, is_cut: true })
    }
}

impl StripeRefund {
    fn read(&self) -> Result<ProcessorRefund, ProcessorError> {
        let not_known = |what: &str| ProcessorError::Undecided(format!("a refund with {what}"));
        let currency = self.currency.to_uppercase().parse::<Currency>();
        let currency = currency.map_err(|_| not_known("an unknown currency"))?;
        Ok(ProcessorRefund {
            reference: self.id.clone(),
            amount: from_stripe(self.amount, currency),
            made: Timestamp::from_second(self.created).map_err(|_| not_known("no time"))?,
            is_failed: matches!(self.status.as_deref(), Some("failed" | "canceled")),
            mark: self.metadata.as_ref().and_then(Marks::read),
        })
    }
}

impl Marks {
    fn read(&self) -> Option<RefundMark> {
        let payment = self.payment.as_ref()?.parse().map(PaymentNumber).ok()?;
        let attempt = self.attempt.as_ref().and_then(|attempt| attempt.parse().ok());
        Some(RefundMark { payment, attempt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stripe_says_of_a_refund_is_read() {
        let read = |currency: &str, status: &str, metadata: &str| {
            let text = format!(
                r#"{{"id":"re_1","amount":199000,"currency":"{currency}","created":1700000000,
                "status":"{status}","payment_intent":"pi_1","metadata":{metadata}}}"#
            );
            json::from_str::<StripeRefund>(&text).expect("a refund").read()
        };
        let refund = read("isk", "succeeded", "{}").expect("known");
        assert_eq!((refund.amount.minor(), refund.is_failed, refund.mark), (1990, false, None));
        assert_eq!(refund.made.as_second(), 1_700_000_000);
        let ours = read("usd", "pending", r#"{"payment":"7","attempt":"1"}"#).expect("known");
        let mark = RefundMark { payment: PaymentNumber(7), attempt: Some(1) };
        assert_eq!((ours.amount.minor(), ours.is_failed, ours.mark), (199_000, false, Some(mark)));
        for status in ["failed", "canceled"] {
            assert!(read("usd", status, "null").expect("known").is_failed, "{status}");
        }
        assert!(read("xx", "succeeded", "{}").is_err(), "it is asked about again");
    }
}
