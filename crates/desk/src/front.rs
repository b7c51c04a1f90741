//! The front page of the desk: where one is, and what there is to do.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use masthead_circulation::staff::Permission;
use masthead_store::StoreError;
use serde::Serialize;

use crate::{Desk, gate::Inside, people};

#[derive(Serialize)]
struct Front {
    role: &'static str,
    about: &'static str,
    /// Whether they have no passkey yet.
    no_passkey: bool,
    /// Whether nobody else works here, and this one could ask somebody.
    alone: bool,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    let made = async {
        let account = insider.account.id;
        let may_appoint = insider.staff.role.may(Permission::Appoint);
        let others = may_appoint && desk.on.store.everybody_at_the_desk().await?.len() > 1;
        Ok::<_, StoreError>(Front {
            role: people::word(insider.staff.role),
            about: people::about(insider.staff.role),
            no_passkey: desk.on.store.passkeys_of(account).await?.is_empty(),
            alone: may_appoint && !others,
        })
    };
    match made.await {
        Ok(front) => desk.page(StatusCode::OK, Some(&insider), "front.html", &front),
        Err(error) => desk.failed(&error),
    }
}
