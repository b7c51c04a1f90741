//! Messages from processors, handed to billing.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Path, Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use masthead_billing::webhooks::WebhookStatus;
use masthead_payments::WebhookRequest;

use crate::{response, state::Site};

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
    let processors = site.billing.processors();
    let processor = processors.get(&name).filter(|found| found.sends_webhooks());
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
    match site.billing.handle_webhook(processor.name(), &message).await {
        Ok(WebhookStatus::Done) => response::plain(StatusCode::OK, "heard\n"),
        Ok(WebhookStatus::SendAgain) => {
            response::plain(StatusCode::SERVICE_UNAVAILABLE, "Send it again.\n")
        }
        Err(error) => {
            tracing::error!(%error, message = message.id, "webhooks: message not handled");
            response::plain(StatusCode::INTERNAL_SERVER_ERROR, "Send it again.\n")
        }
    }
}
