//! The email that asks one end of a change of address to agree.

use masthead_circulation::{Account, AddressMove, EmailAddress, Secret};
use masthead_publication::{
    SiteSnapshot,
    contexts::AddressEmailContext,
    theme::{Template, ThemeError},
};
use masthead_store::Email;

use super::{EmailKind, head, render, subject};

/// Composes the email that asks the owner of the address `to` to agree that `account` gets the address `new`.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn address_change(
    snapshot: &SiteSnapshot,
    account: &Account,
    to: &EmailAddress,
    new: &EmailAddress,
    link: &Secret,
) -> Result<Email, ThemeError> {
    let subject = subject(snapshot, "mail_address_subject");
    let context = AddressEmailContext {
        head: head(snapshot, subject.clone()),
        link: format!("{}/account/address/{link}", snapshot.publication.address),
        email: new.to_string(),
        old: to != new,
    };
    let templates = [Template::AddressMail, Template::AddressMailText];
    let email = render(snapshot, to, EmailKind::AddressChange, subject, templates, &context)?;
    Ok(Email { account: Some(account.id), useful_for: Some(AddressMove::LIFETIME), ..email })
}
