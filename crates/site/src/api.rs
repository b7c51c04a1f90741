//! The API for apps and edge workers: the same decisions, as JSON.
//!
//! An answer here never holds a text and never spends a read. What goes wrong is said as problem
//! details (RFC 9457).

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use http::{HeaderValue, StatusCode, header};
use masthead_access::{Allowance, Outcome, message::Placement};
use serde::Serialize;
use serde_json::json;

use crate::{
    contexts::MessageContext,
    edition::Target,
    response,
    site::{Site, Visitor, peer, situation},
};

/// The addresses of the API.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/api/v1/access/{*article}", get(access)).route("/api/{*rest}", get(absent))
}

/// What a reader would get, were they to open the article now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    /// The article's address.
    article: String,
    /// `open`, `metered` or `wall`.
    decision: &'static str,
    /// Why it is open, or why there is a wall; the words of the `Masthead-Access` header.
    reason: Option<String>,
    /// How the reader stands.
    standing: String,
    /// How many articles the reader could open after this one; absent without a meter.
    left: Option<u32>,
    /// How many the meter allows; absent without a limit.
    allowance: Option<u32>,
    /// When the meter has more, a date in the publication's time zone.
    resets_on: Option<String>,
    /// What the reader is told, by placement, as HTML.
    messages: Vec<MessageContext>,
}

async fn access(
    State(site): State<Arc<Site>>,
    Path(article): Path<String>,
    request: Request,
) -> Response {
    let printing = site.printing();
    let Some(Target::Piece(entry)) = printing.edition.find(&format!("/{article}")) else {
        return problem(StatusCode::NOT_FOUND, "There is no article at this address.");
    };
    let method = http::Method::HEAD;
    let visitor = Visitor { method: &method, headers: request.headers(), peer: peer(&request) };
    let now = (site.clock)();
    let visit = site.visit(&printing, entry, &visitor, now).await;
    let situation = situation(&printing, &visit, now);
    let messages = Placement::ALL.into_iter();
    let decision = &visit.decision;
    let header = decision.header();
    let access = Access {
        article: entry.address.to_string(),
        decision: match decision.outcome {
            Outcome::Open(_) => "open",
            Outcome::Metered { .. } => "metered",
            Outcome::Wall(_) => "wall",
        },
        reason: header.split_once("reason=").map(|(_, reason)| reason.to_owned()),
        standing: decision.trace.standing.to_string(),
        left: decision.left(),
        allowance: decision.meter.and_then(|meter| match meter.allowance {
            Allowance::Articles(articles) => Some(articles),
            Allowance::Unlimited => None,
        }),
        resets_on: situation.resets_on.map(|date| date.to_string()),
        messages: messages.filter_map(|place| printing.message_words(situation, place)).collect(),
    };
    let mut answer = answer(StatusCode::OK, "application/json", &json!(access));
    if let Ok(value) = HeaderValue::from_str(&header) {
        answer.headers_mut().insert("masthead-access", value);
    }
    answer
}

async fn absent() -> Response {
    problem(StatusCode::NOT_FOUND, "The API has no such address.")
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let problem = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    answer(status, "application/problem+json", &problem)
}

fn answer(status: StatusCode, media_type: &'static str, json: &serde_json::Value) -> Response {
    let mut answer = response::plain(status, json.to_string());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
    answer
}
