//! The emails about a subscription.

use jiff::Timestamp;
use masthead_circulation::{
    DeliveryAddress, EmailAddress, Money, Payment, PaymentSource, State, Subscription,
    SubscriptionEmail, Withdrawal,
};
use masthead_publication::{
    SiteSnapshot,
    contexts::{Fact, Link, SubscriptionEmailContext, WithdrawalHint},
    theme::{Template, ThemeError},
};
use masthead_store::Email;

use super::{
    EmailKind,
    facts::{
        cancellation_fact, card_words, delivery_fact, granted_facts, invoice_facts,
        no_delivery_fact, payment_facts, refund_facts, unused_facts, withdrawal_facts,
    },
    fill, head, render,
};

/// What there is to tell about a subscription.
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionDetails<'a> {
    /// The subscription.
    pub subscription: &'a Subscription,
    /// The time that the email is about: when something ends, or when the next payment is collected.
    pub date: Timestamp,
    /// The payment that the email is about.
    pub payment: Option<&'a Payment>,
    /// Where papers are delivered, if the email is about the beginning of a subscription with them.
    pub delivery: Option<&'a DeliveryAddress>,
    /// Whether papers are to be delivered and nobody has said where, or it was deleted since.
    pub lacks_delivery: bool,
    /// What the reader has declared, if they have withdrawn from the contract.
    pub withdrawal: Option<WithdrawalDetails<'a>>,
    /// When the cancellation was received that the email confirms.
    pub cancelled: Option<Timestamp>,
}

/// A withdrawal from a contract, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub struct WithdrawalDetails<'a> {
    /// The declaration.
    pub declared: &'a Withdrawal,
    /// How much is refunded; may be zero.
    pub refund: Money,
}

/// Composes an email about a subscription.
///
/// # Errors
///
/// Returns [`ThemeError`] if a template fails.
pub fn subscription(
    snapshot: &SiteSnapshot,
    to: &EmailAddress,
    email: SubscriptionEmail,
    details: SubscriptionDetails<'_>,
) -> Result<Email, ThemeError> {
    use SubscriptionEmail::{CardExpiring, Paused, RenewalAhead, Resumed};

    let SubscriptionDetails { subscription, date, payment, delivery, withdrawal, .. } = details;
    let publication = &snapshot.publication;
    let rates = snapshot.rates();
    let terms = &subscription.terms;
    let card = subscription.mandate.card.as_ref();
    let card = card.map(|card| card_words(snapshot, card)).unwrap_or_default();
    // All others name the last day before something ends.
    let date = match email {
        RenewalAhead | CardExpiring | Paused => snapshot.date_of(date),
        Resumed if !matches!(subscription.state, State::Trial { .. }) => snapshot.date_of(date),
        _ => snapshot.last_day(date),
    };
    let price = rates.each(terms.amount, terms.every);
    let amount = rates.money(subscription.next_payment(&publication.policy.zone).amount);
    let word = |part: &str| {
        let values: [(&str, &str); 6] = [
            ("publication", &publication.name),
            ("product", &terms.name),
            ("price", &price),
            ("amount", &amount),
            ("date", &date),
            ("card", &card),
        ];
        fill(snapshot.theme.word(&format!("mail_{}_{part}", email.name())), &values)
    };
    let text = format!("{}text", variant(email, details));
    let mut facts = facts(snapshot, email, subscription, payment, &date);
    facts.extend(delivery.map(|address| delivery_fact(snapshot, address)));
    facts.extend(
        withdrawal.iter().flat_map(|details| withdrawal_facts(snapshot, subscription, *details)),
    );
    facts.extend(details.cancelled.map(|at| cancellation_fact(snapshot, at)));
    facts.extend(details.lacks_delivery.then(|| no_delivery_fact(snapshot)));
    let context = SubscriptionEmailContext {
        head: head(snapshot, word("subject")),
        text: word(&text),
        facts,
        withdrawal: withdrawal_hint(snapshot, email, subscription, payment),
        button: Link::to(&format!("{}{}", publication.address, email.path()), &word("button")),
    };
    let subject = context.head.subject.clone();
    let templates = [Template::SubscriptionMail, Template::SubscriptionMailText];
    let kind = EmailKind::Subscription(email);
    let composed = render(snapshot, to, kind, subject, templates, &context)?;
    Ok(Email { account: Some(subscription.account), ..composed })
}

