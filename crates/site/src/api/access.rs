//! What a reader would get, were they to open an article now.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderValue, StatusCode};
use masthead_access::{Allowance, Outcome, message::Placement};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Problem, answer, problem};
use crate::{
    article::Visitor,
    state::{Site, peer},
};
use masthead_publication::{contexts::MessageContext, edition::Target};

/// What a reader would get, were they to open the article now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Access {
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

/// What the reader would get at this address now. Nothing is counted.
#[utoipa::path(
    get,
    path = "/api/v1/access/{article}",
    params(("article" = String, Path, description = "The article's path, such as `news/last-ferry`")),
    responses(
        (status = 200, body = Access, content_type = "application/json",
         headers(("Masthead-Access" = String, description = "The same decision (RFC 9651)"))),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []), ("session" = [])),
)]
pub(super) async fn access(
    State(site): State<Arc<Site>>,
    Path(article): Path<String>,
    request: Request,
) -> Response {
    let snapshot = site.snapshot();
    let Some(Target::Piece(entry)) = snapshot.edition.find(&format!("/{article}")) else {
        return problem(StatusCode::NOT_FOUND, "There is no article at this address.");
    };
    let method = http::Method::HEAD;
    let visitor = Visitor { method: &method, headers: request.headers(), peer: peer(&request) };
    let now = (site.clock)();
    let visit = site.visit(&snapshot, entry, &visitor, now).await.visit;
    let situation = snapshot.situation(&visit, now);
    let messages = Placement::ALL.into_iter();
    let name = visit.display_name();
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
        messages: messages
            .filter_map(|placement| snapshot.message_words(situation, name, placement))
            .collect(),
    };
    let mut answer = answer(StatusCode::OK, "application/json", &json!(access));
    if let Ok(value) = HeaderValue::from_str(&header) {
        answer.headers_mut().insert("masthead-access", value);
    }
    answer
}
