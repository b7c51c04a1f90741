//! Who works here: asking people in, saying what they are, and letting them go.

pub(crate) mod join;

use std::{error::Error, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use masthead_circulation::{
    Account, AccountId, Digest, EmailAddress, Secret,
    staff::{DoneBy, Invitation, Record, Role, Staff, StaffAction},
};
use masthead_mail::emails::{self, InvitationContext};
use masthead_store::{Appointed, StoreError};
use masthead_web::form::see;
use serde::{Deserialize, Serialize};

use crate::{
    Desk,
    auth::{Inside, Insider},
    form::{Filled, form_status},
    format::{called, colleague, minute},
};

/// As many deeds as are shown.
const RECORDS: u64 = 50;

/// What a role is called.
pub(crate) fn word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Editor => "Editor",
        Role::Author => "Author",
        Role::Circulation => "Circulation",
        Role::Support => "Support",
    }
}

/// What somebody in a role does here, to be said after its name.
pub(crate) fn about(role: Role) -> &'static str {
    match role {
        Role::Owner => "does everything here, and says who else may come.",
        Role::Editor => "plans, edits and publishes everybody’s pieces.",
        Role::Author => "writes pieces, and sends them to an editor.",
        Role::Circulation => "sets the meter, its messages and offers, and helps readers.",
        Role::Support => "helps readers with their subscriptions.",
    }
}

#[derive(Default, Deserialize)]
pub(crate) struct Invited {
    email: String,
    role: String,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    role: String,
}

#[derive(Serialize)]
struct Roll {
    everybody: Vec<Person>,
    invitations: Vec<Open>,
    records: Vec<String>,
    roles: Vec<Choice>,
    email: String,
    role: String,
    fault: &'static str,
}

#[derive(Serialize)]
struct Person {
    number: u32,
    name: String,
    email: String,
    role: &'static str,
    since: String,
    is_me: bool,
}

#[derive(Serialize)]
struct Open {
    key: String,
    email: String,
    role: &'static str,
    sent: String,
    is_over: bool,
}

#[derive(Serialize)]
struct Choice {
    name: &'static str,
    word: &'static str,
    about: &'static str,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    show(&desk, &insider, &Invited::default(), "").await
}

async fn show(desk: &Desk, insider: &Insider, tried: &Invited, fault: &'static str) -> Response {
    let status = form_status(fault);
    match roll(desk, insider, tried, fault).await {
        Ok(roll) => desk.page(status, Some(insider), "people.html", &roll),
        Err(error) => desk.failed(&error),
    }
}

async fn roll(
    desk: &Desk,
    insider: &Insider,
    tried: &Invited,
    fault: &'static str,
) -> Result<Roll, StoreError> {
    let zone = desk.imprint().zone;
    let everybody = desk.on.store.all_staff().await?;
    let person = |(staff, account): &(Staff, Account)| Person {
        number: account.id.0,
        name: account.name.clone(),
        email: account.email.to_string(),
        role: staff.role.name(),
        since: minute(staff.since, &zone),
        is_me: account.id == insider.account.id,
    };
    let now = desk.now();
    let open = |invitation: Invitation| Open {
        key: invitation.key.to_string(),
        email: invitation.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        role: word(invitation.role),
        sent: minute(invitation.at, &zone),
        is_over: invitation.is_over(now),
    };
    let records = desk.on.store.desk_records(RECORDS).await?;
    let name = |by: DoneBy| {
        let named = match by {
            DoneBy::Server => Some("The server’s administrator".to_owned()),
            DoneBy::Account(by) => colleague(&everybody, by),
            DoneBy::Deleted => None,
        };
        named.unwrap_or_else(|| "Somebody who has left".to_owned())
    };
    let record = |record: Record| {
        let about =
            if record.about.is_empty() { "somebody who has left" } else { record.about.as_str() };
        format!("{}: {}", minute(record.at, &zone), sentence(record.deed, &name(record.by), about))
    };
    Ok(Roll {
        everybody: everybody.iter().map(person).collect(),
        invitations: desk.on.store.invitations().await?.into_iter().map(open).collect(),
        records: records.into_iter().map(record).collect(),
        roles: Role::ALL
            .map(|role| Choice { name: role.name(), word: word(role), about: about(role) })
            .into(),
        email: tried.email.clone(),
        role: tried.role.clone(),
        fault,
    })
}

