//! Signed-in readers who have confirmed a moment ago who they are, for what a stolen session must not do. Others sign in
//! again first, and go on where they were.
//!
//! To protect another address: take one of these extractors in its handler, and name the address in [`CONFIRMED`], from which
//! a test asks every one with an older session.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::{Method, request::Parts};
use masthead_circulation::{Secret, staff::SecondFactors};
use masthead_publication::step_up::{Confirmation, confirm_address, confirmation, keep_form};
use masthead_store::{KeptForm, StoreError};
use masthead_web::form;
use serde::de::DeserializeOwned;

use super::{
    input::{MAX_CHARACTERS, ReaderForm},
    session::SignedIn,
};
use crate::{error::SiteError, state::Site};

/// Every address that needs a recent sign-in.
pub const CONFIRMED: [(Method, &str); 10] = [
    (Method::GET, "/sign-in/app"),
    (Method::POST, "/sign-in/app"),
    (Method::GET, "/sign-in/form/{secret}"),
    (Method::GET, "/account/data.json"),
    (Method::POST, "/account/address"),
    (Method::POST, "/account/deletion"),
    (Method::POST, "/account/identities/removal"),
    (Method::POST, "/account/passkeys"),
    (Method::POST, "/account/passkeys/challenge"),
    (Method::POST, "/account/passkeys/{id}/removal"),
];

/// The reader of a page, who comes back to it once they have signed in again. For requests without a form that is worth
/// keeping.
pub(crate) struct ConfirmedReader(pub(crate) SignedIn);

impl FromRequestParts<Arc<Site>> for ConfirmedReader {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let here = if parts.method.is_safe() {
            parts.uri.path_and_query().map_or("/account", |here| here.as_str()).to_owned()
        } else {
            "/account".to_owned()
        };
        let Some(reader) = Option::<SignedIn>::from_request_parts(parts, site).await? else {
            let is_page = parts.method.is_safe();
            return Err(if is_page {
                see_other(confirm_address(&here))
            } else {
                SiteError::SIGN_IN
            });
        };
        match confirmation_of(site, &reader).await? {
            Some(Confirmation::Done) => Ok(Self(reader)),
            Some(missing) => Err(see_other(missing.address(&here))),
            None if parts.method.is_safe() => Err(see_other(confirm_address(&here))),
            None => Err(SiteError::SIGN_IN),
        }
    }
}

/// A form of a reader. It is kept while they sign in again.
pub(crate) struct ConfirmedForm<T> {
    pub(crate) reader: SignedIn,
    pub(crate) form: T,
}

impl<T: DeserializeOwned + 'static> FromRequest<Arc<Site>> for ConfirmedForm<T> {
    type Rejection = SiteError;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, SiteError> {
        let (mut parts, body) = request.into_parts();
        let reader = SignedIn::from_request_parts(&mut parts, site).await?;
        let request = Request::from_parts(parts, body);
        match confirmation_of(site, &reader).await? {
            None => Err(SiteError::SIGN_IN),
            Some(Confirmation::Done) => {
                let ReaderForm(form) = ReaderForm::from_request(request, site).await?;
                Ok(Self { reader, form })
            }
            Some(missing) => Err(see_other(missing.address(&keep(site, &reader, request).await?))),
        }
    }
}

/// How a reader confirms that it is still them. Returns `None` if the session has been ended, of which this server may not have
/// heard yet.
async fn confirmation_of(
    site: &Site,
    reader: &SignedIn,
) -> Result<Option<Confirmation>, StoreError> {
    let account = reader.account.id;
    let factors = match site.store.staff(account).await? {
        Some(_) => {
            let relying_party = site.relying_party();
            site.store.second_factors(account, relying_party.as_deref()).await?
        }
        None => SecondFactors::default(),
    };
    let Some(session) = site.store.session(&reader.session.key).await? else {
        site.accounts.forget_sessions([reader.session.key]).await;
        return Ok(None);
    };
    Ok(Some(confirmation(&session, factors, (site.clock)())))
}

fn see_other(address: String) -> SiteError {
    SiteError::SeeOther(address.into())
}

/// Keeps a form. Returns the path where it is shown again.
async fn keep(site: &Site, reader: &SignedIn, request: Request) -> Result<String, SiteError> {
    let path = request.uri().path().to_owned();
    let body = form::read_body(request, MAX_CHARACTERS).await?;
    let kept = KeptForm { account: reader.account.id, path, body };
    let secret = Secret::generate(&mut rand::rng());
    Ok(keep_form(&site.store, &secret, &kept, (site.clock)()).await?)
}
