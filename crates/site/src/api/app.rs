//! Signing an app in by a code that its reader types in a browser (RFC 8628).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_circulation::{
    AccountId, Secret, Session,
    app::{AppAnswer, AppRequest, INTERVAL, LIFETIME, code_digest, generate_code},
};
use masthead_store::StoreError;
use masthead_web::form;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Problem, answer, problem};
use crate::state::Site;
use masthead_publication::accounts::{bearer, session_key};

/// The longest name of an app, in characters.
const LONGEST_NAME: usize = 60;
/// The grant of RFC 8628, section 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// An app that asks.
#[derive(Deserialize, ToSchema)]
pub(super) struct Asking {
    /// What it calls itself, such as "The Paper on a telephone"; its reader is shown it.
    name: String,
}

/// What an app shows its reader, and keeps (RFC 8628, section 3.2).
#[derive(Serialize, ToSchema)]
pub(super) struct Waiting {
    /// What the app keeps, and asks with.
    device_code: String,
    /// What it shows.
    user_code: String,
    /// Where its reader types that.
    verification_uri: String,
    /// The same with the code in it, to be shown as a picture.
    verification_uri_complete: String,
    /// For how many seconds it is good.
    expires_in: i64,
    /// How many seconds to wait between two questions.
    interval: i64,
}

/// Asks whether the reader has let the app in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Question {
    /// `urn:ietf:params:oauth:grant-type:device_code`.
    grant_type: String,
    /// What the app has kept.
    device_code: String,
}

/// The token that an app brings with every request from now on.
#[derive(Serialize, ToSchema)]
pub(super) struct LetIn {
    /// The token.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// After how many seconds without a request it ends.
    expires_in: i64,
}

/// Why there is no token (RFC 8628, section 3.5).
#[derive(Serialize, ToSchema)]
pub(super) struct NoToken {
    /// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`,
    /// `invalid_request` or `unsupported_grant_type`.
    error: &'static str,
}

/// Begins to sign an app in.
#[utoipa::path(
    post,
    path = "/api/v1/app",
    request_body(content = Asking, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Waiting, content_type = "application/json"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn ask(State(site): State<Arc<Site>>, request: Request) -> Response {
    if !site.limits.admit_form(site.client(&request)) {
        return problem(StatusCode::TOO_MANY_REQUESTS, "That was often; wait a minute.");
    }
    let Ok(asking) = form::read_cross_site::<Asking>(request).await else {
        return problem(StatusCode::BAD_REQUEST, "Send a form with the name of the app.");
    };
    let visible = asking.name.trim().chars().filter(|c| !c.is_control());
    let name: String = visible.take(LONGEST_NAME).collect();
    if name.is_empty() {
        return problem(StatusCode::BAD_REQUEST, "Send a form with the name of the app.");
    }
    let (secret, code) = {
        let mut rng = rand::rng();
        (Secret::generate(&mut rng), generate_code(&mut rng))
    };
    let request = AppRequest {
        app: secret.digest(),
        code: code_digest(&code),
        name,
        asked: (site.clock)(),
        answer: AppAnswer::None,
    };
    if let Err(error) = site.store.create_app_request(&request).await {
        return failed(&error);
    }
    let page = format!("{}/sign-in/app", site.snapshot().publication.address);
    let shown = Waiting {
        device_code: secret.to_string(),
        verification_uri_complete: format!("{page}?code={code}"),
        verification_uri: page,
        user_code: code,
        expires_in: LIFETIME.as_secs(),
        interval: INTERVAL.as_secs(),
    };
    answer(StatusCode::OK, "application/json", &json!(shown))
}

/// Asks whether the app has been let in.
#[utoipa::path(
    post,
    path = "/api/v1/app/token",
    request_body(content = Question, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = LetIn, content_type = "application/json"),
        (status = 400, body = NoToken, content_type = "application/json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn token(State(site): State<Arc<Site>>, request: Request) -> Response {
    let Ok(question) = form::read_cross_site::<Question>(request).await else {
        return refuse("invalid_request");
    };
    if question.grant_type != GRANT {
        return refuse("unsupported_grant_type");
    }
    let Ok(secret) = question.device_code.parse::<Secret>() else {
        return refuse("invalid_grant");
    };
    if !site.limits.admit_question(&secret.digest().to_string()) {
        return refuse("slow_down");
    }
    match let_in(&site, &secret).await {
        Ok(Ok(token)) => answer(StatusCode::OK, "application/json", &json!(token)),
        Ok(Err(error)) => refuse(error),
        Err(error) => failed(&error),
    }
}

async fn let_in(site: &Site, secret: &Secret) -> Result<Result<LetIn, &'static str>, StoreError> {
    let now = (site.clock)();
    let Some(request) = site.store.app_request_by_secret(&secret.digest()).await? else {
        return Ok(Err("expired_token"));
    };
    if request.is_over(now) {
        return Ok(Err("expired_token"));
    }
    let account: AccountId = match request.answer {
        AppAnswer::None => return Ok(Err("authorization_pending")),
        AppAnswer::No => return Ok(Err("access_denied")),
        AppAnswer::Yes(account) => account,
    };
    if !site.store.consume_app_request(&request.app).await? {
        return Ok(Err("invalid_grant"));
    }
    let token = Secret::generate(&mut rand::rng());
    let session =
        Session { key: token.digest(), account, device: request.name, begun: now, seen: now };
    site.store.create_session(&session).await?;
    Ok(Ok(LetIn {
        access_token: token.to_string(),
        token_type: "Bearer",
        expires_in: Session::LIFETIME.as_secs(),
    }))
}

/// Signs the app out whose token comes along.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    responses(
        (status = 204, description = "It is signed out"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn sign_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    // Only an app's token: a browser is signed out on the account page.
    let key = bearer(&headers).and_then(|_| session_key(&headers, ""));
    let known = site.signed_in(&headers).await;
    let (Some(key), Some((session, _))) = (key, known) else { return unauthorized() };
    if let Err(error) = site.store.end_session(session.account, &key).await {
        return failed(&error);
    }
    site.accounts.forget_sessions([key]).await;
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// Nobody is signed in (RFC 6750, section 3).
pub(super) fn unauthorized() -> Response {
    let mut answer = problem(
        StatusCode::UNAUTHORIZED,
        "Nobody is signed in; bring a bearer token, which POST /api/v1/app leads to.",
    );
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "api: request failed");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "Something broke on our side; try again.")
}

fn refuse(error: &'static str) -> Response {
    answer(StatusCode::BAD_REQUEST, "application/json", &json!(NoToken { error }))
}
