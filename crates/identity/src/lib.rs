//! Sign-in by passkey or by an account at an OpenID Connect provider.
//!
//! Nothing is stored here. What must outlast a request, such as a challenge, is returned as text,
//! which the caller stores for a short time and uses once.

#![warn(missing_docs)]

pub mod openid;
pub mod passkeys;

pub use openid::Openid;
pub use passkeys::Passkeys;
