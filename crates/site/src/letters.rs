//! Letters, in the theme's words and look.
//!
//! To add an email about a subscription: give it a variant of [`SubscriptionEmail`], and words of its name in
//! `words.toml`: `mail_NAME_subject`, `mail_NAME_text` and `mail_NAME_button`.

use jiff::Timestamp;
use masthead_circulation::{
    AddressMove, Card, EmailAddress, PaidTime, Payment, Secret, State, Subscription,
    SubscriptionEmail, sign_in,
};
use masthead_store::{Email, EmailBody};
use serde::Serialize;

use masthead_publication::{
    SiteSnapshot,
    contexts::{
        AddressLetter, Fact, LetterHead, Link, PasskeyLetter, SignInLetter, SubscriptionLetter,
    },
    theme::{Template, ThemeError},
};

/// Where the button of an email leads.
fn leads_to(email: SubscriptionEmail) -> &'static str {
    match email {
        SubscriptionEmail::TrialBegun
        | SubscriptionEmail::TrialProlonged
        | SubscriptionEmail::Receipt => "/",
        SubscriptionEmail::TrialRenewing
        | SubscriptionEmail::RenewalAhead
        | SubscriptionEmail::PaymentFailed
        | SubscriptionEmail::PaymentFailedAgain
        | SubscriptionEmail::PaymentFailedLast
        | SubscriptionEmail::CardExpiring
        | SubscriptionEmail::Cancelled
        | SubscriptionEmail::Invoice
        | SubscriptionEmail::InvoiceReminder
        | SubscriptionEmail::InvoiceLast
        | SubscriptionEmail::Refunded
        | SubscriptionEmail::PaymentUnused => "/account",
        SubscriptionEmail::Granted => "/sign-in",
        SubscriptionEmail::TrialEnding
        | SubscriptionEmail::TrialEnded
        | SubscriptionEmail::Ended
        | SubscriptionEmail::EndedUnpaid => "/offers",
    }
}

/// The letter that tells the reader of their subscription. `date` is the day that it is about.
pub(crate) fn of_subscription(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    news: SubscriptionEmail,
    subscription: &Subscription,
    date: Timestamp,
    payment: Option<&Payment>,
) -> Result<Email, ThemeError> {
    let publication = &snapshot.publication;
    let rates = snapshot.rates();
    let terms = &subscription.terms;
    let card = subscription.mandate.card.as_ref();
    let card = card.map(|card| card_words(snapshot, card)).unwrap_or_default();
    let date = snapshot.date_of(date);
    let price = rates.each(terms.amount, terms.every);
    let next = subscription.next_payment(&publication.policy.zone);
    let word = |part: &str| {
        let word = snapshot.theme.word(&format!("mail_{}_{part}", news.name()));
        word.replace("{publication}", &publication.name)
            .replace("{product}", &terms.name)
            .replace("{price}", &price)
            .replace("{amount}", &rates.money(next.amount))
            .replace("{date}", &date)
            .replace("{card}", &card)
    };
    let facts = match (news, payment) {
        (
            SubscriptionEmail::Invoice
            | SubscriptionEmail::InvoiceReminder
            | SubscriptionEmail::InvoiceLast,
            _,
        ) => invoice_facts(snapshot, subscription, &date),
        (SubscriptionEmail::Granted, _) => granted_facts(snapshot, subscription),
        (SubscriptionEmail::Refunded, Some(payment)) => refund_facts(snapshot, payment),
        (SubscriptionEmail::PaymentUnused, Some(payment)) => unused_facts(snapshot, payment),
        (_, Some(payment)) => payment_facts(snapshot, payment),
        (_, None) => Vec::new(),
    };
    let context = SubscriptionLetter {
        head: head(snapshot, word("subject")),
        text: word("text"),
        facts,
        button: Link::to(&format!("{}{}", publication.address, leads_to(news)), &word("button")),
    };
    let subject = context.head.subject.clone();
    let templates = [Template::SubscriptionMail, Template::SubscriptionMailText];
    let letter = letter(snapshot, to, news.name(), subject, templates, &context)?;
    Ok(Email { account: Some(subscription.account), ..letter })
}

/// What is to be paid next by who pays by themselves, by when, and how.
pub(crate) fn invoice_facts(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    by: &str,
) -> Vec<Fact> {
    let PaidTime { amount, from, through } =
        subscription.next_payment(&snapshot.publication.policy.zone);
    let fact = |name: &str, value: String| fact(snapshot, name, value);
    let mut facts = vec![
        fact("paid_for", subscription.terms.name.clone()),
        fact("paid_period", period(snapshot, from, through)),
        fact("paid_amount", snapshot.rates().money(amount)),
        fact("pay_by", by.to_owned()),
        fact("pay_reference", format!("S-{}", subscription.id.0)),
    ];
    let transfer = snapshot.publication.transfer.trim();
    if !transfer.is_empty() {
        facts.push(fact("pay_to", transfer.to_owned()));
    }
    facts
}

/// What was given, and until when.
fn granted_facts(snapshot: &SiteSnapshot, subscription: &Subscription) -> Vec<Fact> {
    let mut facts = vec![fact(snapshot, "paid_for", subscription.terms.name.clone())];
    if let State::Cancelling { ends, .. } = subscription.state {
        facts.push(fact(snapshot, "granted_until", snapshot.date_of(ends)));
    }
    facts
}

