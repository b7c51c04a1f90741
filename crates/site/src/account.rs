//! What belongs to a reader with an account: registering and signing in by email, with a passkey or with an account
//! elsewhere, and the account page.
//!
//! Actions are resources that forms post to. The layers around them (`error_pages`) refuse forms of other sites, and
//! no cache may store any of these pages.

mod address;
mod admission;
mod app;
mod cancellation;
mod ending;
mod export;
mod identity;
mod invoice;
mod kept_form;
mod openid;
mod own_ending;
mod page;
mod passkey;
mod plan_change;
pub(crate) mod sign_in;
mod subscription;
pub(crate) mod subscription_view;
mod withdrawal;

use std::sync::Arc;

pub use export::{AccountData, account_data};

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{
    error_pages::failing_with,
    notice::Notice,
    security::{SignInMethod, failed_sign_ins},
    state::Site,
};

/// The addresses of accounts.
pub(crate) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let logged = |method| from_fn_with_state((Arc::clone(site), method), failed_sign_ins);
    Router::new()
        .route("/register", get(sign_in::register).post(sign_in::request_to_register))
        .route("/sign-in", get(sign_in::sign_in).post(sign_in::request_to_sign_in))
        .route("/sign-in/sent", get(sign_in::sent))
        .route("/sign-in/code", post(sign_in::by_code).layer(logged(SignInMethod::Code)))
        .route("/sign-in/with/{link}", get(sign_in::by_link).layer(logged(SignInMethod::Link)))
        .route("/sign-in/openid/{provider}", get(openid::start))
        .route(
            "/sign-in/openid/{provider}/answer",
            get(openid::finish).layer(logged(SignInMethod::Openid)),
        )
        .route("/sign-in/app", get(app::page).post(app::answer))
        .route("/sign-in/form/{secret}", get(kept_form::page))
        .route("/account", get(page::account))
        .route("/account/name", post(page::name))
        .route("/account/delivery", post(page::change_delivery))
        .route("/account/delivery/removal", post(page::remove_delivery))
        .route("/account/address", post(address::request))
        .route("/account/address/{secret}", get(address::page).post(address::confirm))
        .route("/account/passkeys/{id}/removal", post(passkey::remove))
        .route("/account/identities/removal", post(identity::remove))
        .route("/account/sessions/end", post(page::end_sessions))
        .route("/account/signed-out", get(page::is_signed_out))
        .route("/account/sessions/{key}/end", post(page::end_session))
        .route("/account/subscriptions/{number}/cancellation", post(subscription::cancel))
        .route("/account/subscriptions/{number}/continuation", post(subscription::resume))
        .route("/account/continuation", post(subscription::end_pause))
        .route("/account/subscriptions/{number}/rest", post(subscription::pause))
        .route("/account/subscriptions/{number}/card", post(subscription::change_card))
        .route("/account/subscriptions/{number}/price", post(plan_change::change))
        .route("/cancel", get(cancellation::page).post(cancellation::request))
        .route("/cancel/{link}", get(cancellation::confirm_page).post(cancellation::confirm))
        .route("/withdraw", get(withdrawal::page).post(withdrawal::request))
        .route(
            "/withdraw/{link}",
            get(withdrawal::confirmation::confirm_page).post(withdrawal::confirmation::confirm),
        )
        .route(
            "/account/withdrawal",
            get(withdrawal::confirmation::own_page).post(withdrawal::confirmation::confirm_own),
        )
        .route("/account/invoices/{number}", get(invoice::invoice))
        .route("/account/data.json", get(export::data))
        .route(
            "/account/deletion",
            post(page::delete).layer(from_fn_with_state(Notice::AccountNotDeleted, failing_with)),
        )
}

/// The addresses that the script on these pages asks.
pub(crate) fn script_routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let logged = from_fn_with_state((Arc::clone(site), SignInMethod::Passkey), failed_sign_ins);
    Router::new()
        .route("/sign-in/passkey", post(passkey::sign_in).layer(logged))
        .route("/sign-in/passkey/challenge", post(passkey::sign_in_challenge))
        .route("/account/passkeys", post(passkey::add))
        .route("/account/passkeys/challenge", post(passkey::registration_challenge))
}
