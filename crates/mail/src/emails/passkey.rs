//! The email that tells of a new passkey, in case that somebody else has added it.

use masthead_circulation::Account;
use masthead_publication::{
    SiteSnapshot,
    contexts::PasskeyEmailContext,
    theme::{Template, ThemeError},
};
use masthead_store::Email;

use super::{EmailKind, head, render, subject};

/// Composes the email that tells a reader that a passkey was added with `device`.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn passkey(
    snapshot: &SiteSnapshot,
    account: &Account,
    device: &str,
) -> Result<Email, ThemeError> {
    let subject = subject(snapshot, "mail_passkey_subject");
    let context =
        PasskeyEmailContext { head: head(snapshot, subject.clone()), device: device.to_owned() };
    let templates = [Template::PasskeyMail, Template::PasskeyMailText];
    let email = render(snapshot, &account.email, EmailKind::Passkey, subject, templates, &context)?;
    Ok(Email { account: Some(account.id), ..email })
}
