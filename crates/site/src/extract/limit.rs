//! Limits on requests, as extractors: a handler that takes one is called only within the limit.

use std::{marker::PhantomData, net::IpAddr, sync::Arc};

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};
use masthead_circulation::{AccountId, EmailAddress, Secret};

use super::{client, session::SignedIn};
use crate::{error::SiteError, limits::Limits, notice::Notice, state::Site};

/// What is limited for each network.
pub(crate) trait NetworkLimit {
    /// What is told beyond the limit.
    const NOTICE: Notice;

    /// Counts a request for `uri` and returns whether it is within the limit.
    fn admits(limits: &Limits, client: IpAddr, uri: &Uri) -> bool;
}

/// Admits a request that is within the limit `L` of its network.
pub(crate) struct Limited<L>(PhantomData<L>);

impl<L: NetworkLimit> FromRequestParts<Arc<Site>> for Limited<L> {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let client = client::address(site, parts);
        within(L::admits(&site.limits, client, &parts.uri), L::NOTICE)?;
        Ok(Self(PhantomData))
    }
}

/// Attempts to sign in, and what leads to emails.
pub(crate) struct SignIns;

impl NetworkLimit for SignIns {
    const NOTICE: Notice = Notice::TooManyEmails;

    fn admits(limits: &Limits, client: IpAddr, _: &Uri) -> bool {
        limits.admit_form(client)
    }
}

/// Codes of apps that are tried: they are short enough to be guessed.
pub(crate) struct AppCodes;

impl NetworkLimit for AppCodes {
    const NOTICE: Notice = Notice::TooManyEmails;

    fn admits(limits: &Limits, client: IpAddr, uri: &Uri) -> bool {
        !has_code(uri) || limits.admit_form(client)
    }
}

/// Codes of offers that are tried.
pub(crate) struct OfferCodes;

impl NetworkLimit for OfferCodes {
    const NOTICE: Notice = Notice::TooManyCodes;

    fn admits(limits: &Limits, client: IpAddr, uri: &Uri) -> bool {
        !has_code(uri) || limits.admit_code(client)
    }
}

/// Checkouts and payments.
pub(crate) struct Payments;

impl NetworkLimit for Payments {
    const NOTICE: Notice = Notice::TooManyCheckouts;

    fn admits(limits: &Limits, client: IpAddr, _: &Uri) -> bool {
        limits.admit_form(client)
    }
}

fn has_code(uri: &Uri) -> bool {
    query_value(uri, "code").is_some_and(|code| !code.is_empty())
}

/// The value of a parameter in the query, as it is written there.
pub(crate) fn query_value<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
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
    within(site.limits.admit_checkout(account), Notice::TooManyCheckouts)
}

/// Counts an email to an address, which only the parsed form names.
///
/// # Errors
///
/// If too many were sent there.
pub(crate) fn admit_email(site: &Site, to: &EmailAddress) -> Result<(), SiteError> {
    within(site.limits.admit_letter(to.as_str()), Notice::TooManyEmails)
}

/// Counts that an app asks for its token, and returns whether it has waited long enough.
pub(crate) fn admits_poll(site: &Site, app: &Secret) -> bool {
    site.limits.admit_question(&app.digest().to_string())
}

fn within(limit: bool, notice: Notice) -> Result<(), SiteError> {
    if limit { Ok(()) } else { Err(notice.into()) }
}
