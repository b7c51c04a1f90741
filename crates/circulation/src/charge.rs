//! Charges: the answers of processors.

use crate::AccountId;

/// The answer to an order, as the log of charges keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The idempotency key of the order.
    pub key: String,
    /// Who was to pay; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// The processor's reference: a mandate, or the name of a card of the sandbox.
    pub reference: String,
    /// Whether the money was collected.
    pub paid: bool,
}

impl Charge {
    /// Returns whether the order was answered and not paid.
    pub fn refused(&self) -> bool {
        !self.paid
    }
}
