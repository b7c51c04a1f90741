//! Changing an account's email address, which both the old and the new address must confirm.

use jiff::{SignedDuration, Timestamp};

use crate::{AccountId, Digest, EmailAddress};

/// A requested change of address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressMove {
    /// The digest of the secret in the email to the old address.
    pub from_old: Digest,
    /// The digest of the secret in the email to the new address.
    pub from_new: Digest,
    /// The account.
    pub account: AccountId,
    /// The new address.
    pub email: EmailAddress,
    /// When it was requested.
    pub asked: Timestamp,
    /// Whether the old address has confirmed.
    pub old_agrees: bool,
    /// Whether the new address has confirmed.
    pub new_agrees: bool,
}

impl AddressMove {
    /// How long both addresses have to confirm.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

    /// Returns `true` if the request has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked) >= Self::LIFETIME
    }

    /// Returns `true` if both addresses have confirmed.
    pub fn is_agreed(&self) -> bool {
        self.old_agrees && self.new_agrees
    }
}
