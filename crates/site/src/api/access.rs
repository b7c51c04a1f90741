//! What a reader would get if they opened an article now.

use std::sync::Arc;

use axum::extract::{Request, State};
use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use masthead_access::{Allowance, Outcome, message::Placement};
use masthead_publication::{
    SiteSnapshot,
    contexts::MessageContext,
    edition::{EditionEntry, Target},
    situation::Visit,
};
use masthead_web::observe::DECISION;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use crate::{
    article::Visitor,
    error::{Handled, SiteError},
    extract::{UrlPath, client::client_address},
    problem::Problem,
    state::Site,
};

/// What a reader would get if they opened the article now.
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
    UrlPath(article): UrlPath<String>,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    let snapshot = site.snapshot();
    let Some(Target::Piece(entry)) = snapshot.edition.find_spelled(&format!("/{article}")) else {
        let detail = "There is no article at this address.";
        return Err(SiteError::problem(StatusCode::NOT_FOUND, detail));
    };
    let address = client_address(&request.extensions);
    // As for a request with HEAD, nothing is counted.
    let visitor = Visitor { method: &Method::HEAD, headers: &request.headers, address };
    let now = (site.clock)();
    let visit = site.visit(&snapshot, entry, &visitor, now).await?.visit;
    let access = describe(&snapshot, entry, &visit, now);
    let mut answer = answer(StatusCode::OK, &access);
    if let Ok(value) = HeaderValue::from_str(&visit.decision.header()) {
        answer.headers_mut().insert(DECISION, value);
    }
    Ok(answer)
}

fn describe(
    snapshot: &SiteSnapshot,
    entry: &EditionEntry,
    visit: &Visit,
    now: Timestamp,
) -> Access {
    let situation = snapshot.situation(visit, now);
    let name = visit.display_name();
    let decision = &visit.decision;
    let message = |placement| snapshot.message_words(situation, name, placement);
    let header = decision.header();
    Access {
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
        messages: Placement::ALL.into_iter().filter_map(message).collect(),
    }
}
