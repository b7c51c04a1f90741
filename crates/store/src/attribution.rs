//! Who wrote something at the desk.

use jiff::Timestamp;
use masthead_circulation::AccountId;

/// Who wrote something at the desk, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The account of the member of staff.
    pub by: AccountId,
    /// When they did.
    pub at: Timestamp,
}
