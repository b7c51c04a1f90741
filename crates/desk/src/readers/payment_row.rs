//! A payment as staff see it, and what they can do with it.

use jiff::tz::TimeZone;
use masthead_circulation::{Dispute, Money, Payment, PaymentStatus, Refund, RefundStatus};
use masthead_store::RefundElsewhere;
use serde::Serialize;

use crate::{disputes, refunds_elsewhere, settings::entry, words::DeskWords};

/// See the module's documentation.
#[derive(Default, Serialize)]
pub(super) struct PaymentRow {
    pub number: u32,
    pub at: String,
    pub what: String,
    pub amount: String,
    /// The tax in it, in words; empty if its rate is not known.
    pub tax: String,
    pub card: String,
    /// What was refunded, in words; empty if nothing was.
    pub refunded: String,
    /// What was refunded at the processor and not in the newsroom, in words; empty if nothing was.
    pub refunded_elsewhere: String,
    /// What banks say about it, in words; empty if it is not disputed.
    pub disputed: String,
    /// What can be refunded; empty if nothing can.
    pub refundable: String,
    /// Whether staff have to decide: no subscription can take it, or its refund was refused.
    pub undecided: bool,
}

/// A payment as it is shown, with its refunds and its disputes among these.
pub(super) fn payment_row(
    payment: Payment,
    (refunds, elsewhere, disputes): (&[Refund], &[RefundElsewhere], &[Dispute]),
    zone: &TimeZone,
    words: DeskWords,
) -> PaymentRow {
    let refund = refunds.iter().find(|refund| refund.payment == payment.number);
    PaymentRow {
        undecided: match refund.map(|refund| &refund.status) {
            Some(RefundStatus::Asked) => false,
            Some(RefundStatus::Refused(_)) => true,
            Some(RefundStatus::Settled | RefundStatus::GivenUp) | None => {
                payment.status == PaymentStatus::RefundPending
            }
        },
        refunded_elsewhere: refunds_elsewhere::of_payment(payment.number, elsewhere, zone, words),
        refunded: refund
            .filter(|refund| refund.is_own())
            .map(|refund| refund_in_words(refund, zone, words))
            .unwrap_or_default(),
        disputed: disputes::of_payment(&payment, disputes, zone, words),
        refundable: refundable(&payment, refund)
            .filter(|_| Dispute::taken_of(&payment, disputes).is_zero())
            .map(|amount| entry::amount_in_words(amount, words))
            .unwrap_or_default(),
        number: payment.number.0,
        tax: tax_in_words(&payment, words),
        at: words.date(payment.at, zone),
        what: payment.what,
        amount: words.money(payment.amount),
        card: payment.card,
    }
}

/// The tax in a payment; empty if its rate is not known.
fn tax_in_words(payment: &Payment, words: DeskWords) -> String {
    let Some((taxed, rate)) = payment.taxed().zip(payment.tax) else { return String::new() };
    let rate = entry::tax_in_words(Some(rate), words);
    words.fill("payment_tax", &[("tax", &words.money(taxed.tax)), ("rate", &rate)])
}

fn refund_in_words(refund: &Refund, zone: &TimeZone, words: DeskWords) -> String {
    let in_words = attempt_in_words(refund, zone, words);
    if refund.is_settled() || refund.before.is_zero() {
        return in_words;
    }
    let before = words.money(refund.before);
    words.fill("refund_before", &[("amount", &before), ("refund", &in_words)])
}

fn attempt_in_words(refund: &Refund, zone: &TimeZone, words: DeskWords) -> String {
    let date = words.date(refund.at, zone);
    let amount = if refund.is_settled() { refund.refunded_here() } else { refund.amount };
    let amount = words.money(amount);
    let (name, reason) = match &refund.status {
        RefundStatus::Settled => ("refund_settled", ""),
        RefundStatus::Asked => ("refund_asked", ""),
        RefundStatus::Refused(reason) if refund.failed.is_some() => {
            ("refund_failed", reason.as_str())
        }
        RefundStatus::Refused(reason) => ("refund_refused", reason.as_str()),
        RefundStatus::GivenUp => return String::new(),
    };
    words.fill(name, &[("amount", &amount), ("date", &date), ("reason", &reason)])
}

/// What can be refunded of a payment, or asked for again.
fn refundable(payment: &Payment, refund: Option<&Refund>) -> Option<Money> {
    match (refund.map(|refund| &refund.status), payment.status) {
        (Some(RefundStatus::Asked), _) => refund.map(|refund| refund.amount),
        (Some(RefundStatus::Settled), PaymentStatus::Applied)
            if refund.is_some_and(Refund::is_own) =>
        {
            None
        }
        (_, PaymentStatus::Recorded | PaymentStatus::Refunded | PaymentStatus::Kept) => None,
        // If a part was refunded before the reader withdrew from the contract, the rest is left.
        (_, PaymentStatus::Applied | PaymentStatus::RefundPending) => {
            Some(Refund::left_of(payment.amount, refund)).filter(|left| !left.is_zero())
        }
    }
}
