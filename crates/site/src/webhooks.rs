//! Messages from processors, handed to billing.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use masthead_billing::webhooks::WebhookStatus;
use masthead_payments::{WebhookError, WebhookRequest};
use masthead_telemetry::security::{SecurityEntry, SecurityEvent, SecurityOrigin};
use masthead_web::{
    body::{self, BodyError, BodyLimits},
    client::{ClientIp, origin},
};
use tokio::sync::Semaphore;

use crate::{
    error::{Handled, SiteError},
    extract::UrlPath,
    limits::{WEBHOOKS_ARRIVING, WEBHOOKS_ARRIVING_FROM_ONE_NETWORK, WEBHOOKS_HANDLED_AT_ONCE},
    places::Places,
    response,
    state::Site,
};

/// The limits of a message. Its signature is checked only once it is there, so anybody may send one.
const LIMITS: BodyLimits = BodyLimits::message(256 * 1024);

/// Places for messages: for those that arrive, which anybody may send, and for those that are signed. So no stranger takes
/// a place from a processor.
pub(crate) struct WebhookPlaces {
    arriving: Arc<Places>,
    handled: Semaphore,
}

impl Default for WebhookPlaces {
    fn default() -> Self {
        Self {
            arriving: Places::new(WEBHOOKS_ARRIVING, WEBHOOKS_ARRIVING_FROM_ONE_NETWORK),
            handled: Semaphore::new(WEBHOOKS_HANDLED_AT_ONCE),
        }
    }
}

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
    let from = request.extensions.get().map_or(IpAddr::from([0; 4]), |client: &ClientIp| client.0);
    let arriving = site.webhooks.arriving.take(from).map_err(|_| busy())?;
    let body = body::read(body, LIMITS).await.map_err(not_arrived)?;
    let now = (site.clock)();
    let origin = origin(&request.extensions, &request.headers);
    let request = WebhookRequest { headers: &request.headers, body: &body, now };
    let message = processor.read_webhook(&request).map_err(|error| {
        log_refusal(&site, processor.name(), error, &origin);
        SiteError::Problem { status: StatusCode::BAD_REQUEST, detail: error.to_string().into() }
    })?;
    // Until here anybody could have sent it.
    drop(arriving);
    let Ok(_handled) = site.webhooks.handled.try_acquire() else { return Err(busy()) };
    match site.billing.handle_webhook(processor.name(), &message).await? {
        WebhookStatus::Done => Ok(done()),
        WebhookStatus::SendAgain => {
            Err(SiteError::problem(StatusCode::SERVICE_UNAVAILABLE, "Send it again."))
        }
    }
}

/// Logs a message that cannot be accepted. Anybody can send some, so the normal log has one line a minute.
fn log_refusal(site: &Site, processor: &'static str, error: WebhookError, origin: &SecurityOrigin) {
    if let Some(messages) = site.refused_webhooks.note((site.clock)()) {
        tracing::warn!(processor, %error, messages, "webhooks: message refused");
    }
    let entry = SecurityEntry::failure(SecurityEvent::WebhookRefused, origin);
    site.security_log.record(&entry.detail(processor));
}

fn done() -> Response {
    response::plain(StatusCode::OK, "done\n")
}

fn no_processor() -> SiteError {
    let detail = "There is no account with a processor of this name here.";
    SiteError::problem(StatusCode::NOT_FOUND, detail)
}

fn busy() -> SiteError {
    SiteError::problem(StatusCode::SERVICE_UNAVAILABLE, "Too many messages at once. Send it again.")
}

fn not_arrived(error: BodyError) -> SiteError {
    let status = match error {
        BodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::TimedOut => StatusCode::REQUEST_TIMEOUT,
        BodyError::Interrupted => StatusCode::BAD_REQUEST,
    };
    SiteError::Problem { status, detail: error.to_string().into() }
}
