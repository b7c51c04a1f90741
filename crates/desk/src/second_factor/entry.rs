//! `/desk/second-factor`: showing a second factor, after signing in and to confirm who one is.

use std::sync::Arc;

use axum::extract::{Query, State};
use http::StatusCode;
use masthead_publication::step_up::confirm_address;
use masthead_web::form::safe_local_path;
use serde::{Deserialize, Serialize};

use super::code::{Checked, check};
use crate::{
    error::Handled,
    form::{StaffForm, form_status},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct SecondFactorPage {
    /// The path to return to.
    from: String,
    authenticator: bool,
    /// Where to sign in with a passkey; empty if there is none.
    passkey: String,
    fault: &'static str,
}

impl Page for SecondFactorPage {
    const TEMPLATE: &'static str = "second-factor.html";

    fn status(&self) -> StatusCode {
        form_status(self.fault)
    }
}

#[derive(Deserialize)]
pub(crate) struct FromQuery {
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
pub(crate) struct CodeForm {
    code: String,
    #[serde(default)]
    from: String,
}

/// `GET /desk/second-factor`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<FromQuery>,
) -> Handled {
    show(&desk, &staff, &query.from, "").await
}

/// `POST /desk/second-factor`
pub(crate) async fn enter(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<CodeForm>,
) -> Handled {
    let fault = match check(&desk, &staff, &form.code).await? {
        Checked::Right => {
            desk.store.strengthen_session(&staff.session, desk.now()).await?;
            return Ok(see_other(return_path(&form.from)));
        }
        Checked::Wrong => "factor_fault_wrong",
        Checked::TooMany => "factor_fault_many_else",
    };
    show(&desk, &staff, &form.from, staff.words.text(fault)).await
}

async fn show(desk: &DeskState, staff: &CurrentStaff, from: &str, fault: &'static str) -> Handled {
    let relying_party = desk.relying_party();
    let factors = desk.store.second_factors(staff.account.id, relying_party.as_deref()).await?;
    let from = return_path(from);
    let page = SecondFactorPage {
        from: from.to_owned(),
        authenticator: factors.authenticator,
        passkey: if factors.passkeys > 0 { confirm_address(from) } else { String::new() },
        fault,
    };
    Ok(desk.page(staff, &page))
}

fn return_path(from: &str) -> &str {
    match safe_local_path(from) {
        "/" => "/desk",
        path => path,
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SecondFactorPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                from: "/desk".into(),
                authenticator: true,
                passkey: "/sign-in".into(),
                fault: "Wrong",
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SecondFactorPage>();
    }
}
