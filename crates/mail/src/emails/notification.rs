//! The email that tells a member of the staff what has happened to an article. It is in the desk's own look and words, not the
//! theme's.

use masthead_circulation::Account;
use masthead_publication::theme::ThemeError;
use masthead_store::{Email, EmailBody};
use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde::Serialize;

use super::EmailKind;

const TEXT: &str = include_str!("../../templates/notification.txt");
const HTML: &str = include_str!("../../templates/notification.html");

/// What the templates get.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NotificationContext<'a> {
    /// The publication's name.
    pub publication: &'a str,
    /// The language of the words below (BCP 47).
    pub lang: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The headline of the article.
    pub headline: &'a str,
    /// What has happened, the first first.
    pub items: &'a [NotificationItem],
    /// What the link does.
    pub button: &'a str,
    /// The link to the article.
    pub link: &'a str,
    /// Where to choose what one is told of.
    pub settings: &'a str,
    /// The link to it.
    pub settings_link: &'a str,
}

/// Something that has happened.
#[derive(Clone, Debug, Serialize)]
pub struct NotificationItem {
    /// In a sentence.
    pub text: String,
    /// The lines of what somebody has written about it. Empty if nobody has.
    pub quote: Vec<String>,
}

/// Composes the email that tells a member of the staff what has happened to an article.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn notification(to: &Account, context: &NotificationContext<'_>) -> Result<Email, ThemeError> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.add_template("notification.txt", TEXT)?;
    templates.add_template("notification.html", HTML)?;
    let render = |name: &str| templates.get_template(name)?.render(Serde(context));
    Ok(Email {
        to: to.email.clone(),
        account: Some(to.id),
        kind: EmailKind::Notification.name().to_owned(),
        subject: context.subject.to_owned(),
        body: EmailBody { text: render("notification.txt")?, html: render("notification.html")? },
        useful_for: None,
    })
}
