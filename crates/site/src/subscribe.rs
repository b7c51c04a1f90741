//! Buying: the offers, agreeing to one of them, and the way to the payment page and back.

mod checkout;
mod offers;
mod own_checkout;
pub(crate) mod payment_page;
mod returning;
mod sandbox;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

pub(crate) use self::offers::order_words;
use crate::{error_pages::failing_with, notice::Notice, state::Site};

/// The addresses of buying.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/offers", get(offers::offers))
        .route("/checkout", get(offers::choose))
        .route(
            "/checkout/{name}",
            get(checkout::page)
                .post(checkout::begin)
                .layer(from_fn_with_state(Notice::CheckoutNotBegun, failing_with)),
        )
        .route("/checkout/{name}/sign-in", post(checkout::identify))
        .route(
            "/checkout/pay/{secret}",
            get(returning::finish)
                .layer(from_fn_with_state(Notice::CheckoutUnanswered, failing_with)),
        )
        .route("/checkout/pay/{secret}/cancelled", get(returning::cancelled))
        .route("/checkout/pay/{secret}/sandbox", get(sandbox::page).post(sandbox::pay))
        .route("/checkout/pay/{secret}/sandbox/confirmation", post(sandbox::confirm))
}
