//! Sign-in by passkey, by an account at an OpenID Connect provider, or with the code of an authenticator app besides.
//!
//! Nothing is stored here. What must outlast a request, such as a challenge, is returned as text,
//! which the caller stores for a short time and uses once.

#![warn(missing_docs)]

pub mod openid;
pub mod passkeys;
pub mod totp;

pub use openid::Openid;
pub use passkeys::Passkeys;
