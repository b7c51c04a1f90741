//! Changing who works here.

use std::{fmt::Display, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use masthead_circulation::{
    AccountId, Digest, EmailAddress, Secret,
    staff::{Invitation, Role},
};
use masthead_mail::emails::{self, InvitationContext};
use masthead_publication::theme::ThemeError;
use masthead_store::{Appointed, Email};
use serde::Deserialize;

use super::{
    join::invitation_link,
    page::{InvitationForm, show, show_link},
    roles::{role_duties, role_name},
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm},
    format::display_name,
    http::{see_other, with_query},
    security_log::nothing_changed,
    staff::CurrentStaff,
    state::DeskState,
};

#[derive(Deserialize)]
pub(crate) struct RoleForm {
    role: String,
}

/// `POST /desk/people/invitations`
pub(crate) async fn invite(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<InvitationForm>,
) -> Handled {
    let Ok(role) = form.role.parse() else {
        return show(&desk, &staff, form, staff.words.text("people_fault_role")).await;
    };
    let Ok(email) = form.email.parse::<EmailAddress>() else {
        return show(&desk, &staff, form, staff.words.text("people_fault_email")).await;
    };
    if !desk.snapshot().publication.can_write_to(&email) {
        return show(&desk, &staff, form, staff.words.text("email_fault_letters")).await;
    }
    match send_invitation(&desk, &staff, &email, role).await? {
        Some(_) if desk.sends_mail => {
            Ok(see_other(&with_query("/desk/people", &[("sent", email.to_string())])))
        }
        Some(link) => show_link(&desk, &staff, &email, link).await,
        None => show(&desk, &staff, form, staff.words.text("people_fault_member")).await,
    }
}

/// Sends an invitation, and returns its link. Returns `None` if the person works here already.
async fn send_invitation(
    desk: &DeskState,
    staff: &CurrentStaff,
    email: &EmailAddress,
    role: Role,
) -> Result<Option<String>, DeskError> {
    if let Some(account) = desk.store.account_at(email).await?
        && desk.store.staff(account.id).await?.is_some()
    {
        return Ok(None);
    }
    let (secret, now) = (Secret::generate(&mut rand::rng()), desk.now());
    let invitation = Invitation {
        key: secret.digest(),
        email: Some(email.clone()),
        role,
        by: Some(staff.account.id),
        at: now,
    };
    let publication = desk.publication();
    let link = invitation_link(&publication.address, &secret);
    let mail = invitation_email(email, staff, role, (&publication.name, &link))
        .map_err(|error| DeskError::failed("people: render invitation", error))?;
    desk.store.invite(&invitation, &[mail]).await?;
    desk.outbox_wakeup.notify_one();
    Ok(Some(link))
}

/// The email with the link, in the language of the member of the staff who invites.
fn invitation_email(
    to: &EmailAddress,
    staff: &CurrentStaff,
    role: Role,
    (publication, link): (&str, &str),
) -> Result<Email, ThemeError> {
    let words = staff.words;
    let gaps: [(&str, &dyn Display); 2] =
        [("name", &display_name(&staff.account)), ("publication", &publication)];
    let role = words.fill("invitation_role", &[("role", &role_name(words, role))])
        + " "
        + role_duties(words, role);
    let context = InvitationContext {
        publication,
        lang: words.tag(),
        subject: &words.fill("invitation_subject", &gaps),
        text: &words.fill("invitation_text", &gaps),
        role: &role,
        button: words.text("invitation_button"),
        lifetime: words.text("invitation_lifetime"),
        unexpected: words.text("invitation_unexpected"),
        link,
    };
    emails::invitation(to, &context)
}

/// `POST /desk/people/invitations/{key}/withdrawal`
pub(crate) async fn withdraw(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
) -> Handled {
    let withdrawn = match key.parse::<Digest>() {
        Ok(key) => desk.store.withdraw_invitation(&key, staff.account.id, desk.now()).await?,
        Err(_) => false,
    };
    // If it was accepted or withdrawn meanwhile, the page shows that.
    Ok(back_to_people(withdrawn))
}

