//! The device behind a request, as its cookies describe it.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use masthead_access::token::Token;
use masthead_circulation::{AccountId, Digest, EmailAddress, Secret};
use masthead_telemetry::security::SecurityOrigin;
use masthead_web::{client::origin, cookies, device, form::safe_local_path};

use super::session::current;
use crate::{error::SiteError, state::Site};

/// What its reader would call the device.
pub(crate) struct DeviceName(pub(crate) String);

impl FromRequestParts<Arc<Site>> for DeviceName {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let unknown = || site.snapshot().theme.word("device_unknown").to_owned();
        Ok(Self(device::name(&parts.headers).unwrap_or_else(unknown)))
    }
}

/// The secret of a device that has requested a sign-in.
pub(crate) struct DeviceSecret(pub(crate) Option<Secret>);

impl FromRequestParts<Arc<Site>> for DeviceSecret {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(Self(secret(&parts.headers, site.cookies.device)))
    }
}

impl DeviceSecret {
    /// The device's secret, or a new one if it has none. Links that were requested before stay good on this device.
    pub(crate) fn or_new(self) -> Secret {
        self.0.unwrap_or_else(|| Secret::generate(&mut rand::rng()))
    }
}

/// The latest sign-in that this device has requested, as its cookie has it.
pub(crate) struct AskedSignIn {
    /// The address that the email was sent to; `None` if the device has requested none.
    pub(crate) email: Option<EmailAddress>,
    /// The path to go to afterwards; `/` if none is known.
    pub(crate) from: String,
}

impl AskedSignIn {
    /// The value of its cookie. Both are kept on the device and not looked up by its secret, so that the page does not tell
    /// whether an email was sent.
    pub(crate) fn value(email: &EmailAddress, from: &str) -> String {
        let mut value = url::form_urlencoded::Serializer::new(String::new());
        value.append_pair("to", email.as_str());
        if from != "/" {
            value.append_pair("from", from);
        }
        value.finish()
    }

    fn parse(value: &str) -> Self {
        let find = |wanted: &str| {
            let mut pairs = url::form_urlencoded::parse(value.as_bytes());
            pairs.find(|(name, _)| name == wanted).map(|(_, value)| value)
        };
        Self {
            email: find("to").and_then(|email| email.parse().ok()),
            from: safe_local_path(find("from").as_deref().unwrap_or("/")).to_owned(),
        }
    }
}

impl FromRequestParts<Arc<Site>> for AskedSignIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let value = cookies::get(&parts.headers, site.cookies.asked).unwrap_or_default();
        Ok(Self::parse(value))
    }
}

/// A device that may be about to sign in, or to buy.
pub(crate) struct Device {
    /// What its reader would call it.
    pub(crate) name: String,
    /// The key of the session in its cookie, which may be over.
    pub(crate) session: Option<Digest>,
    /// The account that is signed in on it.
    pub(crate) account: Option<AccountId>,
    /// The secret by which it is known, if it was signed in before.
    pub(crate) known: Option<Secret>,
    /// The reader token of its anonymous meter.
    pub(crate) token: Option<Token>,
    /// Where the request comes from.
    pub(crate) origin: SecurityOrigin,
}

impl FromRequestParts<Arc<Site>> for Device {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let Ok(DeviceName(name)) = DeviceName::from_request_parts(parts, site).await;
        let headers = &parts.headers;
        Ok(Self {
            name,
            session: secret(headers, site.cookies.session).map(|secret| secret.digest()),
            account: current(site, headers).await?.map(|(session, _)| session.account),
            known: secret(headers, site.cookies.known),
            token: site.anonymous_meter.token_of(headers),
            origin: origin(&parts.extensions, headers),
        })
    }
}

fn secret(headers: &HeaderMap, cookie: &str) -> Option<Secret> {
    cookies::get(headers, cookie)?.parse().ok()
}
