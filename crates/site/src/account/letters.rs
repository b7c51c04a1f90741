//! Letters, in the theme's words and look.

use masthead_circulation::{Email, Secret, sign_in};
use masthead_store::Letter;
use serde::Serialize;

use crate::{
    contexts::{AddressLetter, SignInLetter},
    printing::Printing,
    theme::{Template, ThemeError},
};

/// The letter with a link and a code to sign in.
pub(super) fn sign_in(
    printing: &Printing,
    to: &Email,
    link: &Secret,
    code: &str,
) -> Result<Letter, ThemeError> {
    let publication = &printing.publication;
    let subject =
        printing.theme.word("mail_sign_in_subject").replace("{publication}", &publication.name);
    let context = SignInLetter {
        publication: publication.name.clone(),
        address: publication.address.clone(),
        language: publication.locale.tag().to_owned(),
        subject: subject.clone(),
        link: format!("{}/sign-in/with/{link}", publication.address),
        code: code.to_owned(),
    };
    letter(
        printing,
        to,
        sign_in::LETTER,
        subject,
        [Template::SignInMail, Template::SignInMailText],
        &context,
    )
}

/// The letter that asks one end to agree to a new address.
pub(super) fn address(
    printing: &Printing,
    to: &Email,
    new: &Email,
    link: &Secret,
) -> Result<Letter, ThemeError> {
    let publication = &printing.publication;
    let subject = printing.theme.word("mail_address_subject");
    let subject = subject.replace("{publication}", &publication.name);
    let context = AddressLetter {
        publication: publication.name.clone(),
        address: publication.address.clone(),
        language: publication.locale.tag().to_owned(),
        subject: subject.clone(),
        link: format!("{}/account/address/{link}", publication.address),
        email: new.to_string(),
        old: to != new,
    };
    let templates = [Template::AddressMail, Template::AddressMailText];
    letter(printing, to, "address", subject, templates, &context)
}

fn letter<C: Serialize>(
    printing: &Printing,
    to: &Email,
    kind: &str,
    subject: String,
    [html, text]: [Template; 2],
    context: &C,
) -> Result<Letter, ThemeError> {
    Ok(Letter {
        to: to.clone(),
        kind: kind.to_owned(),
        subject,
        text: printing.theme.render(text, context)?,
        html: printing.theme.render(html, context)?,
    })
}
