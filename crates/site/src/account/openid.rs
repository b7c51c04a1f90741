//! Signing in with an account elsewhere: to the provider, and back with its word for who it is.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_circulation::{AccountId, EmailAddress, Secret, sign_in};
use masthead_identity::openid::{OpenidError, VerifiedIdentity};
use masthead_web::form;
use serde::{Deserialize, Serialize};

use super::{admission, sign_in::device};
use crate::state::Site;
use masthead_publication::{PageError, contexts::Link};
use masthead_web::form::see_other;

#[derive(Deserialize)]
pub(super) struct Way {
    #[serde(default)]
    from: String,
}

/// What a provider sends a reader back with (RFC 6749, section 4.1.2).
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// What is kept while a reader is away.
#[derive(Serialize, Deserialize)]
struct Away {
    provider: String,
    device: String,
    from: String,
    kept: String,
}

impl Site {
    /// The ways to sign in with an account elsewhere, for who came from a path.
    pub(super) fn openid_links(&self, from: &str) -> Vec<Link> {
        let words = self.snapshot().theme.word("openid_use").to_owned();
        let link = |provider: &masthead_identity::openid::Provider| {
            let from = form::encode_query(form::safe_local_path(from)).to_string();
            let href = format!("/sign-in/openid/{}?from={from}", provider.slug);
            Link::to(&href, &words.replace("{provider}", &provider.name))
        };
        self.openid.providers().iter().map(link).collect()
    }

    fn openid_back(&self, slug: &str) -> String {
        format!("{}/sign-in/openid/{slug}/answer", self.snapshot().publication.address)
    }
}

/// Sends a reader to the provider.
pub(super) async fn depart(
    State(site): State<Arc<Site>>,
    Path(slug): Path<String>,
    Query(way): Query<Way>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    if crate::address::is_speculative(&headers) {
        return crate::address::speculation_refused();
    }
    if !site.limits.admit_form(site.client(&request)) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "fault_often", "/sign-in");
    }
    let answer = send_away(&site, &slug, &way.from, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn send_away(
    site: &Site,
    slug: &str,
    from: &str,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    // A letter that was asked for before stays good on this device.
    let (state, device) = {
        let mut rng = rand::rng();
        let device = device(site, headers).unwrap_or_else(|| Secret::generate(&mut rng));
        (Secret::generate(&mut rng), device)
    };
    let back = site.openid_back(slug);
    let redirect = match site.openid.start(slug, &back, &state.to_string()).await {
        Ok(redirect) => redirect,
        Err(error) => return refused(site, slug, headers, &error).await,
    };
    let away = Away {
        provider: slug.to_owned(),
        device: device.digest().to_string(),
        from: form::safe_local_path(from).to_owned(),
        kept: redirect.pending,
    };
    let away = serde_json::to_string(&away).map_err(masthead_store::StoreError::from)?;
    site.store.create_challenge(&state.digest(), &away, (site.clock)()).await?;
    let lasts = sign_in::LIFETIME.as_secs();
    let cookie = site.cookies.set(site.cookies.device, &device.to_string(), lasts);
    Ok(see_other(&redirect.address, &[cookie]))
}

/// A reader comes back from the provider.
pub(super) async fn arrive(
    State(site): State<Arc<Site>>,
    Path(slug): Path<String>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Response {
    if crate::address::is_speculative(&headers) {
        return crate::address::speculation_refused();
    }
    let answer = let_in(&site, &slug, &back, &headers).await;
    site.or_failed(&headers, answer).await
}

async fn let_in(
    site: &Site,
    slug: &str,
    back: &Back,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let over = || Ok(site.notice(StatusCode::GONE, headers, "fault_over", "/sign-in"));
    let Some(away) = away(site, slug, back, headers).await? else { return over() };
    if back.code.is_empty() {
        // The provider says why, in words for programs; that the reader said no is the likeliest.
        return Ok(site.notice(StatusCode::FORBIDDEN, headers, "openid_denied", "/sign-in"));
    }
    let address = site.openid_back(slug);
    let identity = match site.openid.finish(slug, &address, &back.code, &away.kept).await {
        Ok(identity) => identity,
        Err(error) => return refused(site, slug, headers, &error).await,
    };
    let Some(account) = account_of(site, headers, &identity, &away.from).await? else {
        return Ok(site.notice(StatusCode::FORBIDDEN, headers, "openid_email", "/register"));
    };
    let cookies = admission::admit(site, headers, account).await?;
    Ok(see_other(form::safe_local_path(&away.from), &cookies))
}

/// What was kept while a reader was away, if it is this device that comes back, in time and once.
async fn away(
    site: &Site,
    slug: &str,
    back: &Back,
    headers: &HeaderMap,
) -> Result<Option<Away>, PageError> {
    let Ok(state) = back.state.parse::<Secret>() else { return Ok(None) };
    let Some(device) = device(site, headers).map(|device| device.digest()) else { return Ok(None) };
    let kept = site.store.consume_challenge(&state.digest(), (site.clock)()).await?;
    let away = kept.and_then(|kept| serde_json::from_str::<Away>(&kept).ok());
    Ok(away.filter(|away| away.provider == slug && away.device == device.to_string()))
}

/// Whose account it is: whoever came this way before, or who has the address that the provider has
/// verified, which is as good as a letter of ours.
async fn account_of(
    site: &Site,
    headers: &HeaderMap,
    identity: &VerifiedIdentity,
    from: &str,
) -> Result<Option<AccountId>, PageError> {
    let VerifiedIdentity { issuer, subject, email } = identity;
    if let Some(known) = site.store.account_of_identity(issuer, subject).await? {
        return Ok(Some(known));
    }
    let email = email.as_ref().and_then(|email| email.parse::<EmailAddress>().ok());
    let Some(email) = email else { return Ok(None) };
    let (account, is_new) = site.store.register(&email, (site.clock)()).await?;
    if is_new {
        site.count_registered(headers, from).await;
    }
    site.store.link_identity(issuer, subject, account.id).await?;
    Ok(Some(account.id))
}

async fn refused(
    site: &Site,
    slug: &str,
    headers: &HeaderMap,
    error: &OpenidError,
) -> Result<Response, PageError> {
    if !matches!(error, OpenidError::UnknownProvider) {
        tracing::error!(%error, provider = slug, "openid: sign-in failed");
    }
    Ok(match error {
        OpenidError::UnknownProvider => site.not_found(headers).await,
        OpenidError::Unreachable(_) => {
            site.notice(StatusCode::SERVICE_UNAVAILABLE, headers, "openid_silent", "/sign-in")
        }
        OpenidError::InvalidResponse(_) => {
            site.notice(StatusCode::FORBIDDEN, headers, "openid_refused", "/sign-in")
        }
    })
}
