//! Stripe keeps readers' cards and collects with them. The card is asked for on Stripe's own page (a
//! Checkout Session); what follows is collected with one Payment Intent per order.
//!
//! A subscription is kept here and not at Stripe, as with every processor, so that a pause, a price change
//! or a cancellation is what the reader's page says to the second, and a reader's terms outlive a change
//! of processor. See <https://docs.stripe.com/api>; the version of the API is that of the client library.

mod amounts;
mod charges;
mod check;
mod disputes;
mod errors;
mod listed_refunds;
mod lookup;
mod objects;
mod refunds;
mod sessions;
mod settings;
mod webhook;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{Checkout, Mandate, ProcessorRefund};
use serde::Serialize;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};

pub(crate) use self::settings::KIND;
use self::{errors::fault, objects::PaymentMethod};
use crate::{
    AccountMode, CheckFault, CheckedStep, CheckoutOutcome, CheckoutRequest, Collected,
    DisputeReport, ListedDispute, ListedRefund, Order, PaymentPage, PaymentRefunds, Processor,
    ProcessorCheck, ProcessorError, ProcessorList, RefundOutcome, RefundRequest, WebhookError,
    WebhookMessage, WebhookRequest,
};

/// The name in mandates.
const NAME: &str = "stripe";
/// Where its API is, unless the settings name another address.
const API: &str = "https://api.stripe.com";
/// The longest time that an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a publication reaches Stripe.
#[derive(Clone, PartialEq, Eq)]
pub struct StripeAccount {
    /// The secret key of its account: `sk_…` or a restricted one, `rk_…`.
    pub secret_key: String,
    /// The secret that Stripe signs its messages with: `whsec_…`.
    pub webhook_secret: String,
    /// Whether Stripe calculates the tax in the prices on its payment page.
    pub tax: bool,
    /// The address of the API, if it is not Stripe's own.
    pub api: Option<String>,
}

/// The text is no API key.
#[derive(Debug, thiserror::Error)]
#[error(
    "the secret key of Stripe holds characters that no key has; copy it again from Stripe's dashboard"
)]
pub struct InvalidApiKey;

/// See the module's documentation.
pub struct Stripe {
    client: Client,
    account: StripeAccount,
}

/// What a Payment Intent is marked with.
#[derive(Serialize)]
struct Metadata<'a> {
    order: &'a str,
}

impl Stripe {
    /// Stripe, for this account.
    ///
    /// # Errors
    ///
    /// Fails if the secret key has characters that no key has.
    pub fn new(account: StripeAccount) -> Result<Self, InvalidApiKey> {
        let mut client = ClientBuilder::new(account.secret_key.clone()).timeout(PATIENCE);
        if let Some(api) = &account.api {
            client = client.url(format!("{}/", api.trim_end_matches('/')));
        }
        Ok(Self { client: client.build().map_err(|_| InvalidApiKey)?, account })
    }

    async fn ask<T: miniserde::Deserialize>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, ProcessorError> {
        request.customize().send(&self.client).await.map_err(|error| fault(&error))
    }

    async fn create<T: miniserde::Deserialize>(
        &self,
        path: &str,
        form: &impl Serialize,
        key: &str,
    ) -> Result<T, StripeError> {
        let key = IdempotencyKey::new(key)
            .map_err(|error| StripeError::ConfigError(error.to_string()))?;
        let request = RequestBuilder::new(StripeMethod::Post, path).form(form);
        request
            .customize()
            .request_strategy(RequestStrategy::Idempotent(key))
            .send(&self.client)
            .await
    }
}

#[async_trait]
impl Processor for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_practice(&self) -> bool {
        false
    }

    fn mode(&self) -> AccountMode {
        self.account_mode()
    }

    async fn check(&self, check: &ProcessorCheck<'_>) -> Vec<CheckedStep> {
        self.check_account(check).await
    }

    async fn check_key(&self) -> Result<(), CheckFault> {
        self.balance().await.map(drop)
    }

    fn api(&self) -> Option<&str> {
        Some(self.account.api.as_deref().unwrap_or(API))
    }

    fn form_action(&self) -> Option<&'static str> {
        Some("https://checkout.stripe.com")
    }

    fn closes_checkouts(&self) -> bool {
        true
    }

    fn sends_webhooks(&self) -> bool {
        true
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookMessage, WebhookError> {
        let signature = request.headers.get(webhook::SIGNATURE);
        let signature = signature.and_then(|value| value.to_str().ok()).unwrap_or_default();
        webhook::read(request.body, signature, &self.account.webhook_secret, request.now)
    }

    async fn begin(&self, request: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        self.begin_session(request).await
    }

    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        self.session_outcome(checkout).await
    }

    async fn close(&self, checkout: &Checkout) -> Result<(), ProcessorError> {
        self.expire_session(checkout).await
    }

    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        self.charge(order).await
    }

    async fn current_mandate(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError> {
        let Some((customer, method)) = parts(mandate) else { return Ok(mandate.clone()) };
        let request = RequestBuilder::new(StripeMethod::Get, format!("/payment_methods/{method}"));
        let method: PaymentMethod = self.ask(request).await?;
        Ok(mandate_of(customer, &method))
    }

    async fn refund(&self, refund: &RefundRequest) -> Result<(), ProcessorError> {
        self.make_refund(refund).await
    }

    async fn refund_outcome(
        &self,
        refund: &RefundRequest,
    ) -> Result<RefundOutcome, ProcessorError> {
        self.outcome_of_refund(refund).await
    }

    async fn refunds_of(&self, payment: &str) -> Result<PaymentRefunds, ProcessorError> {
        self.refunds_of_intent(payment).await
    }

    async fn refunds_of_request(
        &self,
        request: &RefundRequest,
    ) -> Result<Vec<ProcessorRefund>, ProcessorError> {
        let intent = self.intent_of(request).await?;
        Ok(self.refunds_of_intent(&intent).await?.refunds)
    }

    async fn refunds(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedRefund>, ProcessorError> {
        self.list_refunds(since).await
    }

    async fn dispute(&self, reference: &str) -> Result<DisputeReport, ProcessorError> {
        self.dispute_report(reference).await
    }

    async fn disputes(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedDispute>, ProcessorError> {
        self.list_disputes(since).await
    }
}

/// Customer and payment method, as a mandate refers to them.
fn parts(mandate: &Mandate) -> Option<(&str, &str)> {
    mandate.reference.split_once('/')
}

fn mandate_of(customer: &str, method: &PaymentMethod) -> Mandate {
    Mandate {
        processor: NAME.to_owned(),
        reference: format!("{customer}/{}", method.id),
        card: method.card.as_ref().map(objects::Card::known),
    }
}