/// `POST /desk/people/{number}/role`
pub(crate) async fn appoint(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<u32>,
    StaffForm(form): StaffForm<RoleForm>,
) -> Handled {
    let Ok(role) = form.role.parse() else {
        let fault = staff.words.text("people_fault_role");
        return show(&desk, &staff, InvitationForm::default(), fault).await;
    };
    set_role(&desk, &staff, AccountId(number), Some(role)).await
}

/// `POST /desk/people/{number}/dismissal`
pub(crate) async fn dismiss(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<u32>,
) -> Handled {
    set_role(&desk, &staff, AccountId(number), None).await
}

/// `POST /desk/people/second-factor`
pub(crate) async fn require_factor(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    StaffForm(form): StaffForm<Fields>,
) -> Handled {
    let named = form.all("role");
    let roles: Vec<Role> =
        Role::all().filter(|role| named.iter().any(|name| name == role.name())).collect();
    let changed = desk.store.require_second_factor(&roles, staff.account.id, desk.now()).await?;
    Ok(back_to_people(changed))
}

/// `POST /desk/people/sessions/end`: signs everyone out, readers and apps as well, after a leak.
pub(crate) async fn end_everyones_sessions(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
) -> Handled {
    let by = Some(staff.account.id);
    let sessions = desk.store.end_everyones_sessions(by, desk.now()).await?;
    tracing::warn!(account = staff.account.id.0, sessions, "people: everyone was signed out");
    forget_ended(&desk).await;
    let cookie = desk.cookies.set(desk.cookies.session, "", 0);
    Ok(masthead_web::form::see_other("/sign-in?from=%2Fdesk%2Fpeople", &[cookie]))
}

/// `POST /desk/people/{number}/sessions/end`: signs one person out on all devices, such as a stolen one.
pub(crate) async fn end_sessions_of(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(number): Path<u32>,
) -> Handled {
    let by = staff.account.id;
    let ended = match desk.store.account(AccountId(number)).await? {
        Some(account) => desk.store.end_sessions_of_staff(&account, by, desk.now()).await?,
        None => false,
    };
    if !ended {
        let fault = staff.words.text("people_fault_gone");
        return show(&desk, &staff, InvitationForm::default(), fault).await;
    }
    forget_ended(&desk).await;
    Ok(see_other("/desk/people"))
}

/// Looks those up again who were signed out: at once on this server, so that the next page is not one for somebody who is
/// still signed in.
async fn forget_ended(desk: &DeskState) {
    if let Err(error) = desk.accounts.poll_changes().await {
        tracing::error!(%error, "people: those who were signed out are looked up in a moment");
    }
}

/// Redirects to the page of everybody, after something was changed, or nothing.
fn back_to_people(changed: bool) -> Response {
    let back = see_other("/desk/people");
    if changed { back } else { nothing_changed(back) }
}

/// Gives somebody a role, or ends their work.
async fn set_role(
    desk: &DeskState,
    staff: &CurrentStaff,
    of: AccountId,
    role: Option<Role>,
) -> Handled {
    let (by, now) = (Some(staff.account.id), desk.now());
    let outcome = match (desk.store.account(of).await?, role) {
        (Some(account), Some(role)) => desk.store.appoint(&account, role, by, now).await?,
        (Some(account), None) => desk.store.dismiss(&account, by, now).await?,
        (None, _) => Appointed::Nobody,
    };
    let fault = match outcome {
        // Somebody who is no longer an owner may not see this page.
        Appointed::Done if of == staff.account.id => return Ok(see_other("/desk")),
        Appointed::Done => return Ok(back_to_people(true)),
        Appointed::Unchanged => return Ok(back_to_people(false)),
        Appointed::LastOwner => "people_fault_last_owner",
        Appointed::Nobody => "people_fault_gone",
    };
    show(desk, staff, InvitationForm::default(), staff.words.text(fault)).await
}
