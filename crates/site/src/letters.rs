//! Letters, in the theme's words and look.
//!
//! To add a letter about a subscription: give it a variant of [`News`], and words of its name in
//! `words.toml`: `mail_NAME_subject`, `mail_NAME_text` and `mail_NAME_button`.

use jiff::Timestamp;
use masthead_circulation::{Card, Email, PaidTime, Payment, Secret, State, Subscription, sign_in};
use masthead_store::Letter;
use serde::Serialize;

use crate::{
    contexts::{
        AddressLetter, Fact, LetterHead, Link, PasskeyLetter, SignInLetter, SubscriptionLetter,
    },
    printing::Printing,
    theme::{Template, ThemeError},
};

/// What there is to tell of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A trial has begun.
    TrialBegun,
    /// It lasts longer.
    TrialProlonged,
    /// Something was paid.
    Receipt,
    /// The trial ends soon, by itself.
    TrialEnding,
    /// The trial ends soon, and is paid for from then on.
    TrialRenewing,
    /// The trial has ended.
    TrialEnded,
    /// It renews soon.
    RenewalAhead,
    /// A renewal was refused for the first time.
    PaymentFailed,
    /// And again.
    PaymentFailedAgain,
    /// And for the last time.
    PaymentFailedLast,
    /// The card will not last until the renewal.
    CardExpiring,
    /// It was cancelled.
    Cancelled,
    /// It has ended.
    Ended,
    /// It has ended because it was not paid for.
    EndedUnpaid,
    /// What is to be paid, and how.
    Invoice,
    /// The invoice is not paid yet.
    InvoiceReminder,
    /// Nor now, and it will not be asked for again.
    InvoiceLast,
    /// The publisher gives it.
    Granted,
    /// A payment was paid back.
    Refunded,
}

impl News {
    /// Everything that there may be to tell.
    pub const ALL: [Self; 19] = [
        Self::TrialBegun,
        Self::TrialProlonged,
        Self::Receipt,
        Self::TrialEnding,
        Self::TrialRenewing,
        Self::TrialEnded,
        Self::RenewalAhead,
        Self::PaymentFailed,
        Self::PaymentFailedAgain,
        Self::PaymentFailedLast,
        Self::CardExpiring,
        Self::Cancelled,
        Self::Ended,
        Self::EndedUnpaid,
        Self::Invoice,
        Self::InvoiceReminder,
        Self::InvoiceLast,
        Self::Granted,
        Self::Refunded,
    ];

    /// The name by which its words go.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrialBegun => "trial_begun",
            Self::TrialProlonged => "trial_prolonged",
            Self::Receipt => "receipt",
            Self::TrialEnding => "trial_ending",
            Self::TrialRenewing => "trial_renewing",
            Self::TrialEnded => "trial_ended",
            Self::RenewalAhead => "renewal_ahead",
            Self::PaymentFailed => "payment_failed",
            Self::PaymentFailedAgain => "payment_failed_again",
            Self::PaymentFailedLast => "payment_failed_last",
            Self::CardExpiring => "card_expiring",
            Self::Cancelled => "cancelled",
            Self::Ended => "ended",
            Self::EndedUnpaid => "ended_unpaid",
            Self::Invoice => "invoice",
            Self::InvoiceReminder => "invoice_reminder",
            Self::InvoiceLast => "invoice_last",
            Self::Granted => "granted",
            Self::Refunded => "refunded",
        }
    }

    /// Where its button leads.
    fn leads_to(self) -> &'static str {
        match self {
            Self::TrialBegun | Self::TrialProlonged | Self::Receipt => "/",
            Self::TrialRenewing
            | Self::RenewalAhead
            | Self::PaymentFailed
            | Self::PaymentFailedAgain
            | Self::PaymentFailedLast
            | Self::CardExpiring
            | Self::Cancelled
            | Self::Invoice
            | Self::InvoiceReminder
            | Self::InvoiceLast
            | Self::Refunded => "/account",
            Self::Granted => "/sign-in",
            Self::TrialEnding | Self::TrialEnded | Self::Ended | Self::EndedUnpaid => "/offers",
        }
    }
}

