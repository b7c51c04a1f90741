//! Finding Payment Intents by the order that they are marked with.
//!
//! Stripe's search lags behind what it has processed, usually by less than a minute, during an outage by more
//! (<https://docs.stripe.com/search#data-freshness>). So nothing is concluded from what it does not find, unless
//! that is old. A list is always up to date.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Stripe,
    objects::{Found, PaymentIntent},
};
use crate::ProcessorError;

/// The most objects that Stripe lists at once.
const LISTED: u32 = 100;
/// Pages that are read of one list. More Payment Intents are not made for one customer in the time that an order
/// is open.
const PAGES: usize = 10;
/// How far Stripe's clock may be behind this one.
const CLOCKS: SignedDuration = SignedDuration::from_hours(1);

#[derive(Serialize)]
struct IntentsOf<'a> {
    customer: &'a str,
    created: Since,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Since {
    pub gte: i64,
}

#[derive(Serialize)]
struct Search {
    query: String,
}

impl Stripe {
    /// Returns the Payment Intent of one of these orders that was made for a customer since `since`, or `None` if
    /// there is none.
    pub(super) async fn intent_of_customer(
        &self,
        customer: &str,
        orders: &[&str],
        since: Timestamp,
    ) -> Result<Option<PaymentIntent>, ProcessorError> {
        let gte = since.as_second().saturating_sub(CLOCKS.as_secs()).max(0);
        let mut last: Option<String> = None;
        for _ in 0..PAGES {
            let starting_after = last.as_deref();
            let query =
                IntentsOf { customer, created: Since { gte }, limit: LISTED, starting_after };
            let request = RequestBuilder::new(StripeMethod::Get, "/payment_intents").query(&query);
            let page: Found<PaymentIntent> = self.ask(request).await?;
            last = page.data.last().map(|intent| intent.id.clone());
            let is_it = |intent: &PaymentIntent| {
                intent.order().is_some_and(|marked| orders.contains(&marked))
            };
            if let Some(found) = page.data.into_iter().find(is_it) {
                return Ok(Some(found));
            }
            if last.is_none() || page.has_more != Some(true) {
                return Ok(None);
            }
        }
        let reason = format!("customer {customer} has too many payments to find one");
        Err(ProcessorError::Undecided(reason))
    }

    /// Returns the Payment Intent that the search knows for an order. That it knows none says nothing about the
    /// last hours.
    pub(super) async fn search(
        &self,
        order: &str,
    ) -> Result<Option<PaymentIntent>, ProcessorError> {
        let search = Search { query: format!("metadata['order']:'{order}'") };
        let request = RequestBuilder::new(StripeMethod::Get, "/payment_intents/search");
        let found: Found<PaymentIntent> = self.ask(request.query(&search)).await?;
        Ok(found.data.into_iter().next())
    }
}
