//! Passkeys, with which readers sign in without email.

use jiff::{SignedDuration, Timestamp};

use crate::AccountId;

/// How long a device or identity provider has to answer a challenge.
pub const CHALLENGE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// The maximum number of passkeys per account.
pub const MAX: u64 = 20;

/// A passkey of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The credential id.
    pub id: String,
    /// The account that it signs in to.
    pub account: AccountId,
    /// A description of the device on which it was created, which its owner recognizes.
    pub device: String,
    /// The public key, in the serialization of `masthead-identity`.
    pub public: String,
    /// When it was registered.
    pub added: Timestamp,
    /// When it was last used to sign in.
    pub used: Option<Timestamp>,
    /// The host that it was made for, the relying party of WebAuthn; `None` if it was made before that was recorded.
    pub relying_party: Option<String>,
}

impl Passkey {
    /// Returns `true` if the passkey signs in at the site of this relying party.
    pub fn works_for(&self, relying_party: &str) -> bool {
        self.relying_party.as_deref().is_none_or(|own| own == relying_party)
    }
}
