//! What was collected for a subscription and is still the publication's: a change of plan credits no more than that.

use crate::{Dispute, Money, Payment, PaymentStatus, Refund, RefundStatus, SubscriptionId};

/// A payment that was applied to a subscription, with what goes back of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectedPayment {
    /// How much was collected.
    pub amount: Money,
    /// How much of it was refunded, or is about to be, or was taken back by a bank.
    pub refunded: Money,
    /// How much of the rest a bank asks about: it is not credited until the bank has decided.
    pub inquired: Money,
}

impl CollectedPayment {
    /// A payment with its refund, if there is one, and the disputes about it, which may be about other payments as well. A refund that
    /// its processor has refused, or that has failed, takes nothing, nor does a dispute that was won.
    pub fn new(payment: &Payment, refund: Option<&Refund>, disputes: &[Dispute]) -> Self {
        let refunded = refund.map_or(0, |refund| match refund.status {
            RefundStatus::Asked => refund.refunded().minor().saturating_add(refund.amount.minor()),
            RefundStatus::Settled | RefundStatus::Refused(_) | RefundStatus::GivenUp => {
                refund.refunded().minor()
            }
        });
        let (amount, currency) = (payment.amount.minor(), payment.amount.currency());
        let with = |disputed: Money| refunded.saturating_add(disputed.minor()).min(amount);
        let taken = with(Dispute::taken_of(payment, disputes));
        let withheld = with(Dispute::withheld_of(payment, disputes));
        Self {
            amount: payment.amount,
            refunded: Money::of(taken, currency),
            inquired: Money::of(withheld.saturating_sub(taken), currency),
        }
    }

    /// The same without what a bank asks about and has not taken.
    pub(crate) fn without_inquiries(self) -> Self {
        Self { inquired: Money::zero(self.amount.currency()), ..self }
    }

    /// How much of it is not credited, in minor units.
    fn withheld(&self) -> u64 {
        self.refunded.minor().saturating_add(self.inquired.minor())
    }

    /// The payments that were applied to a subscription, the latest first, of all payments, refunds and disputes of its reader.
    pub fn of(
        subscription: SubscriptionId,
        payments: &[Payment],
        refunds: &[Refund],
        disputes: &[Dispute],
    ) -> Vec<Self> {
        let is_applied = |payment: &&Payment| {
            payment.subscription == Some(subscription) && payment.status == PaymentStatus::Applied
        };
        let mut applied: Vec<&Payment> = payments.iter().filter(is_applied).collect();
        applied.sort_by_key(|payment| std::cmp::Reverse(payment.number));
        let refund_of =
            |payment: &Payment| refunds.iter().find(|refund| refund.payment == payment.number);
        let collected = |payment| Self::new(payment, refund_of(payment), disputes);
        applied.into_iter().map(collected).collect()
    }
}

/// The sum of what was refunded, or is about to be, or is disputed, in minor units.
pub(crate) fn refunded(collected: &[CollectedPayment]) -> u64 {
    let sum = |sum: u64, payment: &CollectedPayment| sum.saturating_add(payment.withheld());
    collected.iter().fold(0, sum)
}

/// Returns how much of `value` is left when what was refunded of it is taken off. `value` is the unused part of what was paid: the
/// earliest payment is used first, so the latest of `collected` have paid for it, and a refund gives back the unused part first.
/// `deducted` was refunded before the value was last worked out, and is not taken off again.
///
/// What no payment is stored for was paid before Masthead kept the books; nothing was refunded of that.
pub(crate) fn without_refunds(value: u64, collected: &[CollectedPayment], deducted: u64) -> u64 {
    let (mut left, mut kept, mut taken) = (value, 0_u64, 0_u64);
    for payment in collected {
        if left == 0 {
            break;
        }
        let (amount, refunded) = (payment.amount.minor(), payment.withheld());
        let part = amount.min(left);
        left -= part;
        taken = taken.saturating_add(part.min(refunded));
        kept = kept.saturating_add(amount.saturating_sub(refunded));
    }
    let since = refunded(collected).saturating_sub(deducted);
    value.saturating_sub(taken.min(since)).min(kept.saturating_add(left))
}
