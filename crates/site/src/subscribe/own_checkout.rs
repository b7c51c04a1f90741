//! The checkout that a path names by its secret.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use masthead_circulation::{Checkout, Secret};
use masthead_web::form::encode_query;
use serde::Deserialize;

use crate::{
    error::SiteError,
    extract::{MaybeSignedIn, UrlPath, UrlQuery},
    notice::Notice,
    state::Site,
};

/// A checkout of the signed-in reader. Those of others are not there.
pub(super) struct OwnCheckout {
    pub(super) secret: Secret,
    pub(super) checkout: Checkout,
    /// The code with which it was begun; empty without one.
    pub(super) code: String,
}

#[derive(Deserialize)]
struct CodeQuery {
    #[serde(default)]
    code: String,
}

impl OwnCheckout {
    /// The path at which the reader comes back from paying.
    pub(super) fn path(&self) -> String {
        payment_path(&self.secret, "", "")
    }

    /// The path of a page on the way to paying, which has the code.
    pub(super) fn step(&self, step: &str) -> String {
        payment_path(&self.secret, step, &self.code)
    }
}

/// The path of a step of a checkout, with the code of what is bought.
pub(super) fn payment_path(secret: &Secret, step: &str, code: &str) -> String {
    let code =
        if code.is_empty() { String::new() } else { format!("?code={}", encode_query(code)) };
    format!("/checkout/pay/{secret}{step}{code}")
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
        let UrlQuery(CodeQuery { code }) = UrlQuery::from_request_parts(parts, site).await?;
        Ok(Self { checkout: own.ok_or(Notice::NoCheckout)?, secret, code })
    }
}
