//! What a reader sends: forms, and parts of the URL.

use std::{convert::Infallible, sync::Arc};

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use http::{Uri, request::Parts};
use masthead_circulation::{EndingRequest, delivery};
use masthead_web::form::{self, FormError};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{error::SiteError, return_to, state::Site};

/// The characters of the longest texts in a form of readers: the name and the lines of a delivery address, a note and a name.
pub(super) const MAX_CHARACTERS: usize = 9 * delivery::MAX_LINE + EndingRequest::MAX_NOTE + 100;

/// The parsed form of a request, within the limits of size and time in [`masthead_web::form`]. The layers in
/// `error_pages` have checked that it comes from a page of this site.
pub(crate) struct ReaderForm<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest<Arc<Site>> for ReaderForm<T> {
    type Rejection = SiteError;

    async fn from_request(request: Request, _: &Arc<Site>) -> Result<Self, SiteError> {
        Ok(Self(form::read_cross_site(request, MAX_CHARACTERS).await?))
    }
}

/// The form of a button.
#[derive(Deserialize)]
pub(crate) struct EmptyForm {}

/// A parsed parameter of the path. If it cannot be parsed, there is nothing at the address.
pub(crate) struct UrlPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Site>> for UrlPath<T> {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let path = Path::<T>::from_request_parts(parts, site).await;
        path.map(|Path(value)| Self(value)).map_err(|_| SiteError::NotFound)
    }
}

/// The parsed query.
pub(crate) struct UrlQuery<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Site>> for UrlQuery<T> {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let query = Query::<T>::from_request_parts(parts, site).await;
        query.map(|Query(value)| Self(value)).map_err(|_| FormError::Malformed.into())
    }
}

/// The value of a parameter in the query, as it is written there: neither its name nor its value is decoded.
pub(crate) fn query_value<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The path of the page that a request comes from; `/` if it is not one of this site.
pub(crate) struct Referrer(pub(crate) String);

impl FromRequestParts<Arc<Site>> for Referrer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let snapshot = site.live.peek();
        Ok(Self(return_to::referrer_path(&parts.headers, &snapshot.publication.address)))
    }
}

/// The path of the page that a reader was reading; `/` if it is not one to read.
pub(crate) struct ReturnPath(pub(crate) String);

impl FromRequestParts<Arc<Site>> for ReturnPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let snapshot = site.live.peek();
        Ok(Self(return_to::return_path(&parts.headers, &snapshot.publication.address)))
    }
}
