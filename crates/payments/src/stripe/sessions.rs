//! Checkout Sessions: the page on which a reader gives a card and pays
//! (<https://docs.stripe.com/api/checkout/sessions>).

use jiff::SignedDuration;
use masthead_circulation::Checkout;
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Metadata, Stripe,
    amounts::to_stripe,
    errors::fault,
    objects::{CheckoutSession, NewCheckoutSession},
    parts,
};
use crate::{CheckoutOutcome, CheckoutRequest, PaymentPage, ProcessorError};

/// How long a session can be paid. Stripe allows no less than half an hour from when it receives it.
const SESSION: SignedDuration = SignedDuration::from_mins(31);

#[derive(Serialize)]
struct NewSession<'a> {
    mode: &'static str,
    success_url: String,
    cancel_url: String,
    client_reference_id: &'a str,
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
    payment_intent_data: Option<PaymentIntentData<'a>>,
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
struct PaymentIntentData<'a> {
    setup_future_usage: &'static str,
    /// The payment is found by it even if the session is not known any more.
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct AutomaticTax {
    enabled: bool,
}

#[derive(Serialize)]
struct Expand {
    expand: [&'static str; 2],
}

impl Stripe {
    /// Prepares the page on which a reader pays.
    pub(super) async fn begin_session(
        &self,
        request: &CheckoutRequest<'_>,
    ) -> Result<PaymentPage, ProcessorError> {
        let order = request.checkout.key.to_string();
        let key = format!("checkout-{order}");
        let session: NewCheckoutSession = self
            .create("/checkout/sessions", &self.new_session(request, &order)?, &key)
            .await
            .map_err(|error| fault(&error))?;
        let page = session.url.ok_or_else(|| {
            ProcessorError::Misunderstood("a session without an address".to_owned())
        })?;
        Ok(PaymentPage { reference: session.id, page })
    }

    /// Returns the session with this reference, with its Payment Intent or Setup Intent.
    pub(super) async fn session(&self, reference: &str) -> Result<CheckoutSession, ProcessorError> {
        let path = format!("/checkout/sessions/{reference}");
        let expand =
            Expand { expand: ["payment_intent.payment_method", "setup_intent.payment_method"] };
        self.ask(RequestBuilder::new(StripeMethod::Get, path).query(&expand)).await
    }

    /// Returns what became of a checkout.
    pub(super) async fn session_outcome(
        &self,
        checkout: &Checkout,
    ) -> Result<CheckoutOutcome, ProcessorError> {
        if checkout.reference.is_empty() {
            return Ok(CheckoutOutcome::Open);
        }
        Ok(self.session(&checkout.reference).await?.outcome())
    }

    /// Expires the session of a checkout.
    pub(super) async fn expire_session(&self, checkout: &Checkout) -> Result<(), ProcessorError> {
        if checkout.reference.is_empty() {
            return Ok(());
        }
        let path = format!("/checkout/sessions/{}/expire", checkout.reference);
        let request = RequestBuilder::new(StripeMethod::Post, path);
        self.ask::<NewCheckoutSession>(request).await.map(|_| ())
    }

    fn new_session<'a>(
        &self,
        request: &CheckoutRequest<'a>,
        order: &'a str,
    ) -> Result<NewSession<'a>, ProcessorError> {
        let CheckoutRequest { checkout, email, mandate, address, path, cancel } = *request;
        let currency = checkout.amount.currency().code().to_lowercase();
        let pays = !checkout.amount.is_zero();
        let customer = mandate.and_then(parts).map(|(customer, _)| customer);
        let item = LineItem {
            quantity: 1,
            price_data: PriceData {
                currency: currency.clone(),
                unit_amount: to_stripe(checkout.amount)?,
                tax_behavior: "inclusive",
                product_data: ProductData { name: &checkout.terms.name },
            },
        };
        let intent =
            PaymentIntentData { setup_future_usage: "off_session", metadata: Metadata { order } };
        Ok(NewSession {
            mode: if pays { "payment" } else { "setup" },
            success_url: format!("{address}{path}"),
            cancel_url: format!("{address}{cancel}"),
            client_reference_id: order,
            expires_at: (checkout.begun + SESSION).as_second(),
            payment_method_types: ["card"],
            customer,
            customer_email: customer.is_none().then_some(email.as_str()),
            customer_creation: customer.is_none().then_some("always"),
            currency: (!pays).then_some(currency),
            line_items: pays.then_some([item]),
            payment_intent_data: pays.then_some(intent),
            automatic_tax: (pays && self.account.tax).then_some(AutomaticTax { enabled: true }),
        })
    }
}
