//! `/desk/second-factor` and `/desk/security`: showing a second factor, and setting one up.
//!
//! Staff show a passkey, a code of an authenticator app (RFC 6238), or a recovery code. Which roles need one, owners say at
//! `/desk/people`.

pub(crate) mod authenticator;
mod code;
pub(crate) mod entry;
mod qr;
pub(crate) mod security;

use masthead_mail::emails::{self, SecurityNotice};
use masthead_store::Email;

use crate::{error::DeskError, staff::CurrentStaff, state::DeskState};

/// The email that tells a member of the staff about their second factor.
fn notice_email(
    desk: &DeskState,
    staff: &CurrentStaff,
    notice: SecurityNotice,
) -> Result<Email, DeskError> {
    emails::security(&desk.live.snapshot(), &staff.account, notice, "")
        .map_err(|error| DeskError::failed("second factor: render email", error))
}

/// Sends a member of the staff an email about their second factor.
async fn send_notice(
    desk: &DeskState,
    staff: &CurrentStaff,
    notice: SecurityNotice,
) -> Result<(), DeskError> {
    let email = notice_email(desk, staff, notice)?;
    desk.store.enqueue_email(&email, desk.now()).await?;
    desk.outbox_wakeup.notify_one();
    Ok(())
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::templates::tests::Rendered;

    pub(crate) fn render(rendered: &mut Rendered) {
        super::entry::samples::render(rendered);
        super::security::samples::render(rendered);
        super::authenticator::samples::render(rendered);
    }
}
