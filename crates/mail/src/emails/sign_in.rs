//! The email with a link and a code to sign in with.

use masthead_circulation::{EmailAddress, Secret, sign_in};
use masthead_publication::{
    SiteSnapshot,
    contexts::SignInEmailContext,
    theme::{Template, ThemeError},
};
use masthead_store::Email;

use super::{EmailKind, head, render, subject};

/// Composes the email with a link and a code to sign in with.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn sign_in(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    link: &Secret,
    code: &str,
) -> Result<Email, ThemeError> {
    let subject = subject(snapshot, "mail_sign_in_subject");
    let context = SignInEmailContext {
        head: head(snapshot, subject.clone()),
        link: format!("{}/sign-in/with/{link}", snapshot.publication.address),
        code: code.to_owned(),
    };
    let templates = [Template::SignInMail, Template::SignInMailText];
    let email = render(snapshot, to, EmailKind::SignIn, subject, templates, &context)?;
    Ok(Email { useful_for: Some(sign_in::LIFETIME), ..email })
}
