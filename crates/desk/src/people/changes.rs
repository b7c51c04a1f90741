//! Changing who works here.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use masthead_circulation::{
    AccountId, Digest, EmailAddress, Secret,
    staff::{Invitation, Role},
};
use masthead_mail::emails::{self, InvitationContext};
use masthead_store::Appointed;
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

const GONE: &str = "That person does not work here any more.";

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
        return show(&desk, &staff, form, "Choose what the person will be.").await;
    };
    let Ok(email) = form.email.parse::<EmailAddress>() else {
        let fault = "That is no e-mail address. Write one such as ada@example.org.";
        return show(&desk, &staff, form, fault).await;
    };
    match send_invitation(&desk, &staff, &email, role).await? {
        Some(_) if desk.sends_mail => {
            Ok(see_other(&with_query("/desk/people", &[("sent", email.to_string())])))
        }
        Some(link) => show_link(&desk, &staff, &email, link).await,
        None => {
            let fault = "The person with this address is on the team already. Change their role in the list.";
            show(&desk, &staff, form, fault).await
        }
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
    let context = InvitationContext {
        publication: &publication.name,
        from: &display_name(&staff.account),
        role: &role_name(role).to_lowercase(),
        about: role_duties(role),
        link: &link,
    };
    let mail = emails::invitation(email, &context)
        .map_err(|error| DeskError::failed("people: render invitation", error))?;
    desk.store.invite(&invitation, &[mail]).await?;
    desk.outbox_wakeup.notify_one();
    Ok(Some(link))
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
        let fault = "Choose what the person will be.";
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
        return show(&desk, &staff, InvitationForm::default(), GONE).await;
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
        Appointed::LastOwner => "A publication needs an owner. Make somebody else an owner first.",
        Appointed::Nobody => GONE,
    };
    show(desk, staff, InvitationForm::default(), fault).await
}
