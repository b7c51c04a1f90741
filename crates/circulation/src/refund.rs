//! Money that is paid back. It is noted before the processor is asked, so that whatever is lost it is asked for again and
//! never twice.

use jiff::Timestamp;

use crate::{AccountId, Money, StaffActor};

/// What is paid back of a payment; there is one for each at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The number of the payment.
    pub payment: u32,
    /// Whose it was; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// How much.
    pub amount: Money,
    /// When it was asked for.
    pub at: Timestamp,
    /// Who of the publication's own people asked, and why.
    pub helper: StaffActor,
    /// Whether the processor has taken it.
    pub settled: bool,
}