/// Whether a change of plan is for less than a period, because the credit for it was refunded or taken back before the payment was made.
fn is_shortened(subscription: &Subscription, payment: &Payment) -> bool {
    let is_change = matches!(payment.source, PaymentSource::PriceChange(_));
    let spent = subscription.paid.map_or(0, |paid| paid.amount.minor());
    is_change && spent < subscription.terms.amount.minor()
}

/// The prefix of the text's name if it differs by what was bought, cancelled or withdrawn from: only readers of articles can read on.
fn variant(email: SubscriptionEmail, details: SubscriptionDetails<'_>) -> &'static str {
    use SubscriptionEmail as E;
    let SubscriptionDetails { subscription, withdrawal, .. } = details;
    match email {
        E::Cancelled => cancelled_variant(subscription),
        E::Resumed => match subscription.state {
            State::Trial { renews: true, .. } => "trial_renews_",
            State::Trial { renews: false, .. } => "trial_",
            State::Active { .. }
            | State::Grace { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => "",
        },
        E::Receipt if details.payment.is_some_and(|paid| is_shortened(subscription, paid)) => {
            "shortened_"
        }
        E::Refunded if subscription.is_withdrawn() => "withdrawn_",
        E::Withdrawn if withdrawal.is_none_or(|it| it.refund.is_zero()) => "unpaid_",
        E::PaymentFailed
        | E::PaymentFailedAgain
        | E::PaymentFailedLast
        | E::Invoice
        | E::InvoiceReminder
        | E::InvoiceLast
            if subscription.is_print_only() =>
        {
            "print_"
        }
        _ => "",
    }
}

/// Only one of the texts about a cancellation promises that the reader can read on.
fn cancelled_variant(subscription: &Subscription) -> &'static str {
    match subscription.state {
        State::Ended { .. } => "now_",
        State::Cancelling { trial: true, .. } => "trial_",
        _ if subscription.terms.amount.is_zero() => "gift_",
        _ if subscription.is_print_only() => "print_",
        State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. } => "",
    }
}

/// The emails about a new contract say until when the reader can withdraw from it, and where.
fn withdrawal_hint(
    snapshot: &SiteSnapshot,
    email: SubscriptionEmail,
    subscription: &Subscription,
    payment: Option<&Payment>,
) -> Option<WithdrawalHint> {
    use SubscriptionEmail::{Invoice, Receipt, TrialBegun};

    let written = match (email, payment) {
        (Receipt, Some(payment)) => payment.at,
        (TrialBegun, _) => subscription.begun,
        (Invoice, _) if subscription.paid.is_none() => subscription.begun,
        _ => return None,
    };
    let path = format!("{}/withdraw", snapshot.publication.address);
    Some(WithdrawalHint {
        text: snapshot.withdrawal_words(subscription, written)?,
        link: Link::to(&path, snapshot.theme.word("withdraw_here")),
    })
}

/// The table of an email.
fn facts(
    snapshot: &SiteSnapshot,
    email: SubscriptionEmail,
    subscription: &Subscription,
    payment: Option<&Payment>,
    date: &str,
) -> Vec<Fact> {
    use SubscriptionEmail::{
        Granted, Invoice, InvoiceLast, InvoiceReminder, PaymentUnused, Refunded,
    };

    match (email, payment) {
        (Invoice | InvoiceReminder | InvoiceLast, _) => invoice_facts(snapshot, subscription, date),
        (Granted, _) => granted_facts(snapshot, subscription),
        (Refunded, Some(payment)) => refund_facts(snapshot, payment),
        (PaymentUnused, Some(payment)) => unused_facts(snapshot, payment),
        (_, Some(payment)) => payment_facts(snapshot, payment),
        (_, None) => Vec::new(),
    }
}
