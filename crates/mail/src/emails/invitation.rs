//! The email that invites somebody to work at the desk. It is in the desk's own look and words, not the theme's.

use masthead_circulation::{Account, EmailAddress, staff::Invitation};
use masthead_publication::theme::ThemeError;
use masthead_store::{Email, EmailBody};
use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde::Serialize;

use super::EmailKind;

const TEXT: &str = include_str!("../../templates/invitation.txt");
const HTML: &str = include_str!("../../templates/invitation.html");

/// What the templates get.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InvitationContext<'a> {
    /// The publication's name.
    pub publication: &'a str,
    /// The language of the words below (BCP 47).
    pub lang: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// Who invites, and to which publication.
    pub text: &'a str,
    /// The role, and what it does.
    pub role: &'a str,
    /// What the link does.
    pub button: &'a str,
    /// How long the link works.
    pub lifetime: &'a str,
    /// What to do if the email was not expected.
    pub unexpected: &'a str,
    /// The link, with the secret.
    pub link: &'a str,
}

/// Composes the email that invites somebody to work at the desk.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn invitation(to: &EmailAddress, context: &InvitationContext<'_>) -> Result<Email, ThemeError> {
    Ok(Email {
        to: to.clone(),
        // There may be no account at this address yet.
        account: None,
        kind: EmailKind::Invitation.name().to_owned(),
        subject: context.subject.to_owned(),
        body: body(context)?,
        useful_for: Some(Invitation::LIFETIME),
    })
}

/// Composes a test email of the desk, which has the same parts as an invitation.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn test(to: &Account, context: &InvitationContext<'_>) -> Result<Email, ThemeError> {
    Ok(Email {
        to: to.email.clone(),
        account: Some(to.id),
        kind: EmailKind::Test.name().to_owned(),
        subject: context.subject.to_owned(),
        body: body(context)?,
        useful_for: None,
    })
}

fn body(context: &InvitationContext<'_>) -> Result<EmailBody, ThemeError> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.add_template("invitation.txt", TEXT)?;
    templates.add_template("invitation.html", HTML)?;
    let render = |name: &str| templates.get_template(name)?.render(Serde(context));
    Ok(EmailBody { text: render("invitation.txt")?, html: render("invitation.html")? })
}
