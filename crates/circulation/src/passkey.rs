//! A passkey: a key on a reader's own device with which they sign in.

use jiff::{SignedDuration, Timestamp};

use crate::AccountId;

/// How long a device, or a provider elsewhere, has to answer a challenge.
pub const ANSWERED_IN: SignedDuration = SignedDuration::from_mins(10);
/// As many as an account may have.
pub const MOST: usize = 20;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its name on the device.
    pub id: String,
    /// Whose it is.
    pub account: AccountId,
    /// Where it was made, as its reader would know it again.
    pub device: String,
    /// Its public half, as whoever checks it keeps it.
    pub public: String,
    /// When it was made.
    pub added: Timestamp,
    /// When somebody last signed in with it.
    pub used: Option<Timestamp>,
}