/// The letter that tells the reader of their subscription. `date` is the day that it is about.
pub(crate) fn of_subscription(
    printing: &Printing,
    to: &Email,
    news: News,
    subscription: &Subscription,
    date: Timestamp,
    payment: Option<&Payment>,
) -> Result<Letter, ThemeError> {
    let publication = &printing.publication;
    let rates = printing.rates();
    let terms = &subscription.terms;
    let card = subscription.mandate.card.as_ref();
    let card = card.map(|card| card_words(printing, card)).unwrap_or_default();
    let date = printing.date_of(date);
    let price = rates.each(terms.amount, terms.every);
    let next = subscription.next_payment(&publication.policy.zone);
    let word = |part: &str| {
        let word = printing.theme.word(&format!("mail_{}_{part}", news.name()));
        word.replace("{publication}", &publication.name)
            .replace("{product}", &terms.name)
            .replace("{price}", &price)
            .replace("{amount}", &rates.money(next.amount))
            .replace("{date}", &date)
            .replace("{card}", &card)
    };
    let facts = match (news, payment) {
        (News::Invoice | News::InvoiceReminder | News::InvoiceLast, _) => {
            invoice_facts(printing, subscription, &date)
        }
        (News::Granted, _) => granted_facts(printing, subscription),
        (News::Refunded, Some(payment)) => refund_facts(printing, payment),
        (_, Some(payment)) => payment_facts(printing, payment),
        (_, None) => Vec::new(),
    };
    let context = SubscriptionLetter {
        head: head(printing, word("subject")),
        text: word("text"),
        facts,
        button: Link::to(&format!("{}{}", publication.address, news.leads_to()), &word("button")),
    };
    let subject = context.head.subject.clone();
    let templates = [Template::SubscriptionMail, Template::SubscriptionMailText];
    letter(printing, to, news.name(), subject, templates, &context)
}

/// The payment for the time that a subscription has just been paid for; none for a trial, and for what is
/// free.
pub(crate) fn payment(
    printing: &Printing,
    subscription: &Subscription,
    key: String,
    now: Timestamp,
) -> Option<Payment> {
    payment_of(printing, subscription, subscription.paid?, key, now)
}

/// The payment for this time; none where it is free.
pub(crate) fn payment_of(
    printing: &Printing,
    subscription: &Subscription,
    paid: PaidTime,
    key: String,
    now: Timestamp,
) -> Option<Payment> {
    if paid.amount.is_zero() {
        return None;
    }
    let card = subscription.mandate.card.as_ref();
    Some(Payment {
        number: 0,
        key,
        account: subscription.account,
        subscription: subscription.id,
        what: subscription.terms.name.clone(),
        amount: paid.amount,
        at: now,
        from: paid.from,
        through: paid.through,
        card: card.map(|card| card_words(printing, card)).unwrap_or_default(),
    })
}

/// What is to be paid next by who pays by themselves, by when, and how.
pub(crate) fn invoice_facts(
    printing: &Printing,
    subscription: &Subscription,
    by: &str,
) -> Vec<Fact> {
    let PaidTime { amount, from, through } =
        subscription.next_payment(&printing.publication.policy.zone);
    let fact = |name: &str, value: String| fact(printing, name, value);
    let mut facts = vec![
        fact("paid_for", subscription.terms.name.clone()),
        fact("paid_period", period(printing, from, through)),
        fact("paid_amount", printing.rates().money(amount)),
        fact("pay_by", by.to_owned()),
        fact("pay_reference", format!("S-{}", subscription.id.0)),
    ];
    let transfer = printing.publication.transfer.trim();
    if !transfer.is_empty() {
        facts.push(fact("pay_to", transfer.to_owned()));
    }
    facts
}

/// What was given, and until when.
fn granted_facts(printing: &Printing, subscription: &Subscription) -> Vec<Fact> {
    let mut facts = vec![fact(printing, "paid_for", subscription.terms.name.clone())];
    if let State::Cancelling { ends, .. } = subscription.state {
        facts.push(fact(printing, "granted_until", printing.date_of(ends)));
    }
    facts
}

