//! Signing in with an account elsewhere (OpenID Connect): to the provider, and back with what it says about the reader.

use std::sync::Arc;

use axum::extract::State;
use masthead_circulation::Secret;
use masthead_identity::openid::{OpenidError, Provider};
use masthead_publication::contexts::Link;
use masthead_store::StoreError;
use masthead_web::form::{encode_query, safe_local_path, see_other};
use serde::{Deserialize, Serialize};

use super::admission::{self, Proof};
use crate::{
    error::{FailureMessage, Handled, SiteError, keeping},
    extract::{Device, DeviceSecret, Limited, NotPrefetch, UrlPath, UrlQuery, limit::SignIns},
    notice::Notice,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct ReturnQuery {
    /// The path to return to.
    #[serde(default)]
    from: String,
}

/// What a provider sends a reader back with (RFC 6749, section 4.1.2).
#[derive(Deserialize)]
pub(super) struct ProviderQuery {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// What is stored while a reader is at the provider.
#[derive(Serialize, Deserialize)]
struct PendingSignIn {
    provider: String,
    /// The digest of the secret of the device that left.
    device: String,
    from: String,
    /// What the client of the provider needs to check its answer.
    kept: String,
}

/// The links to sign in with an account elsewhere, for a reader who came from a path.
pub(super) fn links(site: &Site, from: &str) -> Vec<Link> {
    let words = site.snapshot().theme.word("openid_use").to_owned();
    let link = |provider: &Provider| {
        let from = encode_query(safe_local_path(from)).to_string();
        let href = format!("/sign-in/openid/{}?from={from}", provider.slug);
        Link::to(&href, &words.replace("{provider}", &provider.name))
    };
    site.openid.providers().iter().map(link).collect()
}

/// The address that the provider sends readers back to.
fn callback_address(site: &Site, slug: &str) -> String {
    format!("{}/sign-in/openid/{slug}/answer", site.snapshot().publication.address)
}

/// Sends a reader to the provider.
pub(super) async fn start(
    State(site): State<Arc<Site>>,
    _: NotPrefetch,
    _: Limited<SignIns>,
    UrlPath(slug): UrlPath<String>,
    UrlQuery(query): UrlQuery<ReturnQuery>,
    device: DeviceSecret,
) -> Handled {
    let device = device.or_new();
    let state = Secret::generate(&mut rand::rng());
    let callback = callback_address(&site, &slug);
    let redirect = match site.openid.start(&slug, &callback, &state.to_string()).await {
        Ok(redirect) => redirect,
        Err(error) => return Ok(keeping(&query.from, Err(refusal(&slug, &error)))),
    };
    let pending = PendingSignIn {
        provider: slug,
        device: device.digest().to_string(),
        from: safe_local_path(&query.from).to_owned(),
        kept: redirect.pending,
    };
    let pending = serde_json::to_string(&pending).map_err(StoreError::from)?;
    site.store.create_challenge(&state.digest(), &pending, (site.clock)()).await?;
    Ok(see_other(&redirect.address, &[admission::device_cookie(&site, &device)]))
}

/// Signs in a reader who comes back from the provider.
pub(super) async fn finish(
    State(site): State<Arc<Site>>,
    _: NotPrefetch,
    UrlPath(slug): UrlPath<String>,
    UrlQuery(query): UrlQuery<ProviderQuery>,
    DeviceSecret(secret): DeviceSecret,
    device: Device,
) -> Handled {
    let pending = take_pending(&site, &slug, &query.state, secret).await?;
    let pending = pending.ok_or(Notice::SignInExpired)?;
    Ok(keeping(&pending.from, sign_in(&site, &device, &pending, &query.code).await))
}

/// Signs in by the code that the provider has sent a reader back with.
async fn sign_in(site: &Site, device: &Device, pending: &PendingSignIn, code: &str) -> Handled {
    if code.is_empty() {
        // The provider's reason is for programs; most likely the reader declined.
        return Err(Notice::ProviderDenied.into());
    }
    let slug = &pending.provider;
    let callback = callback_address(site, slug);
    let identity = site.openid.finish(slug, &callback, code, &pending.kept).await;
    let identity = identity.map_err(|error| refusal(slug, &error))?;
    let proof = Proof::Identity(&identity, &pending.from);
    let cookies = admission::admit(site, device, proof).await?;
    let cookies = cookies.ok_or(Notice::SignInExpired)?;
    Ok(see_other(safe_local_path(&pending.from), &cookies))
}

/// Takes what was stored when a reader left; `None` unless the same device comes back, in time and for the first time.
async fn take_pending(
    site: &Site,
    slug: &str,
    state: &str,
    device: Option<Secret>,
) -> Result<Option<PendingSignIn>, StoreError> {
    let (Ok(state), Some(device)) = (state.parse::<Secret>(), device) else { return Ok(None) };
    let stored = site.store.consume_challenge(&state.digest(), (site.clock)()).await?;
    let pending = stored.and_then(|stored| serde_json::from_str::<PendingSignIn>(&stored).ok());
    let device = device.digest().to_string();
    Ok(pending.filter(|pending| pending.provider == slug && pending.device == device))
}

fn refusal(slug: &str, error: &OpenidError) -> SiteError {
    let notice = match error {
        OpenidError::UnknownProvider => return SiteError::NotFound,
        OpenidError::Unreachable(_) => Notice::ProviderUnreachable,
        OpenidError::InvalidResponse(_) => Notice::ProviderInvalid,
    };
    SiteError::failed_with(FailureMessage::Notice(notice), "openid: sign in")(format!(
        "{slug}: {error}"
    ))
}
