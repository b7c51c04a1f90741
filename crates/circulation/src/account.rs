//! An account, and the devices on which it is signed in.

use jiff::{SignedDuration, Timestamp};

use crate::{Digest, EmailAddress};

/// The number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u32);

/// A reader who has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Where mail reaches the reader; no two accounts share one.
    pub email: EmailAddress,
    /// How the reader wants to be called; may be empty.
    pub name: String,
    /// When they registered.
    pub registered: Timestamp,
}

/// A device on which an account is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What its cookie's secret digests to.
    pub key: Digest,
    /// Whose it is.
    pub account: AccountId,
    /// The device, as its reader would know it again.
    pub device: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// When the device was last here, to about a day.
    pub seen: Timestamp,
}

impl Session {
    /// How long a device stays signed in after its last visit.
    pub const LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);
    /// How old the note of the last visit may become.
    pub const SEEN_EVERY: SignedDuration = SignedDuration::from_hours(24);

    /// Whether it has run out.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) >= Self::LASTS
    }
}
