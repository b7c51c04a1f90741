//! Stripe keeps readers' cards and collects with them. The card is asked for on Stripe's own page (a
//! Checkout Session); what follows is collected with one Payment Intent per order.
//!
//! A subscription is kept here and not at Stripe, as with every processor, so that a pause, a price change
//! or a cancellation is what the reader's page says to the second, and a reader's terms outlive a change
//! of processor. See <https://docs.stripe.com/api>; the version of the API is that of the client library.

mod objects;
mod webhook;

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use masthead_circulation::{Checkout, Mandate};
use serde::Serialize;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};

use self::objects::{
    CheckoutSession, Found, NewCheckoutSession, PaymentIntent, PaymentMethod, Refunded,
};
use crate::{
    CheckoutOutcome, CheckoutRequest, Collected, Order, PaymentPage, Processor, ProcessorError,
    RefundRequest, Refusal, WebhookError, WebhookMessage, WebhookRequest,
};

/// The name in mandates.
const NAME: &str = "stripe";
/// How long Stripe remembers an order by its key, less a margin
/// (<https://docs.stripe.com/api/idempotent_requests>).
const REMEMBERS: SignedDuration = SignedDuration::from_hours(20);
/// The longest time that an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a session can be paid. Stripe allows no less than half an hour from when it receives it.
const SESSION: SignedDuration = SignedDuration::from_mins(31);

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

#[derive(Serialize)]
struct NewSession<'a> {
    mode: &'static str,
    success_url: String,
    cancel_url: String,
    client_reference_id: String,
    expires_at: i64,
    payment_method_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_creation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_items: Option<[LineItem<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent_data: Option<PaymentIntentData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    automatic_tax: Option<AutomaticTax>,
}

#[derive(Serialize)]
struct LineItem<'a> {
    quantity: u32,
    price_data: PriceData<'a>,
}

#[derive(Serialize)]
struct PriceData<'a> {
    currency: String,
    unit_amount: u64,
    tax_behavior: &'static str,
    product_data: ProductData<'a>,
}

#[derive(Serialize)]
struct ProductData<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct PaymentIntentData {
    setup_future_usage: &'static str,
}

#[derive(Serialize)]
struct AutomaticTax {
    enabled: bool,
}

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
struct NewRefund<'a> {
    payment_intent: &'a str,
    amount: u64,
}

#[derive(Serialize)]
struct Metadata<'a> {
    order: &'a str,
}

#[derive(Serialize)]
struct Expand {
    expand: [&'static str; 2],
}

#[derive(Serialize)]
struct Search {
    query: String,
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

    /// The session that a reader pays in.
    fn session<'a>(&self, request: &CheckoutRequest<'a>) -> NewSession<'a> {
        let CheckoutRequest { checkout, email, mandate, address, path } = *request;
        let currency = checkout.amount.currency().code().to_lowercase();
        let pays = !checkout.amount.is_zero();
        let customer = mandate.and_then(parts).map(|(customer, _)| customer);
        let item = LineItem {
            quantity: 1,
            price_data: PriceData {
                currency: currency.clone(),
                unit_amount: checkout.amount.minor(),
                tax_behavior: "inclusive",
                product_data: ProductData { name: &checkout.terms.name },
            },
        };
        NewSession {
            mode: if pays { "payment" } else { "setup" },
            success_url: format!("{address}{path}"),
            cancel_url: format!("{address}{path}"),
            client_reference_id: checkout.key.to_string(),
            expires_at: (checkout.begun + SESSION).as_second(),
            payment_method_types: ["card"],
            customer,
            customer_email: customer.is_none().then_some(email.as_str()),
            customer_creation: customer.is_none().then_some("always"),
            currency: (!pays).then_some(currency),
            line_items: pays.then_some([item]),
            payment_intent_data: pays
                .then_some(PaymentIntentData { setup_future_usage: "off_session" }),
            automatic_tax: (pays && self.account.tax).then_some(AutomaticTax { enabled: true }),
        }
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

    /// Returns the Payment Intent of the order with this key, or `None` if there is none.
    async fn search(&self, order: &str) -> Result<Option<PaymentIntent>, ProcessorError> {
        let search = Search { query: format!("metadata['order']:'{order}'") };
        let request = RequestBuilder::new(StripeMethod::Get, "/payment_intents/search");
        let found: Found<PaymentIntent> = self.ask(request.query(&search)).await?;
        Ok(found.data.into_iter().next())
    }

