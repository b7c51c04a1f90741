//! Letters to those who work here.

use masthead_circulation::{EmailAddress, Secret, staff::Role};
use masthead_store::Email;

use crate::{
    Desk,
    people::join,
    people::{about, word},
};

/// What such letters are about, in the outbox.
const INVITATION: &str = "invitation";

/// Asks somebody to work at the desk.
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
        kind: INVITATION.to_owned(),
        subject: format!("{from} asks you to the desk of {}", imprint.name),
        text: desk.pages.letter("invitation.txt", &context),
        html: desk.pages.letter("invitation.html", &context),
    }
}