/// What was done, as one says it.
fn sentence(deed: StaffAction, by: &str, about: &str) -> String {
    match deed {
        StaffAction::Invited(role) => format!("{by} invited {about} as {}", role.name()),
        StaffAction::Joined(role) => format!("{about} joined as {}", role.name()),
        StaffAction::Withdrew(role) => {
            format!("{by} took back the invitation of {about} as {}", role.name())
        }
        StaffAction::Appointed(role) => format!("{by} made {about} {}", role.name()),
        StaffAction::Dismissed(role) => {
            format!("{by} ended the work of {about}, who was {}", role.name())
        }
        StaffAction::ResetMeter => format!("{by} let the meter of {about} begin anew"),
    }
}

pub(crate) async fn invite(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(invited): Filled<Invited>,
) -> Response {
    let Some(role) = Role::named(&invited.role) else {
        return show(&desk, &insider, &invited, "Choose what the person will be.").await;
    };
    let Ok(email) = invited.email.parse::<EmailAddress>() else {
        let fault = "That is no e-mail address. Write one such as ada@example.org.";
        return show(&desk, &insider, &invited, fault).await;
    };
    match send(&desk, &insider, &email, role).await {
        Ok(true) => see("/desk/people", &[]),
        Ok(false) => {
            let fault =
                "Whoever has this address works here already. Change what they are in the list.";
            show(&desk, &insider, &invited, fault).await
        }
        Err(error) => desk.failed(&error),
    }
}

/// Sends an invitation. Returns `false` if the person works here already.
async fn send(
    desk: &Desk,
    insider: &Insider,
    email: &EmailAddress,
    role: Role,
) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let store = &desk.on.store;
    if let Some(account) = store.account_at(email).await?
        && store.staff(account.id).await?.is_some()
    {
        return Ok(false);
    }
    let (secret, now) = (Secret::fresh(&mut rand::rng()), desk.now());
    let invitation = Invitation {
        key: secret.digest(),
        email: Some(email.clone()),
        role,
        by: Some(insider.account.id),
        at: now,
    };
    let publication = desk.imprint();
    let context = InvitationContext {
        publication: &publication.name,
        from: &called(&insider.account),
        role: &word(role).to_lowercase(),
        about: about(role),
        link: &join::link(&publication.address, &secret),
    };
    let invitation_email = emails::invitation(email, &context)?;
    store.invite(&invitation, &[invitation_email]).await?;
    desk.on.outbox_wakeup.notify_one();
    Ok(true)
}

pub(crate) async fn withdraw(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(key): Path<String>,
) -> Response {
    let Ok(key) = key.parse::<Digest>() else { return see("/desk/people", &[]) };
    match desk.on.store.withdraw_invitation(&key, insider.account.id, desk.now()).await {
        // Where somebody was quicker the page says so by not showing it.
        Ok(_) => see("/desk/people", &[]),
        Err(error) => desk.failed(&error),
    }
}

pub(crate) async fn appoint(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<u32>,
    Filled(Chosen { role }): Filled<Chosen>,
) -> Response {
    let Some(role) = Role::named(&role) else {
        return show(&desk, &insider, &Invited::default(), "Choose what the person will be.").await;
    };
    change(&desk, &insider, number, Some(role)).await
}

pub(crate) async fn dismiss(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(number): Path<u32>,
) -> Response {
    change(&desk, &insider, number, None).await
}

/// Gives somebody a role, or none any more.
async fn change(desk: &Desk, insider: &Insider, number: u32, role: Option<Role>) -> Response {
    let store = &desk.on.store;
    let when = (Some(insider.account.id), desk.now());
    let changed = async {
        let Some(account) = store.account(AccountId(number)).await? else {
            return Ok(Appointed::Nobody);
        };
        match role {
            Some(role) => store.appoint(&account, role, when).await,
            None => store.dismiss(&account, when).await,
        }
    };
    match changed.await {
        // Who is owner no more may not see who works here.
        Ok(Appointed::Done) if number == insider.account.id.0 => see("/desk", &[]),
        Ok(Appointed::Done) => see("/desk/people", &[]),
        Ok(Appointed::LastOwner) => {
            let fault = "A publication needs an owner. Make somebody else an owner first.";
            show(desk, insider, &Invited::default(), fault).await
        }
        Ok(Appointed::Nobody) => {
            let fault = "That person does not work here any more.";
            show(desk, insider, &Invited::default(), fault).await
        }
        Err(error) => desk.failed(&error),
    }
}
