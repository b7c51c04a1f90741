//! `/desk/security`: what protects one's own account at the desk.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use crate::{error::Handled, staff::CurrentStaff, state::DeskState, templates::Page};

#[derive(Default, Serialize)]
struct SecurityPage {
    authenticator: bool,
    passkeys: u64,
    recovery_codes: u64,
    /// The digest of these codes: a form replaces the codes that its page knew, and no others.
    codes: String,
    /// What did not happen.
    notice: &'static str,
    /// Whether the role needs a second factor.
    required: bool,
}

impl Page for SecurityPage {
    const TEMPLATE: &'static str = "security.html";
}

/// `GET /desk/security`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    show(&desk, &staff, "").await
}

/// The page, with what did not happen.
pub(super) async fn show(desk: &DeskState, staff: &CurrentStaff, notice: &'static str) -> Handled {
    let relying_party = desk.relying_party();
    let factors = desk.store.second_factors(staff.account.id, relying_party.as_deref()).await?;
    let required = desk.store.roles_with_second_factor().await?.contains(&staff.staff.role);
    let page = SecurityPage {
        authenticator: factors.authenticator,
        passkeys: factors.passkeys,
        recovery_codes: factors.recovery_codes,
        codes: desk.store.recovery_codes_digest(staff.account.id).await?.to_string(),
        notice,
        required,
    };
    Ok(desk.page(staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for SecurityPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                authenticator: true,
                passkeys: 2,
                recovery_codes: 9,
                codes: "digest".into(),
                notice: "Nothing was changed.",
                required: true,
            };
            vec![Self::default(), Self { required: true, ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<SecurityPage>();
    }
}
