//! The addresses of what staff decide about money: debts, disputes, and payments whose account is deleted.

use axum::routing::post;

use super::{Route, SUPPORT_READERS, route};
use crate::readers::{payment, support_actions};

pub(super) fn money() -> Vec<Route> {
    vec![
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/subscriptions/{key}/termination",
            post(support_actions::end_disputed),
        )
        .confirmed(),
        route(
            SUPPORT_READERS,
            "/desk/readers/{number}/debts/{key}/forgiveness",
            post(support_actions::forgive),
        )
        .confirmed(),
        route(SUPPORT_READERS, "/desk/payments/{number}/refund", post(payment::refund)).confirmed(),
        route(SUPPORT_READERS, "/desk/payments/{number}/keep", post(payment::keep)),
    ]
}
