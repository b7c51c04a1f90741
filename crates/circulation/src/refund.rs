//! Refunds. A refund is noted before the processor is asked, so that it is asked for again if the answer is
//! lost, and never made twice.

use jiff::Timestamp;

use crate::{AccountId, Money, PaymentNumber, StaffActor};

/// A refund of a payment or of a part of it; there is one for each payment at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The payment.
    pub payment: PaymentNumber,
    /// Whose payment it was; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// How much is refunded.
    pub amount: Money,
    /// When staff first asked for it.
    pub at: Timestamp,
    /// Who of the staff asked, and why.
    pub staff: StaffActor,
    /// How often the processor had refused a refund of the payment before.
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
    Withdrawn,
}

impl Refund {
    /// Returns `true` if the processor has accepted it.
    pub fn is_settled(&self) -> bool {
        self.status == RefundStatus::Settled
    }
}
