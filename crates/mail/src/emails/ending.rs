//! The emails that answer a cancellation, or a withdrawal from the contract, without signing in. Every address that is entered gets one,
//! so that nobody learns whose it is.

use masthead_circulation::{EmailAddress, EndingKind, EndingRequest, Subscription};
use masthead_publication::{
    SiteSnapshot,
    contexts::{EndingEmailContext, Link},
    theme::{Template, ThemeError},
};
use masthead_store::Email;

use super::{EmailKind, fill, head, render};

/// Composes the email that asks a reader to confirm that one of these subscriptions of theirs is ended, or several; `link` is
/// the last part of the address that does.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn ending(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    kind: EndingKind,
    subscriptions: &[Subscription],
    link: &str,
) -> Result<Email, ThemeError> {
    let path = format!("{}/{link}", path(kind));
    let names: Vec<&str> = subscriptions.iter().map(|held| held.terms.name.as_str()).collect();
    let products = names.join(snapshot.theme.word("comma"));
    let email = compose(snapshot, to, EmailKind::Ending(kind), &products, &path)?;
    let account = subscriptions.first().map(|held| held.account);
    let useful_for = Some(EndingRequest::LIFETIME);
    Ok(Email { account, useful_for, ..email })
}

/// Composes the email that says that there is nothing to end in this way.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn no_ending(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    kind: EndingKind,
) -> Result<Email, ThemeError> {
    compose(snapshot, to, EmailKind::NoEnding(kind), "", path(kind))
}

/// The path of the page on which it is asked for.
fn path(kind: EndingKind) -> &'static str {
    match kind {
        EndingKind::Cancellation => "/cancel",
        EndingKind::Withdrawal => "/withdraw",
    }
}

fn compose(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    kind: EmailKind,
    product: &str,
    path: &str,
) -> Result<Email, ThemeError> {
    let publication = &snapshot.publication;
    let word = |part: &str| {
        let word = snapshot.theme.word(&format!("mail_{}_{part}", kind.name()));
        fill(word, &[("publication", &publication.name), ("product", product)])
    };
    let context = EndingEmailContext {
        head: head(snapshot, word("subject")),
        text: word("text"),
        button: Link::to(&format!("{}{path}", publication.address), &word("button")),
        hint: word("hint"),
    };
    let templates = [Template::EndingMail, Template::EndingMailText];
    render(snapshot, to, kind, context.head.subject.clone(), templates, &context)
}
