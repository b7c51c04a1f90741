//! `/desk/join/{secret}`: accepting an invitation.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use masthead_circulation::{
    Account, EmailAddress, Secret, Session,
    staff::{Invitation, Role},
};
use masthead_store::{Joined, NewStaff, Store, StoreError};
use masthead_telemetry::security::{SecurityEntry, SecurityEvent};
use masthead_web::{client::Origin, device, form::see_other};
use serde::{Deserialize, Serialize};

use super::roles::{role_duties, role_name};
use crate::{
    auth,
    error::Handled,
    form::{StaffForm, form_status},
    notice::Notice,
    state::DeskState,
    templates::Page,
    words::DeskWords,
};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// The address of an invitation.
pub(crate) fn invitation_link(address: &str, secret: &Secret) -> String {
    format!("{address}/desk/join/{secret}")
}

/// Makes a link: the first person who follows it, or another such link for the same role, joins the desk in this role. The
/// others are void from then on.
///
/// # Errors
///
/// If the database fails.
pub async fn open_link(
    store: &Store,
    address: &str,
    role: Role,
    now: Timestamp,
) -> Result<String, StoreError> {
    let secret = Secret::generate(&mut rand::rng());
    let invitation = Invitation { key: secret.digest(), email: None, role, by: None, at: now };
    store.invite(&invitation, &[]).await?;
    Ok(invitation_link(address, &secret))
}

#[derive(Serialize)]
struct JoinPage {
    secret: String,
    role: &'static str,
    about: &'static str,
    /// Who is invited; empty if they enter their address themselves.
    invited: String,
    email: String,
    name: String,
    fault: &'static str,
}

impl Page for JoinPage {
    const TEMPLATE: &'static str = "join.html";

    fn status(&self) -> StatusCode {
        form_status(self.fault)
    }
}

#[derive(Default, Deserialize)]
pub(crate) struct JoinForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
}

/// `GET /desk/join/{secret}`. This does not use the invitation up: programs that check mail follow links.
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    Path(secret): Path<String>,
    words: DeskWords,
) -> Handled {
    let invitation = find_invitation(&desk, &secret).await?.ok_or(Notice::InvitationOver)?;
    Ok(show(&desk, words, (secret, &invitation), JoinForm::default(), ""))
}

async fn find_invitation(desk: &DeskState, secret: &str) -> Result<Option<Invitation>, StoreError> {
    let Ok(secret) = secret.parse::<Secret>() else { return Ok(None) };
    let invitation = desk.store.invitation(&secret.digest()).await?;
    Ok(invitation.filter(|invitation| !invitation.is_over(desk.now())))
}

fn show(
    desk: &DeskState,
    words: DeskWords,
    (secret, invitation): (String, &Invitation),
    JoinForm { email, name }: JoinForm,
    fault: &'static str,
) -> Response {
    let invited = invitation.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let (role, about) = (role_name(words, invitation.role), role_duties(words, invitation.role));
    desk.public_page(words, &JoinPage { secret, role, about, invited, email, name, fault })
}

/// `POST /desk/join/{secret}`
pub(crate) async fn accept(
    State(desk): State<Arc<DeskState>>,
    Path(secret): Path<String>,
    (headers, Origin(origin), words): (HeaderMap, Origin, DeskWords),
    StaffForm(form): StaffForm<JoinForm>,
) -> Handled {
    let invitation = find_invitation(&desk, &secret).await?.ok_or(Notice::InvitationOver)?;
    let email = match valid_email(&desk, &invitation, &form) {
        Ok(email) => email,
        Err(fault) => {
            return Ok(show(&desk, words, (secret, &invitation), form, words.text(fault)));
        }
    };
    let before = auth::session(&desk, &headers).await?;
    let signed_in = before.as_ref().map(|session| session.account);
    let person = NewStaff { email: &email, name: form.name.trim(), signed_in };
    let account = match desk.store.join(&invitation.key, person, desk.now()).await? {
        Joined::Done(account) => account,
        Joined::Gone => return Err(Notice::InvitationOver.into()),
        Joined::NotTheirs => {
            let fault = words.text("join_fault_account");
            return Ok(show(&desk, words, (secret, &invitation), form, fault));
        }
    };
    if let Some(before) = before {
        desk.store.end_session(before.account, &before.key).await?;
    }
    let cookie = create_session(&desk, &account, &headers, words).await?;
    for event in [SecurityEvent::StaffJoined, SecurityEvent::SignIn] {
        let entry = SecurityEntry::success(event, &origin).by(account.id.0).of_staff(true);
        desk.security_log.record(&entry.detail("invitation").subject(Some("staff".to_owned())));
    }
    Ok(see_other("/desk", &[cookie]))
}

/// The address with which somebody joins: that of the invitation, or otherwise that of the form.
///
/// # Errors
///
/// The name of the word for what to correct.
fn valid_email(
    desk: &DeskState,
    invitation: &Invitation,
    form: &JoinForm,
) -> Result<EmailAddress, &'static str> {
    let email = match &invitation.email {
        Some(email) => email.clone(),
        None => form.email.parse().map_err(|_| "people_fault_email")?,
    };
    if !desk.snapshot().publication.can_write_to(&email) {
        return Err("email_fault_letters");
    }
    if form.name.trim().chars().count() > MAX_NAME {
        return Err("join_fault_name");
    }
    Ok(email)
}

/// Signs an account in on this device. Returns the cookie.
async fn create_session(
    desk: &DeskState,
    account: &Account,
    headers: &HeaderMap,
    words: DeskWords,
) -> Result<String, StoreError> {
    let (secret, now) = (Secret::generate(&mut rand::rng()), desk.now());
    let device = device::name(headers).unwrap_or_else(|| words.text("join_device").to_owned());
    let session = Session::of_browser(secret.digest(), account.id, device, now);
    desk.store.create_session(&session).await?;
    let cookies = desk.cookies;
    Ok(cookies.set(cookies.session, &secret.to_string(), Session::LIFETIME.as_secs()))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for JoinPage {
        const IS_PUBLIC: bool = true;

        fn samples() -> Vec<Self> {
            ["", "ada@example.org"]
                .map(|invited| Self {
                    secret: String::new(),
                    role: "Owner",
                    about: "",
                    invited: invited.into(),
                    email: String::new(),
                    name: String::new(),
                    fault: if invited.is_empty() { "" } else { "Wrong" },
                })
                .into()
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<JoinPage>();
    }
}
