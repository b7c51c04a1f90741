//! Accounts and their sessions.

use jiff::{SignedDuration, Timestamp};

use crate::{Digest, EmailAddress};

/// The number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u32);

/// A registered reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The number of the account.
    pub id: AccountId,
    /// The reader's address. Unique among accounts.
    pub email: EmailAddress,
    /// The name by which the reader wants to be addressed. May be empty.
    pub name: String,
    /// When the account was created.
    pub registered: Timestamp,
    /// Whether the address has had a trial or subscription under an account before this one.
    pub had_subscription: bool,
}

/// A device on which an account is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The digest of the secret in the session cookie.
    pub key: Digest,
    /// The account that is signed in.
    pub account: AccountId,
    /// A description of the device that its owner recognizes.
    pub device: String,
    /// When the session was started.
    pub begun: Timestamp,
    /// When the device was last seen, to about a day.
    pub seen: Timestamp,
}

impl Session {
    /// How long a device stays signed in after its last request.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
    /// How outdated [`Session::seen`] may be.
    pub const SEEN_RESOLUTION: SignedDuration = SignedDuration::from_hours(24);

    /// Returns `true` if the session has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) >= Self::LIFETIME
    }
}
