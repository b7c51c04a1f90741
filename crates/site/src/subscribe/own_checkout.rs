//! The checkout that a path names by its secret.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use masthead_circulation::{Checkout, Secret};

use crate::{
    error::SiteError,
    extract::{MaybeSignedIn, UrlPath},
    notice::Notice,
    state::Site,
};

/// A checkout of the signed-in reader. Those of others are not there.
pub(super) struct OwnCheckout {
    pub(super) secret: Secret,
    pub(super) checkout: Checkout,
}

impl OwnCheckout {
    /// The path at which the reader comes back from paying.
    pub(super) fn path(&self) -> String {
        format!("/checkout/pay/{}", self.secret)
    }
}

impl FromRequestParts<Arc<Site>> for OwnCheckout {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, SiteError> {
        let UrlPath(secret) = UrlPath::<String>::from_request_parts(parts, site).await?;
        let MaybeSignedIn(reader) = MaybeSignedIn::from_request_parts(parts, site).await?;
        let reader = reader.ok_or(Notice::NoCheckout)?;
        let secret = secret.parse::<Secret>().map_err(|_| Notice::NoCheckout)?;
        let found = site.store.checkout(&secret.digest()).await?;
        let own = found.filter(|checkout| checkout.account == Some(reader.account));
        Ok(Self { checkout: own.ok_or(Notice::NoCheckout)?, secret })
    }
}