fn fact(snapshot: &SiteSnapshot, name: &str, value: String) -> Fact {
    Fact { name: snapshot.theme.word(name).to_owned(), value }
}

fn period(snapshot: &SiteSnapshot, from: Timestamp, through: Timestamp) -> String {
    let words = snapshot.theme.word("period");
    words
        .replace("{from}", &snapshot.date_of(from))
        .replace("{through}", &snapshot.date_of(through))
}

/// The particulars of a payment.
pub(crate) fn payment_facts(snapshot: &SiteSnapshot, payment: &Payment) -> Vec<Fact> {
    let rates = snapshot.rates();
    let fact = |name: &str, value: String| fact(snapshot, name, value);
    let mut facts = vec![
        fact("paid_for", payment.what.clone()),
        fact("paid_period", period(snapshot, payment.from, payment.through)),
        fact("paid_amount", rates.money(payment.amount)),
        fact("paid_on", snapshot.date_of(payment.at)),
    ];
    if !payment.card.is_empty() {
        facts.push(fact("paid_with", payment.card.clone()));
    }
    facts
}

/// What was paid back: the payment's own amount is that.
fn refund_facts(snapshot: &SiteSnapshot, payment: &Payment) -> Vec<Fact> {
    let mut facts = vec![
        fact(snapshot, "paid_for", payment.what.clone()),
        fact(snapshot, "paid_on", snapshot.date_of(payment.at)),
        fact(snapshot, "paid_back", snapshot.rates().money(payment.amount)),
    ];
    if !payment.card.is_empty() {
        facts.push(fact(snapshot, "paid_with", payment.card.clone()));
    }
    facts
}

/// What was collected and cannot be used: the amount, the day and the card.
fn unused_facts(snapshot: &SiteSnapshot, payment: &Payment) -> Vec<Fact> {
    let mut facts = vec![
        fact(snapshot, "paid_for", payment.what.clone()),
        fact(snapshot, "paid_amount", snapshot.rates().money(payment.amount)),
        fact(snapshot, "paid_on", snapshot.date_of(payment.at)),
    ];
    if !payment.card.is_empty() {
        facts.push(fact(snapshot, "paid_with", payment.card.clone()));
    }
    facts
}

/// A card in words: "Visa ending in 4242".
pub(crate) fn card_words(snapshot: &SiteSnapshot, card: &Card) -> String {
    let words = snapshot.theme.word("card_words");
    words.replace("{brand}", &card.brand).replace("{last4}", &card.last4)
}

/// The letter with a link and a code to sign in.
pub(crate) fn sign_in(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    link: &Secret,
    code: &str,
) -> Result<Email, ThemeError> {
    let publication = &snapshot.publication;
    let subject =
        snapshot.theme.word("mail_sign_in_subject").replace("{publication}", &publication.name);
    let context = SignInLetter {
        head: head(snapshot, subject.clone()),
        link: format!("{}/sign-in/with/{link}", publication.address),
        code: code.to_owned(),
    };
    let templates = [Template::SignInMail, Template::SignInMailText];
    let letter = letter(snapshot, to, sign_in::EMAIL_KIND, subject, templates, &context)?;
    Ok(Email { useful_for: Some(sign_in::LIFETIME), ..letter })
}

/// The letter that asks one end to agree to a new address.
pub(crate) fn address(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    new: &EmailAddress,
    link: &Secret,
) -> Result<Email, ThemeError> {
    let publication = &snapshot.publication;
    let subject = snapshot.theme.word("mail_address_subject");
    let subject = subject.replace("{publication}", &publication.name);
    let context = AddressLetter {
        head: head(snapshot, subject.clone()),
        link: format!("{}/account/address/{link}", publication.address),
        email: new.to_string(),
        old: to != new,
    };
    let templates = [Template::AddressMail, Template::AddressMailText];
    let letter = letter(snapshot, to, "address", subject, templates, &context)?;
    Ok(Email { useful_for: Some(AddressMove::LIFETIME), ..letter })
}

/// The letter that tells of a new passkey, should it be somebody else's.
pub(crate) fn passkey(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    device: &str,
) -> Result<Email, ThemeError> {
    let subject = snapshot.theme.word("mail_passkey_subject");
    let subject = subject.replace("{publication}", &snapshot.publication.name);
    let context =
        PasskeyLetter { head: head(snapshot, subject.clone()), device: device.to_owned() };
    let templates = [Template::PasskeyMail, Template::PasskeyMailText];
    letter(snapshot, to, "passkey", subject, templates, &context)
}

fn head(snapshot: &SiteSnapshot, subject: String) -> LetterHead {
    let publication = &snapshot.publication;
    LetterHead {
        publication: publication.name.clone(),
        address: publication.address.clone(),
        language: publication.locale.tag().to_owned(),
        subject,
    }
}

fn letter<C: Serialize>(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    kind: &str,
    subject: String,
    [html, text]: [Template; 2],
    context: &C,
) -> Result<Email, ThemeError> {
    Ok(Email {
        to: to.clone(),
        account: None,
        kind: kind.to_owned(),
        subject,
        body: EmailBody {
            text: snapshot.theme.render(text, context)?,
            html: snapshot.theme.render(html, context)?,
        },
        useful_for: None,
    })
}
