//! Signing an app in by a code that its reader types in a browser (RFC 8628).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_circulation::{
    AccountId, Secret, Session,
    app::{AppAnswer, AppRequest, INTERVAL, LIFETIME, Scopes, code_digest, generate_code},
};
use masthead_store::SessionProof;
use masthead_telemetry::security::{SecurityEntry, SecurityEvent, SecurityOrigin};
use masthead_web::client::Origin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use crate::{
    error::{Handled, SiteError},
    extract::{
        AppToken, Limited, ReaderForm,
        limit::{SignIns, admits_poll},
    },
    problem::Problem,
    response,
    state::Site,
};

/// The longest name of an app, in characters.
const MAX_NAME: usize = 60;
/// The grant of RFC 8628, section 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// An app that asks.
#[derive(Deserialize, ToSchema)]
pub(super) struct AppForm {
    /// What it calls itself, such as "The Paper on a telephone"; its reader is shown it, and that nobody has verified it.
    #[schema(min_length = 1)]
    name: String,
    /// What it asks for, separated by spaces (RFC 8628, section 3.1): `articles` to read with the reader's meter and
    /// subscriptions, `account` to see who they are and what they have bought. Without it, `articles`.
    #[serde(default)]
    #[schema(example = "articles account")]
    scope: Option<String>,
}

/// What an app shows its reader, and keeps (RFC 8628, section 3.2).
#[derive(Serialize, ToSchema)]
pub(super) struct AppCodes {
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
    /// How many seconds to wait between two requests for the token.
    interval: i64,
}

/// Asks for the app's token.
#[derive(Deserialize, ToSchema)]
pub(super) struct TokenForm {
    /// `urn:ietf:params:oauth:grant-type:device_code`.
    grant_type: String,
    /// What the app has kept.
    device_code: String,
}

/// The token that an app brings with every request from now on.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenResponse {
    /// The token.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// After how many seconds without a request it ends.
    expires_in: i64,
    /// What it covers, separated by spaces.
    scope: String,
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
    request_body(content = AppForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = AppCodes, content_type = "application/json"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn request_code(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    ReaderForm(form): ReaderForm<AppForm>,
) -> Handled {
    let visible = form.name.trim().chars().filter(|c| !c.is_control());
    let name: String = visible.take(MAX_NAME).collect();
    if name.is_empty() {
        let detail = "Send a form with the name of the app.";
        return Err(SiteError::problem(StatusCode::BAD_REQUEST, detail));
    }
    let scopes = scopes(form.scope.as_deref())?;
    let (secret, code) = {
        let mut rng = rand::rng();
        (Secret::generate(&mut rng), generate_code(&mut rng))
    };
    let request = AppRequest {
        app: secret.digest(),
        code: code_digest(&code),
        name,
        scopes,
        asked: (site.clock)(),
        answer: AppAnswer::None,
    };
    site.store.create_app_request(&request).await?;
    let codes = AppCodes::new(&site.snapshot().publication.address, &secret, code);
    Ok(answer(StatusCode::OK, &codes))
}

/// The scopes that an app asks for. An empty parameter is treated as none (RFC 6749, section 3.1).
fn scopes(asked: Option<&str>) -> Result<Scopes, SiteError> {
    match asked.map(str::trim).filter(|asked| !asked.is_empty()) {
        None => Ok(Scopes::ARTICLES),
        Some(asked) => asked.parse().map_err(|_| {
            let detail = "There is no such scope: send `articles`, `account`, or both with a space between them.";
            SiteError::problem(StatusCode::BAD_REQUEST, detail)
        }),
    }
}

impl AppCodes {
    fn new(site: &str, secret: &Secret, code: String) -> Self {
        let page = format!("{site}/sign-in/app");
        Self {
            device_code: secret.to_string(),
            verification_uri_complete: format!("{page}?code={code}"),
            verification_uri: page,
            user_code: code,
            expires_in: LIFETIME.as_secs(),
            interval: INTERVAL.as_secs(),
        }
    }
}

/// Returns the app's token once its reader has admitted the app.
#[utoipa::path(
    post,
    path = "/api/v1/app/token",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenResponse, content_type = "application/json"),
        (status = 400, body = NoToken, content_type = "application/json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn token(
    State(site): State<Arc<Site>>,
    Origin(origin): Origin,
    form: Result<ReaderForm<TokenForm>, SiteError>,
) -> Result<Response, TokenError> {
    let ReaderForm(form) = form.map_err(|_| TokenError::Refused("invalid_request"))?;
    if form.grant_type != GRANT {
        return Err(TokenError::Refused("unsupported_grant_type"));
    }
    let secret = form.device_code.parse::<Secret>();
    let secret = secret.map_err(|_| TokenError::Refused("invalid_grant"))?;
    if !admits_poll(&site, &secret) {
        return Err(TokenError::Refused("slow_down"));
    }
    Ok(answer(StatusCode::OK, &issue_token(&site, &secret, &origin).await?))
}

/// Why an app gets no token.
pub(super) enum TokenError {
    /// A code of RFC 8628, section 3.5, or RFC 6749, section 5.2.
    Refused(&'static str),
    Failed(SiteError),
}

impl<E: Into<SiteError>> From<E> for TokenError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(error) => answer(StatusCode::BAD_REQUEST, &NoToken { error }),
            Self::Failed(error) => error.into_response(),
        }
    }
}

async fn issue_token(
    site: &Site,
    secret: &Secret,
    origin: &SecurityOrigin,
) -> Result<TokenResponse, TokenError> {
    let now = (site.clock)();
    let request = site.store.app_request_by_secret(&secret.digest()).await?;
    let request = request.filter(|request| !request.is_over(now));
    let request = request.ok_or(TokenError::Refused("expired_token"))?;
    let account: AccountId = match request.answer {
        AppAnswer::None => return Err(TokenError::Refused("authorization_pending")),
        AppAnswer::No => return Err(TokenError::Refused("access_denied")),
        AppAnswer::Yes(account) => account,
    };
    let token = Secret::generate(&mut rand::rng());
    let scopes = request.scopes;
    let session = Session::of_app(token.digest(), account, request.name, scopes, now);
    if !site.store.begin_session(&session, SessionProof::App(&request.app)).await? {
        return Err(TokenError::Refused("invalid_grant"));
    }
    let entry = SecurityEntry::success(SecurityEvent::TokenIssued, origin).by(account.0);
    site.security_log.record(&entry);
    Ok(TokenResponse {
        access_token: token.to_string(),
        token_type: "Bearer",
        expires_in: Session::LIFETIME.as_secs(),
        scope: scopes.to_string(),
    })
}

/// Signs out the app whose token the request has.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    responses(
        (status = 204, description = "It is signed out"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn sign_out(
    State(site): State<Arc<Site>>,
    Origin(origin): Origin,
    token: AppToken,
) -> Handled {
    site.store.end_session(token.account, &token.session).await?;
    site.accounts.forget_sessions([token.session]).await;
    let entry = SecurityEntry::success(SecurityEvent::TokenRevoked, &origin);
    site.security_log.record(&entry.by(token.account.0));
    Ok(response::empty(StatusCode::NO_CONTENT))
}
