//! What processors send: it only says what to ask after, and is answered when that has been done.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use masthead_circulation::{Actor, Subscription, SubscriptionId};
use masthead_payments::{
    ProcessorError, Stripe,
    stripe::{
        self,
        webhook::{self, About},
    },
};

use crate::{
    response,
    site::Site,
    snapshot::PageError,
    subscriptions::{CheckoutStatus, PlannedChange},
};

/// No message is longer.
const LONGEST: usize = 1024 * 1024;

/// The addresses that processors send to.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/webhooks/stripe", post(from_stripe))
}

async fn from_stripe(State(site): State<Arc<Site>>, request: Request) -> Response {
    let Some(stripe) = &site.processors.stripe else {
        return response::plain(StatusCode::NOT_FOUND, "There is no account at Stripe here.\n");
    };
    let signature = request.headers().get("stripe-signature").and_then(|v| v.to_str().ok());
    let signature = signature.unwrap_or_default().to_owned();
    let Ok(body) = to_bytes(request.into_body(), LONGEST).await else {
        return response::plain(StatusCode::PAYLOAD_TOO_LARGE, "That is too long.\n");
    };
    let message = webhook::read(&body, &signature, stripe.webhook_secret(), (site.clock)());
    let message = match message {
        Ok(message) => message,
        Err(deaf) => {
            tracing::warn!(%deaf, "a message to /webhooks/stripe was not heard");
            return response::plain(StatusCode::BAD_REQUEST, format!("{deaf}\n"));
        }
    };
    match site.verify_webhook(stripe, &message).await {
        Ok(true) => response::plain(StatusCode::OK, "heard\n"),
        Ok(false) => response::plain(StatusCode::SERVICE_UNAVAILABLE, "Send it again.\n"),
        Err(error) => {
            tracing::error!(%error, message = message.id, "a message was not dealt with");
            response::plain(StatusCode::INTERNAL_SERVER_ERROR, "Send it again.\n")
        }
    }
}

impl Site {
    /// Deals with a message once; `false` where it should be sent again.
    async fn verify_webhook(
        &self,
        stripe: &Stripe,
        message: &webhook::Message,
    ) -> Result<bool, PageError> {
        if self.store.knows_webhook(&message.id).await? {
            return Ok(true);
        }
        let done = match &message.about {
            About::Nothing => true,
            About::Checkout(reference) => self.ask_after_checkout(reference).await?,
            About::Order(key) => self.ask_after_order(key).await?,
            About::Card(reference) => self.ask_after_card(stripe, reference).await?,
        };
        if done {
            self.store.keep_webhook(&message.id, (self.clock)()).await?;
        }
        Ok(done)
    }

    async fn ask_after_checkout(&self, reference: &str) -> Result<bool, PageError> {
        let known = self.store.checkout_of(stripe::NAME, reference).await?;
        let Some(checkout) = known else { return Ok(true) };
        Ok(!matches!(self.settle(&checkout).await?, CheckoutStatus::Unanswered))
    }

    /// The bank has made up its mind about an order: the number of a subscription stands first in its
    /// key.
    async fn ask_after_order(&self, key: &str) -> Result<bool, PageError> {
        let number = key.split('-').next().and_then(|number| number.parse().ok());
        let Some(number) = number.map(SubscriptionId) else { return Ok(true) };
        if let Some(subscription) = self.store.subscription(number).await? {
            let now = (self.clock)();
            if subscription.due(&self.zone()).is_some_and(|(due, _)| due <= now) {
                self.attend_to(&[subscription], now).await?;
            }
        }
        Ok(true)
    }

    /// A bank has replaced a card.
    async fn ask_after_card(&self, stripe: &Stripe, reference: &str) -> Result<bool, PageError> {
        for before in self.store.subscriptions_by(stripe::NAME, reference).await? {
            let mandate = match stripe.card_of(&before.mandate).await {
                Ok(mandate) => mandate,
                Err(error @ ProcessorError::Misunderstood(_)) => {
                    tracing::warn!(%error, "a card cannot be looked at");
                    continue;
                }
                Err(ProcessorError::Unreachable(_)) => return Ok(false),
            };
            if mandate != before.mandate {
                let after = Subscription { mandate, ..before.clone() };
                let (actor, what) = (Actor::Processor, "card-changed");
                let (before, payment, news) = (&before, None, None);
                self.apply(PlannedChange { before, after, actor, what, payment, news }).await?;
            }
        }
        Ok(true)
    }
}
