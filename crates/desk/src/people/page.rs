//! The page of the staff.

use std::sync::Arc;

use axum::extract::{Query, State};
use http::StatusCode;
use masthead_circulation::{
    Account, DeskAuditEntry, EmailAddress,
    staff::{Invitation, Role, Staff},
};
use serde::{Deserialize, Serialize};

use super::roles::{role_duties, role_name};
use crate::{
    audit::words::sentence,
    error::{DeskError, Handled},
    form::form_status,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// Entries of the audit log that are shown.
const RECORDS: u64 = 50;

/// An invitation to send.
#[derive(Default, Deserialize)]
pub(crate) struct InvitationForm {
    pub email: String,
    pub role: String,
}

#[derive(Default, Serialize)]
struct PeoplePage {
    everybody: Vec<PersonRow>,
    invitations: Vec<InvitationRow>,
    records: Vec<String>,
    roles: Vec<RoleChoice>,
    email: String,
    role: String,
    fault: &'static str,
    /// The address to which an invitation was sent; empty if none was.
    sent: String,
    /// The link of an invitation that was made and not sent, because mail is not set up.
    link: String,
}

impl Page for PeoplePage {
    const TEMPLATE: &'static str = "people.html";

    fn status(&self) -> StatusCode {
        form_status(self.fault)
    }
}

#[derive(Default, Serialize)]
struct PersonRow {
    number: u32,
    name: String,
    email: String,
    role: &'static str,
    since: String,
    is_me: bool,
}

#[derive(Default, Serialize)]
struct InvitationRow {
    key: String,
    /// Empty for a link that was made on the command line.
    email: String,
    role: &'static str,
    role_key: &'static str,
    sent: String,
    is_over: bool,
}

#[derive(Default, Serialize)]
struct RoleChoice {
    name: &'static str,
    word: &'static str,
    about: &'static str,
    /// Whether the role needs a second factor.
    needs_factor: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PeopleQuery {
    /// The address to which an invitation was sent.
    sent: String,
}

/// `GET /desk/people`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(PeopleQuery { sent }): Query<PeopleQuery>,
) -> Handled {
    // Only an address is shown, and no other text that a link may bring.
    let sent = sent.parse::<EmailAddress>().map(|email| email.to_string()).unwrap_or_default();
    let page = everybody(&desk, &staff).await?;
    Ok(desk.page(&staff, &PeoplePage { sent, ..page }))
}

/// The page with what was entered for an invitation, and what is wrong with it.
pub(super) async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    InvitationForm { email, role }: InvitationForm,
    fault: &'static str,
) -> Handled {
    let page = everybody(desk, staff).await?;
    Ok(desk.page(staff, &PeoplePage { email, role, fault, ..page }))
}

/// The page with the link of an invitation that nobody was sent. It is shown once: the database has only its digest.
pub(super) async fn show_link(
    desk: &DeskState,
    staff: &CurrentStaff,
    email: &EmailAddress,
    link: String,
) -> Handled {
    let page = everybody(desk, staff).await?;
    Ok(desk.page(staff, &PeoplePage { sent: email.to_string(), link, ..page }))
}

/// The page of the staff as they are.
async fn everybody(desk: &DeskState, staff: &CurrentStaff) -> Result<PeoplePage, DeskError> {
    let (now, zone, words) = (desk.now(), desk.publication().zone, staff.words);
    let everybody = desk.store.all_staff().await?;
    let person = |(of, account): &(Staff, Account)| PersonRow {
        number: account.id.0,
        name: account.name.clone(),
        email: account.email.to_string(),
        role: of.role.name(),
        since: words.date_time(of.since, &zone),
        is_me: account.id == staff.account.id,
    };
    let invitation = |invitation: Invitation| InvitationRow {
        key: invitation.key.to_string(),
        email: invitation.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        role: role_name(words, invitation.role),
        role_key: invitation.role.name(),
        sent: words.date_time(invitation.at, &zone),
        is_over: invitation.is_over(now),
    };
    let records = desk.store.audit_log_of_staff(RECORDS).await?;
    let record = |record: &DeskAuditEntry| {
        let (time, entry) = (words.date_time(record.at, &zone), sentence(record, words));
        words.fill("audit_entry", &[("time", &time), ("entry", &entry)])
    };
    let invitations = desk.store.invitations().await?;
    let with_factor = desk.store.roles_with_second_factor().await?;
    Ok(PeoplePage {
        everybody: everybody.iter().map(person).collect(),
        invitations: invitations.into_iter().map(invitation).collect(),
        records: records.iter().map(record).collect(),
        roles: Role::all()
            .map(|role| RoleChoice {
                name: role.name(),
                word: role_name(words, role),
                about: role_duties(words, role),
                needs_factor: with_factor.contains(&role),
            })
            .collect(),
        ..PeoplePage::default()
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for PeoplePage {
        fn samples() -> Vec<Self> {
            let me = PersonRow { name: "Ada".into(), is_me: true, ..PersonRow::default() };
            let over = InvitationRow {
                email: "ada@example.org".into(),
                is_over: true,
                ..InvitationRow::default()
            };
            let sent = Self { sent: "bo@example.org".into(), ..Self::default() };
            let link = "https://paper.example/desk/join/x".into();
            let linked = Self { sent: "bo@example.org".into(), link, ..Self::default() };
            let full = Self {
                everybody: vec![me, PersonRow::default()],
                invitations: vec![over, InvitationRow::default()],
                records: vec!["Ada joined".into()],
                roles: vec![
                    RoleChoice { needs_factor: true, ..RoleChoice::default() },
                    RoleChoice::default(),
                ],
                fault: "Wrong",
                ..Self::default()
            };
            vec![Self::default(), sent, linked, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<PeoplePage>();
    }
}
