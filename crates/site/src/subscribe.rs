//! Buying: the offers, agreeing to one of them, and the way to the till and back.

pub(crate) mod checkout;
mod offers;
mod till;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use jiff::Timestamp;
use masthead_circulation::{History, entitlement};

use crate::state::Site;
use masthead_publication::CachedAccount;

/// The addresses of buying.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/offers", get(offers::offers))
        .route("/checkout/{name}", get(checkout::page).post(checkout::begin))
        .route("/checkout/pay/{secret}", get(checkout::back))
        .route("/checkout/pay/{secret}/sandbox", get(till::page).post(till::pay))
        .route("/checkout/pay/{secret}/sandbox/confirmation", post(till::confirm))
}

/// What a reader has had, who may not be signed in.
fn history_of(member: Option<&CachedAccount>, now: Timestamp) -> History {
    member.map_or(History::New, |member| entitlement::history(&member.subscriptions(), now))
}
