//! Refunds. A refund is noted before the processor is asked, so that it is asked for again if the answer is
//! lost, and never made twice.

use jiff::Timestamp;

use crate::{AccountId, Actor, Money, PaymentNumber};

/// A refund of a payment or of a part of it; there is one for each payment at most. What a withdrawal from the contract leaves to be
/// paid back follows in another attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The payment.
    pub payment: PaymentNumber,
    /// Whose payment it was; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// How much is refunded in this attempt.
    pub amount: Money,
    /// How much earlier attempts have refunded.
    pub before: Money,
    /// How much was refunded at the processor, and not from here ([`crate::ProcessorRefund`]).
    pub elsewhere: Money,
    /// When it was first asked for.
    pub at: Timestamp,
    /// Who asked: staff, with the reason, or a reader who withdrew from the contract. [`Actor::Processor`] if nobody has asked here, and money
    /// was refunded at the processor alone; the amount of this attempt is then zero.
    pub actor: Actor,
    /// How often a refund of the payment was refused or made before.
    pub attempt: u32,
    /// What became of it.
    pub status: RefundStatus,
    /// When the processor said that the money did not go back, though it had accepted the refund. This attempt
    /// is then never settled.
    pub failed: Option<Timestamp>,
}

/// What became of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// The processor is asked until it answers.
    Asked,
    /// The processor has accepted it.
    Settled,
    /// The processor has refused it, for this reason. Nothing was refunded; staff decide again.
    Refused(String),
    /// The processor had refused it, and staff have kept the payment. It is known so that what is asked for
    /// later is another attempt.
    GivenUp,
}

impl Refund {
    /// Returns `true` if the processor has accepted it.
    pub fn is_settled(&self) -> bool {
        self.status == RefundStatus::Settled
    }

    /// Returns `true` if it was asked for here, now or before.
    pub fn is_own(&self) -> bool {
        self.actor != Actor::Processor
    }

    /// Returns how much of the payment was refunded so far.
    pub fn refunded(&self) -> Money {
        let all = self.elsewhere.minor().saturating_add(self.refunded_here().minor());
        Money::of(all, self.amount.currency())
    }

    /// Returns how much of the payment was refunded so far because it was asked for here.
    pub fn refunded_here(&self) -> Money {
        let now = if self.is_settled() { self.amount.minor() } else { 0 };
        Money::of(self.before.minor().saturating_add(now), self.amount.currency())
    }

    /// Returns how much of a payment was refunded so far, with its refund if there is one.
    pub fn refunded_of(paid: Money, refund: Option<&Self>) -> Money {
        refund.map_or_else(|| Money::zero(paid.currency()), Self::refunded)
    }

    /// Returns how much of a payment is left to be refunded, with its refund if there is one.
    pub fn left_of(paid: Money, refund: Option<&Self>) -> Money {
        let refunded = Self::refunded_of(paid, refund).minor();
        Money::of(paid.minor().saturating_sub(refunded), paid.currency())
    }
}
