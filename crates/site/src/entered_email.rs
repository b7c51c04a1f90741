//! An email address that a reader enters, and what is wrong with it.

use masthead_circulation::EmailAddress;
use masthead_publication::Publication;

/// Reads an address to which an email is to be sent.
///
/// # Errors
///
/// Returns the name of the word that says what to correct: it is no address, or no email can arrive there because the relay takes only
/// ASCII before the @.
pub(crate) fn entered_email(
    publication: &Publication,
    text: &str,
) -> Result<EmailAddress, &'static str> {
    let email = text.trim().parse::<EmailAddress>().map_err(|_| "fault_email")?;
    if publication.can_write_to(&email) { Ok(email) } else { Err("fault_email_letters") }
}
