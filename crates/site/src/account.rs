//! What belongs to a reader with an account: registering and signing in by mail, with a passkey or with an account
//! elsewhere, and the account page.
//!
//! Actions are resources that forms post to. Every form must come from a page of ours ([`form`]), and
//! nothing on these pages may be kept by any cache.

mod address;
mod admission;
mod app;
mod invoice;
mod openid;
pub(crate) mod page;
mod passkey;
mod sign_in;
mod subscription;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::state::Site;

/// The addresses of accounts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/register", get(sign_in::register).post(sign_in::ask_to_register))
        .route("/sign-in", get(sign_in::sign_in).post(sign_in::ask_to_sign_in))
        .route("/sign-in/sent", get(sign_in::sent))
        .route("/sign-in/code", post(sign_in::by_code))
        .route("/sign-in/with/{link}", get(sign_in::by_link))
        .route("/sign-in/openid/{provider}", get(openid::depart))
        .route("/sign-in/openid/{provider}/answer", get(openid::arrive))
        .route("/sign-in/passkey", post(passkey::sign_in))
        .route("/sign-in/passkey/challenge", post(passkey::challenge))
        .route("/sign-in/app", get(app::page).post(app::answer))
        .route("/account", get(page::account))
        .route("/account/name", post(page::name))
        .route("/account/address", post(address::ask))
        .route("/account/address/{secret}", get(address::see).post(address::agree))
        .route("/account/passkeys", post(passkey::add))
        .route("/account/passkeys/challenge", post(passkey::offer))
        .route("/account/passkeys/{id}/removal", post(passkey::remove))
        .route("/account/sessions/end", post(page::end_sessions))
        .route("/account/sessions/{key}/end", post(page::end_session))
        .route("/account/subscriptions/{number}/cancellation", post(subscription::cancel))
        .route("/account/subscriptions/{number}/continuation", post(subscription::go_on))
        .route("/account/subscriptions/{number}/rest", post(subscription::rest))
        .route("/account/subscriptions/{number}/card", post(subscription::mend))
        .route("/account/subscriptions/{number}/price", post(subscription::switch))
        .route("/account/invoices/{number}", get(invoice::invoice))
        .route("/account/data.json", get(page::data))
        .route("/account/deletion", post(page::delete))
}
