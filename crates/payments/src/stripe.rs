//! Stripe: it keeps readers' cards and collects with them. The card is asked for on Stripe's own page
//! (a Checkout Session); what follows is collected with a Payment Intent for each order.
//!
//! A subscription does not live at Stripe but here, as with every processor, so that a rest, a change of
//! price or a cancellation is what the reader's page says to the second, and a reader's terms outlive a
//! change of processor. See <https://docs.stripe.com/api>; the version of the API is the client
//! library's.

mod objects;
pub mod webhook;

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use masthead_circulation::{Checkout, Mandate};
use masthead_store::{Charge, Store, StoreError};
use serde::Serialize;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};

use self::objects::{
    CheckoutSession, Found, NewCheckoutSession, PaymentIntent, PaymentMethod, Refunded,
};
use crate::{
    CheckoutOutcome, CheckoutRequest, Collected, Order, PaymentPage, Processor, ProcessorError,
    RefundRequest, Refusal,
};

/// The name by which mandates know it.
pub const NAME: &str = "stripe";
/// How long Stripe knows an order by its key (<https://docs.stripe.com/api/idempotent_requests>), less
/// some room.
const REMEMBERS: SignedDuration = SignedDuration::from_hours(20);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a session can be paid: Stripe allows no less than half an hour, from when it hears of it.
const SESSION: SignedDuration = SignedDuration::from_mins(31);

/// How a publication reaches Stripe.
#[derive(Clone, PartialEq, Eq)]
pub struct StripeAccount {
    /// The secret key of its account: `sk_…` or a restricted one, `rk_…`.
    pub secret_key: String,
    /// The secret with which Stripe signs its messages: `whsec_…`.
    pub webhook_secret: String,
    /// Whether Stripe is to work out the tax in the prices at the till.
    pub tax: bool,
    /// The address of the API, where it is not Stripe's own.
    pub api: Option<String>,
}

/// A key that cannot be one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the secret key of Stripe holds characters that no key has; copy it again from Stripe's dashboard"
)]
pub struct InvalidApiKey;

/// See the module's documentation.
pub struct Stripe {
    client: Client,
    account: StripeAccount,
    store: Store,
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
    /// Stripe, for this account; what became of orders is kept in `store` as well.
    pub fn new(account: StripeAccount, store: Store) -> Result<Self, InvalidApiKey> {
        let mut client = ClientBuilder::new(account.secret_key.clone()).timeout(PATIENCE);
        if let Some(api) = &account.api {
            client = client.url(format!("{}/", api.trim_end_matches('/')));
        }
        Ok(Self { client: client.build().map_err(|_| InvalidApiKey)?, account, store })
    }

    /// The secret with which Stripe signs its messages.
    pub fn webhook_secret(&self) -> &str {
        &self.account.webhook_secret
    }

    /// The card behind a mandate as it is now: banks replace cards, and Stripe hears of it.
    pub async fn card_of(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError> {
        let Some((customer, method)) = parts(mandate) else { return Ok(mandate.clone()) };
        let request = RequestBuilder::new(StripeMethod::Get, format!("/payment_methods/{method}"));
        let method: PaymentMethod = self.ask(request).await?;
        Ok(mandate_of(customer, &method))
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
    fn session<'a>(&self, errand: &CheckoutRequest<'a>) -> NewSession<'a> {
        let CheckoutRequest { checkout, email, mandate, address, path } = *errand;
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

    /// Whether Stripe has collected an order whose answer was lost so long ago that its key is forgotten.
    async fn find(&self, order: &Order) -> Result<Option<PaymentIntent>, ProcessorError> {
        if order.now.duration_since(order.due) < REMEMBERS {
            return Ok(None);
        }
        let search = Search { query: format!("metadata['order']:'{}'", order.key) };
        let request = RequestBuilder::new(StripeMethod::Get, "/payment_intents/search");
        let found: Found<PaymentIntent> = self.ask(request.query(&search)).await?;
        Ok(found.data.into_iter().next())
    }

    /// The Payment Intent with which something was paid.
    async fn intent_of(&self, repayment: &RefundRequest) -> Result<String, ProcessorError> {
        let none =
            || ProcessorError::Misunderstood("there is no such payment at Stripe".to_owned());
        if repayment.reference.is_empty() {
            let search = Search { query: format!("metadata['order']:'{}'", repayment.order) };
            let request = RequestBuilder::new(StripeMethod::Get, "/payment_intents/search");
            let found: Found<PaymentIntent> = self.ask(request.query(&search)).await?;
            return found.data.into_iter().next().map(|intent| intent.id).ok_or_else(none);
        }
        let path = format!("/checkout/sessions/{}", repayment.reference);
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
            // An order that is given again is answered as it was the first time; the bank may have made
            // up its mind since.
            Ok(intent) if intent.status == "processing" => {
                let path = format!("/payment_intents/{}", intent.id);
                let request = RequestBuilder::new(StripeMethod::Get, path);
                Ok(outcome_of(&self.ask::<PaymentIntent>(request).await?))
            }
            Ok(intent) => Ok(outcome_of(&intent)),
            Err(StripeError::Stripe(error, 402)) => Ok(Collected::Refused(refusal(&error))),
            // The customer or the card is not there any more.
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

    async fn begin(&self, errand: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        let key = format!("checkout-{}", errand.checkout.key);
        let session: NewCheckoutSession = self
            .create("/checkout/sessions", &self.session(errand), &key)
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
        let known = self.store.charge(&order.key).await.map_err(|error| books(&error))?;
        if let Some(known) = known {
            let refused = Collected::Refused(Refusal::Declined);
            return Ok(if known.paid { Collected::Paid } else { refused });
        }
        let collected = self.charge(order).await?;
        if collected != Collected::Pending {
            let charge = Charge {
                key: order.key.clone(),
                account: order.account,
                reference: order.mandate.reference.clone(),
                paid: collected == Collected::Paid,
            };
            self.store.keep_charge(&charge).await.map_err(|error| books(&error))?;
        }
        Ok(collected)
    }

    async fn repay(&self, repayment: &RefundRequest) -> Result<(), ProcessorError> {
        let intent = self.intent_of(repayment).await?;
        let refund = NewRefund { payment_intent: &intent, amount: repayment.amount.minor() };
        let key = format!("refund-{}", repayment.number);
        match self.create::<Refunded>("/refunds", &refund, &key).await {
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

/// A fault in words that give nothing away: what Stripe says may hold what a reader has typed.
fn fault(error: &StripeError) -> ProcessorError {
    match error {
        // In use, too many, or broken: to be asked again.
        StripeError::Stripe(_, status @ (409 | 429 | 500..)) => {
            ProcessorError::Unreachable(status.to_string())
        }
        StripeError::Stripe(error, status) => {
            let message = error.message.clone().unwrap_or_default();
            ProcessorError::Misunderstood(format!("{status}: {message}"))
        }
        StripeError::JSONDeserialize(reason) | StripeError::ConfigError(reason) => {
            ProcessorError::Misunderstood(reason.clone())
        }
        StripeError::ClientError(reason) => ProcessorError::Unreachable(reason.clone()),
        StripeError::Timeout => ProcessorError::Unreachable("it took too long".to_owned()),
    }
}

fn books(error: &StoreError) -> ProcessorError {
    ProcessorError::Unreachable(error.to_string())
}