    /// The Payment Intent with which something was paid.
    async fn intent_of(&self, refund: &RefundRequest) -> Result<String, ProcessorError> {
        let none =
            || ProcessorError::Misunderstood("there is no such payment at Stripe".to_owned());
        if refund.reference.is_empty() {
            return self.search(&refund.order).await?.map(|intent| intent.id).ok_or_else(none);
        }
        let path = format!("/checkout/sessions/{}", refund.reference);
        let expand =
            Expand { expand: ["payment_intent.payment_method", "setup_intent.payment_method"] };
        let request = RequestBuilder::new(StripeMethod::Get, path).query(&expand);
        let session: CheckoutSession = self.ask(request).await?;
        session.intent().ok_or_else(none)
    }

    async fn charge(&self, order: &Order) -> Result<Collected, ProcessorError> {
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
            // An order that is given again is answered as it was the first time, but the bank may have
            // decided since.
            Ok(intent) if intent.status == "processing" => {
                let path = format!("/payment_intents/{}", intent.id);
                let request = RequestBuilder::new(StripeMethod::Get, path);
                // The intent exists: whatever Stripe says to this question, the order was processed.
                let decided = self.ask::<PaymentIntent>(request).await;
                decided.map(|intent| outcome_of(&intent)).map_err(|error| match error {
                    ProcessorError::Misunderstood(reason) => ProcessorError::Unreachable(reason),
                    unreachable @ ProcessorError::Unreachable(_) => unreachable,
                })
            }
            Ok(intent) => Ok(outcome_of(&intent)),
            Err(StripeError::Stripe(error, 402)) => Ok(Collected::Refused(refusal(&error))),
            // The customer or the card no longer exists.
            Err(StripeError::Stripe(_, 404)) => Ok(Collected::Refused(Refusal::Declined)),
            Err(error) => Err(fault(&error)),
        }
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
        let key = format!("checkout-{}", request.checkout.key);
        let session: NewCheckoutSession = self
            .create("/checkout/sessions", &self.session(request), &key)
            .await
            .map_err(|error| fault(&error))?;
        let page = session.url.ok_or_else(|| {
            ProcessorError::Misunderstood("a session without an address".to_owned())
        })?;
        Ok(PaymentPage { reference: session.id, page })
    }

    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        if checkout.reference.is_empty() {
            return Ok(CheckoutOutcome::Open);
        }
        let path = format!("/checkout/sessions/{}", checkout.reference);
        let expand =
            Expand { expand: ["payment_intent.payment_method", "setup_intent.payment_method"] };
        let request = RequestBuilder::new(StripeMethod::Get, path).query(&expand);
        let session: CheckoutSession = self.ask(request).await?;
        Ok(session.outcome())
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
        let intent = self.intent_of(refund).await?;
        let form = NewRefund { payment_intent: &intent, amount: refund.amount.minor() };
        let key = format!("refund-{}", refund.number);
        match self.create::<Refunded>("/refunds", &form, &key).await {
            Ok(refunded) if refunded.status.as_deref() != Some("failed") => Ok(()),
            Ok(_) => Err(ProcessorError::Misunderstood("the refund failed".to_owned())),
            Err(error) => Err(fault(&error)),
        }
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

fn refusal(error: &stripe::ApiErrors) -> Refusal {
    use stripe::ApiErrorsCode;
    match error.code {
        Some(ApiErrorsCode::ExpiredCard) => Refusal::Expired,
        Some(ApiErrorsCode::AuthenticationRequired) => Refusal::Unconfirmed,
        _ => Refusal::Declined,
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

/// An error in words that give nothing away: what Stripe says may contain what a reader typed.
fn fault(error: &StripeError) -> ProcessorError {
    match error {
        // In use, too many requests, or broken: ask again.
        StripeError::Stripe(_, status @ (409 | 424 | 429 | 500..)) => {
            ProcessorError::Unreachable(status.to_string())
        }
        StripeError::Stripe(error, status) => {
            let message = error.message.clone().unwrap_or_default();
            ProcessorError::Misunderstood(format!("{status}: {message}"))
        }
        // An answer that cannot be read, such as a page of a load balancer, says nothing about what was collected.
        StripeError::JSONDeserialize(reason) | StripeError::ClientError(reason) => {
            ProcessorError::Unreachable(reason.clone())
        }
        StripeError::ConfigError(reason) => ProcessorError::Misunderstood(reason.clone()),
        StripeError::Timeout => ProcessorError::Unreachable("it took too long".to_owned()),
    }
}
