//! Messages from processors. A message only names what to ask the processor about, and is answered when
//! that has been done.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Path, Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use masthead_circulation::{Actor, PaymentSource, Subscription};
use masthead_payments::{ProcessorError, WebhookMessage, WebhookRequest, WebhookSubject};

use crate::{
    response,
    state::Site,
    subscriptions::{CheckoutStatus, PlannedChange},
};
use masthead_publication::PageError;

/// The longest message in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;

/// The addresses that processors send to.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/webhooks/{processor}", post(receive))
}

async fn receive(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let processor = site.processors.get(&name).filter(|found| found.sends_webhooks());
    let Some(processor) = processor else {
        let text = "There is no account with a processor of this name here.\n";
        return response::plain(StatusCode::NOT_FOUND, text);
    };
    let headers = request.headers().clone();
    let Ok(body) = to_bytes(request.into_body(), MAX_MESSAGE).await else {
        return response::plain(StatusCode::PAYLOAD_TOO_LARGE, "That is too long.\n");
    };
    let request = WebhookRequest { headers: &headers, body: &body, now: (site.clock)() };
    let message = match processor.read_webhook(&request) {
        Ok(message) => message,
        Err(error) => {
            tracing::warn!(processor = name, %error, "webhooks: message refused");
            return response::plain(StatusCode::BAD_REQUEST, format!("{error}\n"));
        }
    };
    match site.handle_webhook(processor.name(), &message).await {
        Ok(true) => response::plain(StatusCode::OK, "heard\n"),
        Ok(false) => response::plain(StatusCode::SERVICE_UNAVAILABLE, "Send it again.\n"),
        Err(error) => {
            tracing::error!(%error, message = message.id, "webhooks: message not handled");
            response::plain(StatusCode::INTERNAL_SERVER_ERROR, "Send it again.\n")
        }
    }
}

impl Site {
    /// Handles a message once. Returns `false` if it should be sent again.
    async fn handle_webhook(
        &self,
        processor: &str,
        message: &WebhookMessage,
    ) -> Result<bool, PageError> {
        if self.store.knows_webhook(&message.id).await? {
            return Ok(true);
        }
        let done = match &message.subject {
            WebhookSubject::Nothing => true,
            WebhookSubject::Checkout(reference) => {
                self.ask_about_checkout(processor, reference).await?
            }
            WebhookSubject::Order(key) => self.ask_about_order(key).await?,
            WebhookSubject::Card(reference) => self.ask_about_card(processor, reference).await?,
        };
        if done {
            self.store.keep_webhook(&message.id, (self.clock)()).await?;
        }
        Ok(done)
    }

    async fn ask_about_checkout(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<bool, PageError> {
        let known = self.store.checkout_of(processor, reference).await?;
        let Some(checkout) = known else { return Ok(true) };
        Ok(!matches!(self.settle(&checkout).await?, CheckoutStatus::Unanswered))
    }

    /// The bank has decided about an order.
    async fn ask_about_order(&self, key: &str) -> Result<bool, PageError> {
        let Some(id) = PaymentSource::from(key).subscription() else { return Ok(true) };
        if let Some(subscription) = self.store.subscription(id).await? {
            let now = (self.clock)();
            if subscription.due(&self.zone()).is_some_and(|(due, _)| due <= now) {
                self.attend_to(&[subscription], now).await?;
            }
        }
        Ok(true)
    }

    /// A bank has replaced a card.
    async fn ask_about_card(&self, processor: &str, reference: &str) -> Result<bool, PageError> {
        for before in self.store.subscriptions_by(processor, reference).await? {
            let mandate = match self.processors.current_mandate(&before.mandate).await {
                Ok(mandate) => mandate,
                Err(error @ ProcessorError::Misunderstood(_)) => {
                    tracing::warn!(%error, subscription = before.id.0, "webhooks: card not found");
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
