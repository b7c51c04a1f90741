//! Who is signed in.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{HeaderMap, request::Parts, uri::PathAndQuery};
use masthead_circulation::{Account, AccountId, Digest, Session, app::Scope};
use masthead_publication::{CachedAccount, ReaderLinks, accounts::Credential};
use masthead_store::StoreError;
use masthead_telemetry::security::SecurityOrigin;
use masthead_web::{client::origin, form::encode_query};

use crate::{error::SiteError, return_to, state::Site};

type Current = (Arc<Session>, Arc<CachedAccount>);

/// The session and account of a browser's request, from memory if they are there. An app's token does not do.
///
/// # Errors
///
/// If they are not in memory and the database does not answer. Nobody must be told that they are not signed in only
/// because of that: an app would drop its token.
pub(super) async fn current(
    site: &Site,
    headers: &HeaderMap,
) -> Result<Option<Current>, StoreError> {
    signed_in(site, Credential::of_browser(headers, site.cookies.session)).await
}

async fn signed_in(
    site: &Site,
    credential: Option<Credential>,
) -> Result<Option<Current>, StoreError> {
    let now = (site.clock)();
    site.accounts.of(credential, site.opens(now), now).await
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
    /// Where the request comes from.
    pub(crate) origin: SecurityOrigin,
}

impl SignedIn {
    /// Returns the links in the header of the reader's own pages.
    pub(crate) fn links(&self, site: &Site) -> ReaderLinks {
        self.cached.links((site.clock)())
    }

    async fn find(site: &Site, parts: &Parts) -> Result<Option<Self>, StoreError> {
        Self::with_account(site, current(site, &parts.headers).await?, parts).await
    }

    async fn with_account(
        site: &Site,
        current: Option<Current>,
        parts: &Parts,
    ) -> Result<Option<Self>, StoreError> {
        let Some((session, cached)) = current else { return Ok(None) };
        let account = site.store.account(cached.account).await?;
        let origin = origin(&parts.extensions, &parts.headers);
        Ok(account.map(|account| Self { session, cached, account, origin }))
    }
}

impl FromRequestParts<Arc<Site>> for SignedIn {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        Self::find(site, parts).await?.ok_or_else(|| sign_in_for(parts))
    }
}

/// Leads to the page to sign in at, and back to the page of the account that was asked for, or to the order.
fn sign_in_for(parts: &Parts) -> SiteError {
    let page = parts.uri.path_and_query().map(PathAndQuery::as_str);
    let is_page = |page: &&str| {
        parts.method.is_safe() && page.starts_with("/account") || return_to::is_checkout(page)
    };
    let page = page.filter(is_page);
    match page {
        Some(page) => SiteError::SeeOther(format!("/sign-in?from={}", encode_query(page)).into()),
        None => SiteError::SIGN_IN,
    }
}

impl OptionalFromRequestParts<Arc<Site>> for SignedIn {
    type Rejection = SiteError;

    async fn from_request_parts(
        parts: &mut Parts,
        site: &Arc<Site>,
    ) -> Result<Option<Self>, SiteError> {
        Ok(Self::find(site, parts).await?)
    }
}

/// The reader whom a browser asks the API for, or an app whose scopes cover the account.
pub(crate) struct ApiReader {
    pub(crate) cached: Arc<CachedAccount>,
    pub(crate) account: Account,
}

impl FromRequestParts<Arc<Site>> for ApiReader {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let credential = Credential::of(&parts.headers, site.cookies.session);
        let found = SignedIn::with_account(site, signed_in(site, credential).await?, parts).await?;
        let SignedIn { session, cached, account, .. } = found.ok_or(SiteError::Unauthorized)?;
        if !session.kind.covers(Scope::Account) {
            return Err(SiteError::MissingScope(Scope::Account));
        }
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
        let token = Credential::of(&parts.headers, "");
        let (session, _) = signed_in(site, token).await?.ok_or(SiteError::Unauthorized)?;
        Ok(Self { session: session.key, account: session.account })
    }
}
