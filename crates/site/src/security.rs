//! What the site writes to the security log.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::StatusCode;
use masthead_access::network;
use masthead_circulation::AccountId;
use masthead_telemetry::security::{SecurityEntry, SecurityEvent, SecurityOrigin};
use masthead_web::client::origin;

use crate::{extract::SignedIn, state::Site};

/// How somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInMethod {
    Link,
    Code,
    Passkey,
    Openid,
}

impl SignInMethod {
    /// The word in the security log.
    fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Code => "code",
            Self::Passkey => "passkey",
            Self::Openid => "openid",
        }
    }
}

/// A limit on requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestLimit {
    Forms,
    SignInEmails,
    OfferCodes,
    Searches,
    Checkouts,
    Feeds,
    Streams,
    AddressChanges,
    Exports,
    LivePosts,
}

impl RequestLimit {
    /// The word in the security log.
    fn name(self) -> &'static str {
        match self {
            Self::Forms => "forms",
            Self::SignInEmails => "sign-in-emails",
            Self::OfferCodes => "offer-codes",
            Self::Searches => "searches",
            Self::Checkouts => "checkouts",
            Self::Feeds => "feeds",
            Self::Streams => "streams",
            Self::AddressChanges => "address-changes",
            Self::Exports => "exports",
            Self::LivePosts => "live-posts",
        }
    }
}

/// Logs attempts to sign in that are refused, around an address where people do. Those that work are logged when their session
/// begins.
pub(crate) async fn failed_sign_ins(
    State((site, method)): State<(Arc<Site>, SignInMethod)>,
    request: Request,
    next: Next,
) -> Response {
    let origin = origin(request.extensions(), request.headers());
    let response = next.run(request).await;
    let status = response.status();
    // The limit has an entry of its own.
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        let entry = SecurityEntry::failure(SecurityEvent::SignIn, &origin);
        site.security_log.record(&entry.detail(method.name()));
    }
    response
}

impl Site {
    /// Logs that somebody has signed in. Staff are told from readers, because their sessions open more.
    pub(crate) fn log_sign_in(
        &self,
        origin: &SecurityOrigin,
        account: AccountId,
        (method, is_staff): (SignInMethod, bool),
    ) {
        let entry = SecurityEntry::success(SecurityEvent::SignIn, origin);
        let entry = entry.by(account.0).of_staff(is_staff);
        let role = if is_staff { "staff" } else { "reader" };
        self.security_log.record(&entry.detail(method.name()).subject(Some(role.to_owned())));
    }

    /// Logs that a limit was reached.
    pub(crate) fn log_limit(
        &self,
        limit: RequestLimit,
        from: Option<IpAddr>,
        account: Option<AccountId>,
    ) {
        let origin = SecurityOrigin { network: from.map(network::name), request: None };
        let entry = SecurityEntry::failure(SecurityEvent::RateLimited, &origin);
        let entry = entry.detail(limit.name()).by(account.map(|account| account.0));
        self.security_log.record(&entry);
    }
}

impl SignedIn {
    /// An entry about something that this reader has done.
    pub(crate) fn entry(&self, event: SecurityEvent) -> SecurityEntry<'_> {
        let entry = SecurityEntry::success(event, &self.origin).by(self.account.id.0);
        entry.of_staff(self.cached.is_staff())
    }

    /// Logs that this reader has done something.
    pub(crate) fn log(&self, site: &Site, event: SecurityEvent) {
        site.security_log.record(&self.entry(event));
    }
}
