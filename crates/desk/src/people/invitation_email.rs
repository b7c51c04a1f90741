//! The email that invites somebody to the desk.

use masthead_circulation::{EmailAddress, Secret, staff::Role};
use masthead_mail::emails::{self, InvitationContext};
use masthead_store::Email;

use super::{
    join::invitation_link,
    roles::{role_duties, role_name},
};
use crate::{error::DeskError, state::DeskState};

/// Composes the email with an invitation `from` a colleague.
///
/// # Errors
///
/// Returns an error if a template cannot be rendered.
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
        role: &role_name(role).to_lowercase(),
        about: role_duties(role),
        link: &invitation_link(&publication.address, secret),
    };
    emails::invitation(to, &context)
        .map_err(|error| DeskError::failed("people: render invitation", error))
}
