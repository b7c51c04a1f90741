//! Who is signed in.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{HeaderMap, request::Parts};
use masthead_circulation::{Account, AccountId, Digest, Session};
use masthead_publication::{
    CachedAccount,
    accounts::{bearer, session_key},
};
use masthead_store::StoreError;

use crate::{error::SiteError, state::Site};

type Current = (Arc<Session>, Arc<CachedAccount>);

/// The session and account of a request, from memory if they are there.
///
/// # Errors
///
/// If they are not in memory and the database does not answer. Nobody must be told that they are not signed in only
/// because of that: an app would drop its token.
pub(super) async fn current(
    site: &Site,
    headers: &HeaderMap,
) -> Result<Option<Current>, StoreError> {
    let now = (site.clock)();
    site.accounts.of(headers, site.cookies.session, site.opens(now), now).await
}

/// The account that is signed in, as it is in memory.
pub(crate) struct MaybeSignedIn(pub(crate) Option<Arc<CachedAccount>>);

impl FromRequestParts<Arc<Site>> for MaybeSignedIn {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        Ok(Self(current(site, &parts.headers).await?.map(|(_, cached)| cached)))
    }
}

/// A signed-in reader, with their account as it is in the database. Others are led to the page to sign in at.
pub(crate) struct SignedIn {
    pub(crate) session: Arc<Session>,
    pub(crate) cached: Arc<CachedAccount>,
    pub(crate) account: Account,
}

impl SignedIn {
    async fn find(site: &Site, headers: &HeaderMap) -> Result<Option<Self>, StoreError> {
        let Some((session, cached)) = current(site, headers).await? else { return Ok(None) };
        let account = site.store.account(cached.account).await?;
        Ok(account.map(|account| Self { session, cached, account }))
    }
}

impl FromRequestParts<Arc<Site>> for SignedIn {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        Self::find(site, &parts.headers).await?.ok_or(SiteError::SIGN_IN)
    }
}

impl OptionalFromRequestParts<Arc<Site>> for SignedIn {
    type Rejection = SiteError;

    async fn from_request_parts(
        parts: &mut Parts,
        site: &Arc<Site>,
    ) -> Result<Option<Self>, SiteError> {
        Ok(Self::find(site, &parts.headers).await?)
    }
}

/// The reader whom an app or a browser asks the API for.
pub(crate) struct ApiReader {
    pub(crate) cached: Arc<CachedAccount>,
    pub(crate) account: Account,
}

impl FromRequestParts<Arc<Site>> for ApiReader {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let found = SignedIn::find(site, &parts.headers).await?;
        let SignedIn { cached, account, .. } = found.ok_or(SiteError::Unauthorized)?;
        Ok(Self { cached, account })
    }
}

/// The bearer token of an app (RFC 6750) that is signed in. A session cookie does not do.
pub(crate) struct AppToken {
    /// The key of its session.
    pub(crate) session: Digest,
    pub(crate) account: AccountId,
}

impl FromRequestParts<Arc<Site>> for AppToken {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let headers = &parts.headers;
        let key = bearer(headers).and_then(|_| session_key(headers, ""));
        let key = key.ok_or(SiteError::Unauthorized)?;
        let (session, _) = current(site, headers).await?.ok_or(SiteError::Unauthorized)?;
        Ok(Self { session: key, account: session.account })
    }
}
