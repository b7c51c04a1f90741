//! Limits on requests, as extractors: a handler that takes one is called only within the limit.

use std::{marker::PhantomData, net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{StatusCode, request::Parts};
use masthead_circulation::{AccountId, Secret};

use super::{
    client::{self, ClientAddress},
    session::SignedIn,
};
use crate::{error::SiteError, notice::Notice, security::RequestLimit, state::Site};

/// A kind of form whose number is limited for each network. All kinds count together.
pub(crate) trait NetworkLimit {
    /// The response beyond the limit.
    const NOTICE: Notice;
}

/// Admits a form that is within the limit of its network. `L` names the response beyond it.
pub(crate) struct Limited<L>(PhantomData<L>);

impl<L: NetworkLimit> FromRequestParts<Arc<Site>> for Limited<L> {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let client = client::client_address(&parts.extensions);
        let is_within = site.limits.admit_form(client);
        within(site, is_within, (RequestLimit::Forms, client), L::NOTICE)?;
        Ok(Self(PhantomData))
    }
}

/// Attempts to sign in, and what leads to emails.
pub(crate) struct SignIns;

impl NetworkLimit for SignIns {
    const NOTICE: Notice = Notice::TooManyEmails;
}

/// Checkouts and payments.
pub(crate) struct Payments;

impl NetworkLimit for Payments {
    const NOTICE: Notice = Notice::TooManyCheckouts;
}

/// A signed-in reader who may begin one more checkout.
pub(crate) struct Buyer(pub(crate) SignedIn);

impl FromRequestParts<Arc<Site>> for Buyer {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let reader = SignedIn::from_request_parts(parts, site).await?;
        admit_checkout(site, reader.account.id)?;
        Ok(Self(reader))
    }
}

/// Counts a checkout of an account.
///
/// # Errors
///
/// If the account has begun too many.
pub(crate) fn admit_checkout(site: &Site, account: AccountId) -> Result<(), SiteError> {
    if site.limits.admit_checkout(account) {
        return Ok(());
    }
    site.log_limit(RequestLimit::Checkouts, None, Some(account));
    Err(Notice::TooManyCheckouts.into())
}

/// Counts a download of everything about an account.
///
/// # Errors
///
/// If the account has downloaded it too often.
pub(crate) fn admit_export(site: &Site, account: AccountId) -> Result<(), SiteError> {
    if site.limits.admit_export(account) {
        return Ok(());
    }
    site.log_limit(RequestLimit::Exports, None, Some(account));
    Err(Notice::TooManyExports.into())
}

/// Counts an attempt at an app's code, which is short enough to be guessed. The handler calls this with the parsed
/// value: the same code can be written in many ways in a query.
///
/// # Errors
///
/// If too many came from the client's network.
pub(crate) fn admit_app_code(
    site: &Site,
    client: ClientAddress,
    code: &str,
) -> Result<(), SiteError> {
    let is_within = code.is_empty() || site.limits.admit_form(client.0);
    within(site, is_within, (RequestLimit::Forms, client.0), Notice::TooManyEmails)
}

/// Counts an attempt at an offer's code, like [`admit_app_code`].
///
/// # Errors
///
/// If too many came from the client's network.
pub(crate) fn admit_offer_code(
    site: &Site,
    client: ClientAddress,
    code: &str,
) -> Result<(), SiteError> {
    let is_within = code.is_empty() || site.limits.admit_code(client.0);
    within(site, is_within, (RequestLimit::OfferCodes, client.0), Notice::TooManyCodes)
}

/// Counts a search. The page of search is free while nothing is searched for.
///
/// # Errors
///
/// If too many came from the client's network.
pub(crate) fn admit_search(
    site: &Site,
    client: ClientAddress,
    is_blank: bool,
) -> Result<(), SiteError> {
    let is_within = is_blank || site.limits.admit_search(client.0);
    within(site, is_within, (RequestLimit::Searches, client.0), Notice::TooManySearches)
}

/// Counts a request for a personal feed that does not exist, which may be a guess, and returns what it is answered. Feeds are
/// polled, by services for many readers at once, so that those that exist are neither counted nor refused.
pub(crate) fn unknown_feed(site: &Site, client: ClientAddress) -> SiteError {
    if !site.limits.admit_feed(client.0) {
        let detail = "Too many feeds were asked for that do not exist; wait ten minutes.";
        return SiteError::problem(StatusCode::TOO_MANY_REQUESTS, detail);
    }
    if !site.limits.admit_feed_guess(client.0) {
        site.log_limit(RequestLimit::Feeds, Some(client.0), None);
    }
    SiteError::NotFound
}

/// Counts that an app asks for its token, and returns whether it has waited long enough.
pub(crate) fn admits_poll(site: &Site, app: &Secret) -> bool {
    site.limits.admit_poll(&app.digest().to_string())
}

fn within(
    site: &Site,
    is_within: bool,
    (limit, client): (RequestLimit, IpAddr),
    notice: Notice,
) -> Result<(), SiteError> {
    if is_within {
        return Ok(());
    }
    site.log_limit(limit, Some(client), None);
    Err(notice.into())
}
