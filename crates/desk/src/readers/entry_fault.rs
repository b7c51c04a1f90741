//! Why something that staff entered was not done, in words.

use masthead_billing::staff_actions::EntryError;
use masthead_circulation::PaymentStatus;

use crate::{error::ActionError, settings::entry, words::DeskWords};

/// What staff are told of an entry that was not made, or not as they wanted.
pub(super) fn not_entered(error: EntryError, words: DeskWords) -> ActionError {
    let outcome = match &error {
        EntryError::Failed(_) => None,
        fault if fault.changes_nothing() => Some("entry_unchanged"),
        EntryError::PaymentNotApplied(_) | EntryError::PaymentUnused(_) => Some("entry_recorded"),
        _ => Some("entry_refund_noted"),
    };
    match (error, outcome) {
        (EntryError::Failed(error), _) => ActionError::failed(error),
        (fault, None) => ActionError::Rejected(in_words(&fault, words)),
        (fault, Some(outcome)) => {
            ActionError::Rejected(format!("{} {}", words.text(outcome), in_words(&fault, words)))
        }
    }
}

/// What went wrong, and what to do about it.
fn in_words(error: &EntryError, words: DeskWords) -> String {
    let fill = |name, gaps: &[(&str, &dyn std::fmt::Display)]| words.fill(name, gaps);
    match error {
        EntryError::NoPrice { name, hint } => {
            fill("entry_no_price", &[("name", name), ("hint", hint)])
        }
        EntryError::HasOne { reader, number } => {
            fill("entry_has_one", &[("reader", reader), ("subscription", number)])
        }
        EntryError::HasLeft => words.text("entry_has_left").to_owned(),
        EntryError::NoSubscription(number) => {
            fill("entry_no_subscription", &[("subscription", number)])
        }
        EntryError::NotAsked { number, last } => {
            let date = words.day(*last);
            fill("entry_not_asked", &[("subscription", number), ("date", &date)])
        }
        EntryError::NoPayment(number) => fill("entry_no_payment", &[("invoice", number)]),
        EntryError::Decided(number) => fill("entry_decided", &[("invoice", number)]),
        EntryError::Amount(error) => entry::decimal_fault(error, words),
        EntryError::NotSoMuch { most } => {
            fill("entry_not_so_much", &[("most", &words.money(*most))])
        }
        EntryError::Refunded { number, amount } => {
            fill("entry_refunded", &[("invoice", number), ("amount", &words.money(*amount))])
        }
        EntryError::NoProcessor { number, processor } if processor.is_empty() => {
            fill("entry_no_processor", &[("invoice", number)])
        }
        EntryError::NoProcessor { number, processor } => {
            fill("entry_processor_gone", &[("invoice", number), ("processor", processor)])
        }
        EntryError::NotRepaid(error) => fill("entry_not_repaid", &[("fault", error)]),
        EntryError::RefundRefused(error) => fill("entry_refund_refused", &[("fault", error)]),
        EntryError::OnlyWhole { number, most } => {
            fill("entry_only_whole", &[("invoice", number), ("most", &words.money(*most))])
        }
        EntryError::NotInSteps(step) => {
            fill("entry_not_in_steps", &[("step", &words.money(*step))])
        }
        EntryError::NotRefundable { number, status } => {
            fill(not_refundable(*status), &[("invoice", number)])
        }
        EntryError::Disputed(number) => fill("entry_disputed", &[("invoice", number)]),
        EntryError::NotDisputed(number) => fill("entry_not_disputed", &[("subscription", number)]),
        EntryError::LastsLonger { number, last } => {
            let date = words.day(*last);
            fill("entry_lasts_longer", &[("subscription", number), ("date", &date)])
        }
        EntryError::NotInWithdrawalPeriod { number, first, last } => {
            let (first, last) = (words.day(*first), words.day(*last));
            let gaps: [(&str, &dyn std::fmt::Display); 3] =
                [("subscription", number), ("first", &first), ("last", &last)];
            fill("entry_not_withdrawable", &gaps)
        }
        EntryError::NotPossible { number, state } => {
            let state = super::in_words::state_name(state.name(), words);
            fill("entry_not_possible", &[("subscription", number), ("state", &state)])
        }
        EntryError::Overtaken(_) => words.text("entry_overtaken").to_owned(),
        EntryError::PaymentNotApplied(number) => {
            fill("entry_payment_not_applied", &[("invoice", number)])
        }
        EntryError::PaymentUnused(number) => fill("entry_payment_unused", &[("invoice", number)]),
        EntryError::Failed(error) => error.to_string(),
    }
}

fn not_refundable(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Kept => "entry_kept",
        PaymentStatus::Refunded => "entry_refunded_before",
        PaymentStatus::Recorded | PaymentStatus::Applied | PaymentStatus::RefundPending => {
            "entry_just_now"
        }
    }
}
