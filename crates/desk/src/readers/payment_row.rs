//! A payment as staff see it, and what they can do with it.

use jiff::tz::TimeZone;
use masthead_circulation::{Money, Payment, PaymentStatus, Refund, RefundStatus};
use serde::Serialize;

use crate::format::date;

/// See the module's documentation.
#[derive(Default, Serialize)]
pub(super) struct PaymentRow {
    pub number: u32,
    pub at: String,
    pub what: String,
    pub amount: String,
    pub card: String,
    /// What was refunded, in words; empty if nothing was.
    pub refunded: String,
    /// What can be refunded; empty if nothing can.
    pub refundable: String,
    /// Whether staff have to decide: no subscription can take it, or its refund was refused.
    pub undecided: bool,
}

/// A payment as it is shown, with its refund among `refunds`.
pub(super) fn payment_row(payment: Payment, refunds: &[Refund], zone: &TimeZone) -> PaymentRow {
    let refund = refunds.iter().find(|refund| refund.payment == payment.number);
    PaymentRow {
        undecided: match refund.map(|refund| &refund.status) {
            Some(RefundStatus::Asked) => false,
            Some(RefundStatus::Refused(_)) => true,
            Some(RefundStatus::Settled | RefundStatus::GivenUp) | None => {
                payment.status == PaymentStatus::RefundPending
            }
        },
        refunded: refund.map(|refund| refund_in_words(refund, zone)).unwrap_or_default(),
        refundable: refundable(&payment, refund).map(Money::decimal).unwrap_or_default(),
        number: payment.number.0,
        at: date(payment.at, zone),
        what: payment.what,
        amount: payment.amount.to_string(),
        card: payment.card,
    }
}

fn refund_in_words(refund: &Refund, zone: &TimeZone) -> String {
    let day = date(refund.at, zone);
    let in_words = attempt_in_words(refund, &day);
    if refund.is_settled() || refund.before.is_zero() {
        return in_words;
    }
    format!("{} paid back before. {in_words}", refund.before)
}

fn attempt_in_words(refund: &Refund, day: &str) -> String {
    let amount = refund.amount;
    match &refund.status {
        RefundStatus::Settled => format!("{} paid back on {day}", refund.refunded()),
        RefundStatus::Asked => {
            format!("{amount} asked back on {day}, and not paid yet. It is tried again by itself.")
        }
        RefundStatus::Refused(reason) if refund.failed.is_some() => {
            format!("{amount} paid back on {day}, and it did not arrive: {reason}")
        }
        RefundStatus::Refused(reason) => {
            format!("{amount} asked back on {day}, and not paid: {reason}")
        }
        RefundStatus::GivenUp => String::new(),
    }
}

/// What can be refunded of a payment, or asked for again.
fn refundable(payment: &Payment, refund: Option<&Refund>) -> Option<Money> {
    match (refund.map(|refund| &refund.status), payment.status) {
        (Some(RefundStatus::Asked), _) => refund.map(|refund| refund.amount),
        (Some(RefundStatus::Settled), PaymentStatus::Applied)
        | (_, PaymentStatus::Recorded | PaymentStatus::Refunded | PaymentStatus::Kept) => None,
        // If a part was refunded before the reader withdrew from the contract, the rest is left.
        (_, PaymentStatus::Applied | PaymentStatus::RefundPending) => {
            Some(Refund::left_of(payment.amount, refund))
        }
    }
}
