//! Messages from processors, handed to billing.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use masthead_billing::webhooks::WebhookStatus;
use masthead_payments::WebhookRequest;

use crate::{
    error::{Handled, SiteError},
    extract::UrlPath,
    response,
    state::Site,
};

/// The maximum size of a message, in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;

/// The addresses that processors send to.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/webhooks/{processor}", post(receive))
}

async fn receive(
    State(site): State<Arc<Site>>,
    UrlPath(name): UrlPath<String>,
    request: Request,
) -> Handled {
    let processors = site.billing.processors();
    let processor = processors.get(&name).filter(|found| found.sends_webhooks());
    let processor = processor.ok_or_else(no_processor)?;
    let (request, body) = request.into_parts();
    let body = to_bytes(body, MAX_MESSAGE).await.map_err(|_| too_large())?;
    let now = (site.clock)();
    let request = WebhookRequest { headers: &request.headers, body: &body, now };
    let message = processor.read_webhook(&request).map_err(|error| {
        tracing::warn!(processor = name, %error, "webhooks: message refused");
        SiteError::Problem { status: StatusCode::BAD_REQUEST, detail: error.to_string().into() }
    })?;
    match site.billing.handle_webhook(processor.name(), &message).await? {
        WebhookStatus::Done => Ok(done()),
        WebhookStatus::SendAgain => {
            Err(SiteError::problem(StatusCode::SERVICE_UNAVAILABLE, "Send it again."))
        }
    }
}

fn done() -> Response {
    response::plain(StatusCode::OK, "done\n")
}

fn no_processor() -> SiteError {
    let detail = "There is no account with a processor of this name here.";
    SiteError::problem(StatusCode::NOT_FOUND, detail)
}

fn too_large() -> SiteError {
    SiteError::problem(StatusCode::PAYLOAD_TOO_LARGE, "The message is too long.")
}
