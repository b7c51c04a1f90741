//! Another address for an account, which takes effect when both ends have agreed.

use jiff::{SignedDuration, Timestamp};

use crate::{AccountId, Digest, EmailAddress};

/// An account is to have another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressMove {
    /// What the secret in the letter to the old address digests to.
    pub from_old: Digest,
    /// What the secret in the letter to the new address digests to.
    pub from_new: Digest,
    /// Whose address.
    pub account: AccountId,
    /// The new address.
    pub email: EmailAddress,
    /// When it was asked for.
    pub asked: Timestamp,
    /// Whether the old end has agreed.
    pub old_agrees: bool,
    /// Whether the new end has agreed.
    pub new_agrees: bool,
}

impl AddressMove {
    /// How long both ends have.
    pub const LASTS: SignedDuration = SignedDuration::from_hours(24);

    /// Whether the time is up.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked) >= Self::LASTS
    }

    /// Whether both ends have agreed.
    pub fn is_agreed(&self) -> bool {
        self.old_agrees && self.new_agrees
    }
}
