//! Accounts elsewhere, by OpenID Connect (<https://openid.net/specs/openid-connect-core-1_0.html>): the
//! authorization code flow with PKCE.
//!
//! A provider is asked anew for its keys at each sign-in, which are seldom, so that a change of keys is
//! nobody's concern.

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

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A provider, and the publication's client there.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// By which addresses name it.
    pub slug: String,
    /// What readers call it.
    pub name: String,
    /// Its issuer, such as `https://id.example`.
    pub issuer: String,
    /// The publication's client there.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
}

/// The providers of a publication.
pub struct Openid {
    providers: Vec<Provider>,
    asker: Asker,
}

/// A reader is sent away.
#[derive(Clone, Debug)]
pub struct Departure {
    /// To this address of the provider's.
    pub address: String,
    /// What is to be kept until they come back, as JSON.
    pub kept: String,
}

/// Who came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who says so.
    pub issuer: String,
    /// What they call the reader, for good.
    pub subject: String,
    /// The reader's address, where the issuer has verified it.
    pub email: Option<String>,
}

/// Why nobody arrives.
#[derive(Debug, thiserror::Error)]
pub enum OpenidError {
    /// There is no such provider.
    #[error("there is no such provider")]
    Unknown,
    /// The provider does not answer, or with what makes no sense.
    #[error("the provider does not answer: {0}")]
    Unreachable(String),
    /// What it says does not hold.
    #[error("what the provider says does not hold: {0}")]
    Refused(String),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl Openid {
    /// These providers.
    pub fn new(providers: Vec<Provider>) -> Self {
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { providers, asker: Asker(client) }
    }

    /// The providers, in the publisher's order.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// Sends a reader to a provider, who is to send them back to `back` with `state`.
    pub async fn depart(
        &self,
        slug: &str,
        back: &str,
        state: &str,
    ) -> Result<Departure, OpenidError> {
        let provider = self.provider(slug)?;
        let metadata = self.ask(provider).await?;
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
        let kept = serde_json::to_string(&Kept { nonce, verifier })
            .map_err(|error| OpenidError::Refused(error.to_string()))?;
        Ok(Departure { address: address.into(), kept })
    }

    /// Who it is that comes back with `code`, with what was kept when they left.
    pub async fn arrive(
        &self,
        slug: &str,
        back: &str,
        code: &str,
        kept: &str,
    ) -> Result<Arrival, OpenidError> {
        let provider = self.provider(slug)?;
        let Kept { nonce, verifier } =
            serde_json::from_str(kept).map_err(|error| refused(&error))?;
        let metadata = self.ask(provider).await?;
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
            .request_async(&self.asker)
            .await
            .map_err(|error| refused(&error))?;
        let token = tokens
            .id_token()
            .ok_or_else(|| OpenidError::Refused("there is no ID token".to_owned()))?;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(algorithms.into_iter().filter(is_signature));
        let claims = token.claims(&verifier, &nonce).map_err(|error| refused(&error))?;
        let verified = claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| verified);
        Ok(Arrival {
            issuer: provider.issuer.clone(),
            subject: claims.subject().to_string(),
            email: email.map(|email| email.to_string()),
        })
    }

    fn provider(&self, slug: &str) -> Result<&Provider, OpenidError> {
        let found = self.providers.iter().find(|provider| provider.slug == slug);
        found.ok_or(OpenidError::Unknown)
    }

    /// What a provider says of itself, with its keys.
    async fn ask(&self, provider: &Provider) -> Result<CoreProviderMetadata, OpenidError> {
        let issuer =
            IssuerUrl::new(provider.issuer.clone()).map_err(|error| unreachable(&error))?;
        CoreProviderMetadata::discover_async(issuer, &self.asker)
            .await
            .map_err(|error| unreachable(&error))
    }
}

/// Asks providers. It follows no redirect: nobody else is asked.
struct Asker(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl<'c> AsyncHttpClient<'c> for Asker {
    type Error = OpenidError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OpenidError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let asked = async {
            let answer = self.0.request(request.map(Full::from)).await;
            let (head, body) = answer.map_err(|error| unreachable(&error))?.into_parts();
            let body = Limited::new(body, LONGEST).collect().await;
            let body = body.map_err(|error| OpenidError::Unreachable(error.to_string()))?;
            Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
        };
        Box::pin(async {
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(answer) => answer,
                Err(_) => Err(OpenidError::Unreachable("it takes too long".to_owned())),
            }
        })
    }
}

/// Signed by the provider's own key: a shared secret proves nothing about who has signed.
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
    RedirectUrl::new(back.to_owned()).map_err(|error| OpenidError::Refused(error.to_string()))
}

fn unreachable(error: &dyn std::error::Error) -> OpenidError {
    OpenidError::Unreachable(chain(error))
}

fn refused(error: &dyn std::error::Error) -> OpenidError {
    OpenidError::Refused(chain(error))
}

/// An error with its causes, which say what it is about.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
