//! A test double for an OpenID provider. It has one reader and redirects without asking.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The registered client id.
pub const CLIENT: &str = "the-paper";
/// The client secret.
pub const SECRET: &str = "a secret";

/// The claims about the reader, and how the provider misbehaves.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // independent switches
pub struct ProviderBehavior {
    /// The subject of the reader.
    pub subject: String,
    /// The email address of the reader.
    pub email: String,
    /// Whether the provider has verified the address.
    pub verified: bool,
    /// The audience of its tokens.
    pub audience: String,
    /// The nonce of its tokens, if it differs from the requested one.
    pub nonce: Option<String>,
    /// Whether its tokens are signed with another key than the published one.
    pub forged: bool,
    /// Whether the reader denies access.
    pub denied: bool,
    /// Whether the provider is down.
    pub down: bool,
}

/// An OpenID provider, for one test.
#[derive(Clone)]
pub struct ProviderDouble(Arc<ProviderState>);

struct ProviderState {
    address: SocketAddr,
    behavior: Mutex<ProviderBehavior>,
    /// The nonce and the challenge of each authorization code.
    codes: Mutex<HashMap<String, (String, String)>>,
}

impl ProviderDouble {
    /// Starts the provider.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let behavior = ProviderBehavior {
            subject: "reader-7".to_owned(),
            email: "ada@example.org".to_owned(),
            verified: true,
            audience: CLIENT.to_owned(),
            nonce: None,
            forged: false,
            denied: false,
            down: false,
        };
        let double = Self(Arc::new(ProviderState {
            address: listener.local_addr().expect("an address"),
            behavior: Mutex::new(behavior),
            codes: Mutex::default(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        double
    }

    /// Returns its issuer.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Changes its behaviour.
    pub fn set_behavior(&self, change: impl FnOnce(&mut ProviderBehavior)) {
        change(&mut self.0.behavior.lock().expect("manners"));
    }

    fn behavior(&self) -> ProviderBehavior {
        self.0.behavior.lock().expect("manners").clone()
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

async fn configuration(State(double): State<ProviderDouble>) -> Response {
    if double.behavior().down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let issuer = double.issuer();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    }))
    .into_response()
}

async fn keys() -> Json<Value> {
    let public = URL_SAFE_NO_PAD.encode(key(1).verifying_key().as_bytes());
    Json(json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "1", "x": public },
    ]}))
}

/// The authorization endpoint (RFC 6749, section 4.1.1, and RFC 7636).
async fn authorize(
    State(double): State<ProviderDouble>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let part = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let known = part("client_id") == CLIENT && part("response_type") == "code";
    if !known || part("code_challenge_method") != "S256" || !part("scope").contains("email") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let (back, state) = (part("redirect_uri"), part("state"));
    if double.behavior().denied {
        return Redirect::to(&format!("{back}?error=access_denied&state={state}")).into_response();
    }
    let mut codes = double.0.codes.lock().expect("codes");
    let code = format!("code-{}", codes.len());
    codes.insert(code.clone(), (part("nonce"), part("code_challenge")));
    Redirect::to(&format!("{back}?code={code}&state={state}")).into_response()
}

/// The token endpoint. Each code works once.
async fn token(
    State(double): State<ProviderDouble>,
    headers: http::HeaderMap,
    Form(asked): Form<HashMap<String, String>>,
) -> Response {
    let ProviderBehavior { subject, email, verified, audience, nonce, forged, .. } =
        double.behavior();
    let code = asked.get("code").cloned().unwrap_or_default();
    let known = double.0.codes.lock().expect("codes").remove(&code);
    let proof = asked.get("code_verifier").cloned().unwrap_or_default();
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(proof));
    let authorized = headers.get("authorization").is_some();
    let Some((asked, _)) = known.filter(|(_, challenge)| authorized && *challenge == proof) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })))
            .into_response();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let head = json!({ "alg": "EdDSA", "kid": "1" });
    let claims = json!({
        "iss": double.issuer(), "sub": subject, "aud": audience, "iat": now, "exp": now + 60,
        "nonce": nonce.unwrap_or(asked), "email": email, "email_verified": verified,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let signature = key(if forged { 2 } else { 1 }).sign(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
    let id_token = format!("{signed}.{signature}");
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }))
        .into_response()
}