fn fact(printing: &Printing, name: &str, value: String) -> Fact {
    Fact { name: printing.theme.word(name).to_owned(), value }
}

fn period(printing: &Printing, from: Timestamp, through: Timestamp) -> String {
    let words = printing.theme.word("period");
    words
        .replace("{from}", &printing.date_of(from))
        .replace("{through}", &printing.date_of(through))
}

/// The particulars of a payment.
pub(crate) fn payment_facts(printing: &Printing, payment: &Payment) -> Vec<Fact> {
    let rates = printing.rates();
    let fact = |name: &str, value: String| fact(printing, name, value);
    let mut facts = vec![
        fact("paid_for", payment.what.clone()),
        fact("paid_period", period(printing, payment.from, payment.through)),
        fact("paid_amount", rates.money(payment.amount)),
        fact("paid_on", printing.date_of(payment.at)),
    ];
    if !payment.card.is_empty() {
        facts.push(fact("paid_with", payment.card.clone()));
    }
    facts
}

/// What was paid back: the payment's own amount is that.
fn refund_facts(printing: &Printing, payment: &Payment) -> Vec<Fact> {
    let mut facts = vec![
        fact(printing, "paid_for", payment.what.clone()),
        fact(printing, "paid_on", printing.date_of(payment.at)),
        fact(printing, "paid_back", printing.rates().money(payment.amount)),
    ];
    if !payment.card.is_empty() {
        facts.push(fact(printing, "paid_with", payment.card.clone()));
    }
    facts
}

/// A card in words: "Visa ending in 4242".
pub(crate) fn card_words(printing: &Printing, card: &Card) -> String {
    let words = printing.theme.word("card_words");
    words.replace("{brand}", &card.brand).replace("{last4}", &card.last4)
}

/// The letter with a link and a code to sign in.
pub(crate) fn sign_in(
    printing: &Printing,
    to: &Email,
    link: &Secret,
    code: &str,
) -> Result<Letter, ThemeError> {
    let publication = &printing.publication;
    let subject =
        printing.theme.word("mail_sign_in_subject").replace("{publication}", &publication.name);
    let context = SignInLetter {
        head: head(printing, subject.clone()),
        link: format!("{}/sign-in/with/{link}", publication.address),
        code: code.to_owned(),
    };
    let templates = [Template::SignInMail, Template::SignInMailText];
    letter(printing, to, sign_in::LETTER, subject, templates, &context)
}

/// The letter that asks one end to agree to a new address.
pub(crate) fn address(
    printing: &Printing,
    to: &Email,
    new: &Email,
    link: &Secret,
) -> Result<Letter, ThemeError> {
    let publication = &printing.publication;
    let subject = printing.theme.word("mail_address_subject");
    let subject = subject.replace("{publication}", &publication.name);
    let context = AddressLetter {
        head: head(printing, subject.clone()),
        link: format!("{}/account/address/{link}", publication.address),
        email: new.to_string(),
        old: to != new,
    };
    let templates = [Template::AddressMail, Template::AddressMailText];
    letter(printing, to, "address", subject, templates, &context)
}

/// The letter that tells of a new passkey, should it be somebody else's.
pub(crate) fn passkey(printing: &Printing, to: &Email, device: &str) -> Result<Letter, ThemeError> {
    let subject = printing.theme.word("mail_passkey_subject");
    let subject = subject.replace("{publication}", &printing.publication.name);
    let context =
        PasskeyLetter { head: head(printing, subject.clone()), device: device.to_owned() };
    let templates = [Template::PasskeyMail, Template::PasskeyMailText];
    letter(printing, to, "passkey", subject, templates, &context)
}

fn head(printing: &Printing, subject: String) -> LetterHead {
    let publication = &printing.publication;
    LetterHead {
        publication: publication.name.clone(),
        address: publication.address.clone(),
        language: publication.locale.tag().to_owned(),
        subject,
    }
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
