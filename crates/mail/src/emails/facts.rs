//! The facts of a payment or subscription, as emails, the account page and invoices list them.

use jiff::Timestamp;
use masthead_circulation::{
    Card, DeliveryAddress, Money, PaidTime, Payment, State, Subscription, TaxRate, TaxedAmount,
};
use masthead_publication::{SiteSnapshot, contexts::Fact};

use super::{fill, subscription::WithdrawalDetails};

/// What a reader who pays by transfer has to pay next, by when, and how.
pub fn invoice_facts(snapshot: &SiteSnapshot, subscription: &Subscription, by: &str) -> Vec<Fact> {
    let PaidTime { amount, from, through } =
        subscription.next_payment(&snapshot.publication.policy.zone);
    let fact = |name: &str, value: String| fact(snapshot, name, value);
    let mut facts = vec![
        fact("paid_for", subscription.terms.name.clone()),
        fact("paid_period", period(snapshot, from, through)),
    ];
    let tax = snapshot.publication.catalogue.tax_of(&subscription.terms.product);
    facts.extend(amount_facts(snapshot, "paid_amount", amount, tax));
    facts.push(fact("pay_by", by.to_owned()));
    facts.push(fact("pay_reference", format!("S-{}", subscription.id.0)));
    let transfer = snapshot.publication.transfer.trim();
    if !transfer.is_empty() {
        facts.push(fact("pay_to", transfer.to_owned()));
    }
    facts
}

/// The facts of a payment.
pub fn payment_facts(snapshot: &SiteSnapshot, payment: &Payment) -> Vec<Fact> {
    let fact = |name: &str, value: String| fact(snapshot, name, value);
    let mut facts = vec![
        fact("paid_for", payment.what.clone()),
        fact("paid_period", period(snapshot, payment.from, payment.through)),
    ];
    facts.extend(amount_facts(snapshot, "paid_amount", payment.amount, payment.tax));
    facts.push(fact("paid_on", snapshot.date_of(payment.at)));
    if !payment.card.is_empty() {
        facts.push(fact("paid_with", payment.card.clone()));
    }
    facts
}

/// An amount under this name. If its tax rate is known, the amount without the tax and the tax come first.
fn amount_facts(
    snapshot: &SiteSnapshot,
    name: &str,
    amount: Money,
    tax: Option<TaxRate>,
) -> Vec<Fact> {
    let rates = snapshot.rates();
    let mut facts = Vec::new();
    if let Some(rate) = tax {
        let TaxedAmount { net, tax } = rate.split(amount);
        facts.push(fact(snapshot, "tax_net", rates.money(net)));
        let value = rates.money(tax);
        facts.push(Fact { name: tax_words(snapshot, rate), value });
    }
    let name = if tax.is_some() && name == "paid_amount" { "tax_gross" } else { name };
    facts.push(fact(snapshot, name, rates.money(amount)));
    facts
}

/// A tax with its rate in words: "VAT (19%)".
fn tax_words(snapshot: &SiteSnapshot, rate: TaxRate) -> String {
    let rate = rate.to_string().replace('.', snapshot.theme.word("decimal_mark"));
    fill(snapshot.theme.word("tax_of"), &[("rate", rate.as_str())])
}

/// A card in words: "Visa ending in 4242".
pub fn card_words(snapshot: &SiteSnapshot, card: &Card) -> String {
    let values: [(&str, &str); 2] = [("brand", &card.brand), ("last4", &card.last4)];
    fill(snapshot.theme.word("card_words"), &values)
}

/// What the publisher gives, and until when.
pub(super) fn granted_facts(snapshot: &SiteSnapshot, subscription: &Subscription) -> Vec<Fact> {
    let mut facts = vec![fact(snapshot, "paid_for", subscription.terms.name.clone())];
    if let State::Cancelling { ends, .. } = subscription.state {
        facts.push(fact(snapshot, "granted_until", snapshot.last_day(ends)));
    }
    facts
}

/// What was paid back: the amount of `payment`.
pub(super) fn refund_facts(snapshot: &SiteSnapshot, payment: &Payment) -> Vec<Fact> {
    let mut facts = vec![
        fact(snapshot, "paid_for", payment.what.clone()),
        fact(snapshot, "paid_on", snapshot.date_of(payment.at)),
    ];
    facts.extend(amount_facts(snapshot, "paid_back", payment.amount, payment.tax));
    if !payment.card.is_empty() {
        facts.push(fact(snapshot, "paid_with", payment.card.clone()));
    }
    facts
}

/// What was collected and cannot be used: the amount, the day and the card.
pub(super) fn unused_facts(snapshot: &SiteSnapshot, payment: &Payment) -> Vec<Fact> {
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

/// What a reader has declared who withdraws from a contract, when, and what is refunded.
pub(super) fn withdrawal_facts(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    details: WithdrawalDetails<'_>,
) -> Vec<Fact> {
    let WithdrawalDetails { declared, refund } = details;
    let fact = |name: &str, value: String| fact(snapshot, name, value);
    let number = format!("{} (S-{})", subscription.terms.name, subscription.id.0);
    let mut facts = vec![
        fact("withdraw_contract", number),
        fact("withdraw_concluded", snapshot.date_of(subscription.begun)),
        fact("withdraw_name", declared.name.clone()),
        fact("email", declared.email.clone()),
        fact("withdraw_received", snapshot.moment_of(declared.at)),
    ];
    if !refund.is_zero() {
        facts.push(fact("withdraw_refund", snapshot.rates().money(refund)));
    }
    facts
}

/// When a cancellation was received.
pub(super) fn cancellation_fact(snapshot: &SiteSnapshot, at: Timestamp) -> Fact {
    fact(snapshot, "cancel_received", snapshot.moment_of(at))
}

/// Where papers are delivered.
pub(super) fn delivery_fact(snapshot: &SiteSnapshot, address: &DeliveryAddress) -> Fact {
    fact(snapshot, "delivery", address.in_one_line())
}

/// That nobody has said where papers are delivered.
pub(super) fn no_delivery_fact(snapshot: &SiteSnapshot) -> Fact {
    fact(snapshot, "delivery", snapshot.theme.word("delivery_missing").to_owned())
}

fn fact(snapshot: &SiteSnapshot, name: &str, value: String) -> Fact {
    Fact { name: snapshot.theme.word(name).to_owned(), value }
}

fn period(snapshot: &SiteSnapshot, from: Timestamp, through: Timestamp) -> String {
    let values: [(&str, &str); 2] =
        [("from", &snapshot.date_of(from)), ("through", &snapshot.last_day(through))];
    fill(snapshot.theme.word("period"), &values)
}
