//! The email that invites somebody to work at the desk.

use masthead_circulation::{
    EmailAddress, Secret,
    staff::{Invitation, Role},
};
use masthead_store::{Email, EmailBody};

use crate::{
    Desk,
    people::join,
    people::{about, word},
};

/// The kind of this email, in the outbox.
const INVITATION: &str = "invitation";

/// Invites somebody to work at the desk.
pub(crate) fn invitation(
    desk: &Desk,
    to: &EmailAddress,
    role: Role,
    from: &str,
    secret: &Secret,
) -> Email {
    let imprint = desk.imprint();
    let link = join::link(&imprint.address, secret);
    let context = minijinja::context! {
        publication => imprint.name.as_str(),
        from,
        role => word(role).to_lowercase(),
        about => about(role),
        link,
    };
    Email {
        to: to.clone(),
        // There may be no account at this address yet.
        account: None,
        kind: INVITATION.to_owned(),
        subject: format!("{from} asks you to the desk of {}", imprint.name),
        body: EmailBody {
            text: desk.pages.letter("invitation.txt", &context),
            html: desk.pages.letter("invitation.html", &context),
        },
        useful_for: Some(Invitation::LIFETIME),
    }
}
