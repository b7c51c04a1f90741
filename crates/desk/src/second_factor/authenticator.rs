//! `/desk/security/authenticator`: setting up an authenticator app, its recovery codes, and removing it.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use masthead_circulation::Digest;
use masthead_identity::totp::{SECRET_BYTES, Totp};
use masthead_mail::emails::SecurityNotice;
use masthead_store::{Authenticator, Email, FactorChange};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{
    code::{CodeKind, claim_attempt, recovery_codes},
    notice_email,
    qr::QrPicture,
    security,
};
use crate::{
    error::{DeskError, Handled},
    form::{StaffForm, form_status},
    http::see_other,
    security_log::nothing_changed,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct AuthenticatorPage {
    /// The secret, in groups that can be typed.
    key: String,
    /// The address that opens an app on the same device.
    address: String,
    /// The same for an app on another device; `None` if it is too long for a picture.
    qr: Option<QrPicture>,
    fault: &'static str,
}

impl Page for AuthenticatorPage {
    const TEMPLATE: &'static str = "authenticator.html";

    fn status(&self) -> StatusCode {
        form_status(self.fault)
    }
}

#[derive(Default, Serialize)]
struct RecoveryCodesPage {
    codes: Vec<String>,
}

impl Page for RecoveryCodesPage {
    const TEMPLATE: &'static str = "recovery-codes.html";
}

#[derive(Deserialize)]
pub(crate) struct ConfirmationForm {
    code: String,
}

#[derive(Deserialize)]
pub(crate) struct RenewalForm {
    /// The digest of the codes that are replaced.
    #[serde(default)]
    codes: String,
}

/// The word for it when a reload of the page with the codes sends its form again.
const SHOWN_ONCE: &str = "factor_shown_once";
const NOT_RENEWED: &str = "factor_not_renewed";

/// `POST /desk/security/authenticator`
pub(crate) async fn begin(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let mut secret = [0; SECRET_BYTES];
    rand::rng().fill_bytes(&mut secret);
    desk.store.begin_authenticator(staff.account.id, &secret, desk.now()).await?;
    Ok(see_other("/desk/security/authenticator"))
}

/// `GET /desk/security/authenticator`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    show(&desk, &staff, "").await
}

async fn show(desk: &DeskState, staff: &CurrentStaff, fault: &'static str) -> Handled {
    let Some((_, totp)) = pending(desk, staff).await? else {
        return Ok(unchanged());
    };
    let key = totp.key();
    let groups = key.as_bytes().chunks(4).map(String::from_utf8_lossy);
    let address = totp.address(&desk.publication().name, staff.account.email.as_str());
    let page = AuthenticatorPage {
        key: groups.collect::<Vec<_>>().join(" "),
        qr: QrPicture::new(&address),
        address,
        fault,
    };
    Ok(desk.page(staff, &page))
}

/// The app that is being set up.
async fn pending(
    desk: &DeskState,
    staff: &CurrentStaff,
) -> Result<Option<(Authenticator, Totp)>, DeskError> {
    let app = desk.store.authenticator(staff.account.id).await?.filter(|app| !app.confirmed);
    Ok(app.and_then(|app| {
        let totp = Totp::new(&app.secret)?;
        Some((app, totp))
    }))
}

/// `POST /desk/security/authenticator/confirmation`
pub(crate) async fn confirm(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<ConfirmationForm>,
) -> Handled {
    let account = staff.account.id;
    if !claim_attempt(&desk, &staff, CodeKind::App).await? {
        return show(&desk, &staff, staff.words.text("factor_fault_many")).await;
    }
    let pending = pending(&desk, &staff).await?;
    if pending.is_none() {
        return done_before(&desk, &staff, SHOWN_ONCE).await;
    }
    let compared = pending
        .and_then(|(app, totp)| Some((app, totp.step_of(&form.code, desk.now().as_second())?)));
    let Some((app, step)) = compared else {
        return show(&desk, &staff, staff.words.text("factor_fault_clock")).await;
    };
    let (codes, digests) = recovery_codes();
    let told = [notice_email(&desk, &staff, SecurityNotice::AuthenticatorAdded)?];
    let change = change(&desk, &staff, &told);
    if !desk.store.confirm_authenticator(account, &app, step, &digests, change).await? {
        return Ok(unchanged());
    }
    desk.outbox_wakeup.notify_one();
    desk.store.strengthen_session(&staff.session, desk.now()).await?;
    Ok(desk.page(&staff, &RecoveryCodesPage { codes }))
}

/// The answer to a form that was sent before; without an app, no form has done anything.
async fn done_before(desk: &DeskState, staff: &CurrentStaff, notice: &str) -> Handled {
    let app = desk.store.authenticator(staff.account.id).await?;
    if app.is_some_and(|app| app.confirmed) {
        Ok(nothing_changed(security::show(desk, staff, staff.words.text(notice)).await?))
    } else {
        Ok(unchanged())
    }
}

/// `POST /desk/security/authenticator/removal`
pub(crate) async fn remove(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let told = [notice_email(&desk, &staff, SecurityNotice::AuthenticatorRemoved)?];
    let change = change(&desk, &staff, &told);
    if !desk.store.remove_authenticator(staff.account.id, change).await? {
        return Ok(unchanged());
    }
    desk.outbox_wakeup.notify_one();
    Ok(see_other("/desk/security"))
}

/// Redirects to the page that shows what is set up, after nothing was changed.
fn unchanged() -> Response {
    nothing_changed(see_other("/desk/security"))
}

/// A change of a second factor, which ends the other sessions of its owner and tells them.
fn change<'a>(desk: &DeskState, staff: &'a CurrentStaff, told: &'a [Email]) -> FactorChange<'a> {
    FactorChange { by: Some(&staff.session), emails: told, at: desk.now() }
}

/// `POST /desk/security/recovery-codes`
pub(crate) async fn renew_codes(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<RenewalForm>,
) -> Handled {
    let (codes, digests) = recovery_codes();
    let replaced = form.codes.parse().unwrap_or(Digest([0; 32]));
    let told = [notice_email(&desk, &staff, SecurityNotice::RecoveryCodesRenewed)?];
    let (account, change) = (staff.account.id, change(&desk, &staff, &told));
    if !desk.store.replace_recovery_codes(account, &replaced, &digests, change).await? {
        return done_before(&desk, &staff, NOT_RENEWED).await;
    }
    desk.outbox_wakeup.notify_one();
    Ok(desk.page(&staff, &RecoveryCodesPage { codes }))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for AuthenticatorPage {
        fn samples() -> Vec<Self> {
            let full = Self { fault: "Wrong", qr: Some(QrPicture::default()), ..Self::default() };
            vec![Self::default(), full]
        }
    }

    impl Samples for RecoveryCodesPage {
        fn samples() -> Vec<Self> {
            vec![Self::default(), Self { codes: vec!["BCDF-GHJK-LMNP-QRST".into()] }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<AuthenticatorPage>();
        rendered.page::<RecoveryCodesPage>();
    }
}
