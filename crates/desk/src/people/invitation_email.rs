//! The mail that invites somebody to the desk.

use masthead_circulation::{
    EmailAddress, Secret,
    staff::{Invitation, Role},
};
use masthead_store::{Email, EmailBody};
use serde::Serialize;

use super::{
    join::invitation_link,
    roles::{role_duties, role_name},
};
use crate::{error::DeskError, state::DeskState};

/// The kind of these mails in the outbox.
const KIND: &str = "invitation";

/// The context of the mail's templates.
#[derive(Serialize)]
struct InvitationContext<'a> {
    publication: &'a str,
    from: &'a str,
    role: String,
    about: &'static str,
    link: String,
}

/// The mail with an invitation `from` a colleague.
///
/// # Errors
///
/// If a template cannot be rendered.
pub(crate) fn invitation_email(
    desk: &DeskState,
    to: &EmailAddress,
    role: Role,
    from: &str,
    secret: &Secret,
) -> Result<Email, DeskError> {
    let publication = desk.publication();
    let context = InvitationContext {
        publication: &publication.name,
        from,
        role: role_name(role).to_lowercase(),
        about: role_duties(role),
        link: invitation_link(&publication.address, secret),
    };
    let render = |template| {
        let rendered = desk.templates.render(template, &context);
        rendered.map_err(|error| DeskError::failed("people: render invitation", error))
    };
    Ok(Email {
        to: to.clone(),
        // There may be no account at this address yet.
        account: None,
        kind: KIND.to_owned(),
        subject: format!("{from} asks you to the desk of {}", publication.name),
        body: EmailBody { text: render("invitation.txt")?, html: render("invitation.html")? },
        useful_for: Some(Invitation::LIFETIME),
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        let context = InvitationContext {
            publication: "The Paper",
            from: "Ada",
            role: "editor".into(),
            about: role_duties(Role::Editor),
            link: "https://paper.example/desk/join/x".into(),
        };
        rendered.email("invitation.txt", &context).email("invitation.html", &context);
    }
}
