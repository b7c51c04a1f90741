//! Sign-in by OpenID Connect (<https://openid.net/specs/openid-connect-core-1_0.html>), with the
//! authorization code flow and PKCE.
//!
//! The provider's metadata and keys are fetched at each sign-in. Sign-ins are rare, and this way
//! key rotation needs no handling.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use openidconnect::{
    AsyncHttpClient, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope, TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreResponseType,
    },
};
use serde::{Deserialize, Serialize};

/// The maximum duration of a request to a provider.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a response, in bytes.
const MAX_RESPONSE: usize = 1024 * 1024;

/// A provider, and the publication's credentials there.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// The name in addresses.
    pub slug: String,
    /// The name shown to readers.
    pub name: String,
    /// The issuer, such as `https://id.example`.
    pub issuer: String,
    /// The publication's client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
}

/// The providers of a publication.
pub struct Openid {
    providers: Vec<Provider>,
    client: HttpClient,
}

/// A redirect to a provider.
#[derive(Clone, Debug)]
pub struct AuthorizationRedirect {
    /// The address at the provider.
    pub address: String,
    /// What must be stored until the reader returns, as JSON.
    pub pending: String,
}

/// The identity that a provider has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedIdentity {
    /// The issuer.
    pub issuer: String,
    /// The issuer's permanent id of the reader.
    pub subject: String,
    /// The reader's address, if the issuer has verified it.
    pub email: Option<String>,
}

/// The error for a failed sign-in.
#[derive(Debug, thiserror::Error)]
pub enum OpenidError {
    /// There is no such provider.
    #[error("there is no such provider")]
    UnknownProvider,
    /// The provider did not respond, or not with valid data.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// The provider's response is not valid for this sign-in.
    #[error("the provider's response is not valid: {0}")]
    InvalidResponse(String),
}

#[derive(Serialize, Deserialize)]
struct PendingSignIn {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl Openid {
    /// Creates a client for these providers.
    pub fn new(providers: Vec<Provider>) -> Self {
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { providers, client: HttpClient(client) }
    }

    /// Returns the providers, in the publisher's order.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// Starts a sign-in. The provider will redirect the reader to `back` with `state`.
    pub async fn start(
        &self,
        slug: &str,
        back: &str,
        state: &str,
    ) -> Result<AuthorizationRedirect, OpenidError> {
        let provider = self.provider(slug)?;
        let metadata = self.discover(provider).await?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(provider.client_id.clone()),
            Some(ClientSecret::new(provider.client_secret.clone())),
        )
        .set_redirect_uri(redirect(back)?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = state.to_owned();
        let flow: CoreAuthenticationFlow =
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let (address, _, nonce) = client
            .authorize_url(flow, || CsrfToken::new(state), Nonce::new_random)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let pending = serde_json::to_string(&PendingSignIn { nonce, verifier })
            .map_err(|error| OpenidError::InvalidResponse(error.to_string()))?;
        Ok(AuthorizationRedirect { address: address.into(), pending })
    }

    /// Completes a sign-in with the `code` of the redirect, and with what was stored at the start.
    pub async fn finish(
        &self,
        slug: &str,
        back: &str,
        code: &str,
        pending: &str,
    ) -> Result<VerifiedIdentity, OpenidError> {
        let provider = self.provider(slug)?;
        let PendingSignIn { nonce, verifier } =
            serde_json::from_str(pending).map_err(|error| invalid(&error))?;
        let metadata = self.discover(provider).await?;
        let algorithms = metadata.id_token_signing_alg_values_supported().clone();
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(provider.client_id.clone()),
            Some(ClientSecret::new(provider.client_secret.clone())),
        )
        .set_redirect_uri(redirect(back)?);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| unreachable(&error))?
            .set_pkce_verifier(verifier)
            .request_async(&self.client)
            .await
            .map_err(|error| invalid(&error))?;
        let token = tokens
            .id_token()
            .ok_or_else(|| OpenidError::InvalidResponse("there is no ID token".to_owned()))?;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(algorithms.into_iter().filter(is_signature));
        let claims = token.claims(&verifier, &nonce).map_err(|error| invalid(&error))?;
        let verified = claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| verified);
        Ok(VerifiedIdentity {
            issuer: provider.issuer.clone(),
            subject: claims.subject().to_string(),
            email: email.map(|email| email.to_string()),
        })
    }

    fn provider(&self, slug: &str) -> Result<&Provider, OpenidError> {
        let found = self.providers.iter().find(|provider| provider.slug == slug);
        found.ok_or(OpenidError::UnknownProvider)
    }

    /// Fetches the metadata and keys of a provider.
    async fn discover(&self, provider: &Provider) -> Result<CoreProviderMetadata, OpenidError> {
        let issuer =
            IssuerUrl::new(provider.issuer.clone()).map_err(|error| unreachable(&error))?;
        CoreProviderMetadata::discover_async(issuer, &self.client)
            .await
            .map_err(|error| unreachable(&error))
    }
}

/// The HTTP client for requests to providers. It does not follow redirects, so no other server is
/// contacted.
struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = OpenidError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OpenidError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let request_and_read = async {
            let answer = self.0.request(request.map(Full::from)).await;
            let (head, body) = answer.map_err(|error| unreachable(&error))?.into_parts();
            let body = Limited::new(body, MAX_RESPONSE).collect().await;
            let body = body.map_err(|error| OpenidError::Unreachable(error.to_string()))?;
            Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
        };
        Box::pin(async {
            match tokio::time::timeout(TIMEOUT, request_and_read).await {
                Ok(answer) => answer,
                Err(_) => Err(OpenidError::Unreachable("it takes too long".to_owned())),
            }
        })
    }
}

/// Returns `true` for algorithms with the provider's own key. A shared secret does not prove who
/// signed.
fn is_signature(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    !matches!(
        algorithm,
        CoreJwsSigningAlgorithm::HmacSha256
            | CoreJwsSigningAlgorithm::HmacSha384
            | CoreJwsSigningAlgorithm::HmacSha512
            | CoreJwsSigningAlgorithm::None
    )
}

fn redirect(back: &str) -> Result<RedirectUrl, OpenidError> {
    RedirectUrl::new(back.to_owned())
        .map_err(|error| OpenidError::InvalidResponse(error.to_string()))
}

fn unreachable(error: &dyn std::error::Error) -> OpenidError {
    OpenidError::Unreachable(with_causes(error))
}

fn invalid(error: &dyn std::error::Error) -> OpenidError {
    OpenidError::InvalidResponse(with_causes(error))
}

/// An error and its causes in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
