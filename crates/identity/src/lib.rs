//! Who somebody is, by other means than a letter: a passkey on their device, or an account elsewhere.
//!
//! Nothing is kept here. What must outlast a request, such as a challenge, is handed out as text for the
//! caller to keep, once and for a short time.

#![warn(missing_docs)]

pub mod openid;
pub mod passkeys;

pub use openid::Openid;
pub use passkeys::Passkeys;
